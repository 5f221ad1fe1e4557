"""One cause, one finding: findings that say the same of several operations, and those that follow from another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence

from tallystick.fuzz.findings import Finding
from tallystick.fuzz.rules import (
    ALLOW_HEADER_CONFORMANCE,
    IGNORED_AUTH,
    NEGATIVE_DATA_REJECTION,
    NO_RESPONSE,
    NOT_A_SERVER_ERROR,
    POSITIVE_DATA_ACCEPTANCE,
    STATUS_RULES,
    UNSUPPORTED_METHOD,
)
from tallystick.nouns.json_pointer import to_keys
from tallystick.nouns.violation import Severity
from tallystick.rules.exchange.body import BODY_MEDIA_TYPE, RESPONSE_BODY_SCHEMA
from tallystick.rules.sequence.folding import CAUSES
from tallystick.rules.sequence.links import NEXT_PAGE_WRONG
from tallystick.rules.sequence.pages import PAGE_SIZE_IGNORED, PAGE_SKIPS_ROWS, PAGES_OVERLAP
from tallystick.rules.sequence.relations import RULES as SEQUENCE_RULES

_OF_SEQUENCES = frozenset(rule.id for rule in SEQUENCE_RULES)
_OF_PAGES = frozenset((PAGE_SIZE_IGNORED.id, PAGES_OVERLAP.id, PAGE_SKIPS_ROWS.id, NEXT_PAGE_WRONG.id))
"""Where a page is larger than was asked for, the next one repeats or skips rows, too, and so does the link to it."""
_OF_PATHS = frozenset((UNSUPPORTED_METHOD.id, ALLOW_HEADER_CONFORMANCE.id))
_LENIENT = frozenset(("type", "format", "additionalProperties", "unevaluatedProperties"))
"""Keywords that a server holds everywhere or nowhere: they are the work of its framework."""
_VALUES = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|-?\d+(?:\.\d+)?')


def folded(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, of those with one cause only the best evidence, which has the others; in the same order."""
    for finding in findings:
        finding.others = []
    for key in (_place, _kind, _trigger):
        findings = _joined(findings, key)
    return _without_consequences(findings)


def in_causes(findings: Sequence[Finding]) -> list[Finding]:
    """Findings in the same order; of the errors with one cause one, which has the others."""
    causes = set(map(id, folded([each for each in findings if each.severity is Severity.ERROR])))
    return [each for each in findings if id(each) in causes or each.severity is not Severity.ERROR]


def _joined(findings: Sequence[Finding], key: Callable[[Finding], Hashable]) -> list[Finding]:
    """The findings, those of one key as one; a finding whose key is None stays alone."""
    groups: dict[Hashable, list[Finding]] = defaultdict(list)
    for index, finding in enumerate(findings):
        cause = key(finding)
        groups[(index,) if cause is None else (key.__name__, cause)].append(finding)
    return [_one_of(group) for group in groups.values()]


def _one_of(group: Sequence[Finding]) -> Finding:
    """The finding with the best evidence, with the others of its group."""
    first = min(group, key=lambda finding: (finding.again is not True, finding.rank))
    for finding in group:
        if finding is not first:
            first.others += [finding, *finding.others]
            finding.others = []
    return first


def _place(finding: Finding) -> Hashable:
    """The rule and the place in the contract that is broken: the schema of a resource stands behind many operations."""
    place = finding.place
    if finding.rule in _OF_PATHS:
        return finding.rule, finding.detail
    if finding.rule == NOT_A_SERVER_ERROR.id:
        return (finding.rule, finding.defect.raised.site) if finding.defect.raised is not None else None
    if finding.rule in STATUS_RULES:
        return finding.rule, finding.detail
    if finding.rule in (POSITIVE_DATA_ACCEPTANCE.id, NO_RESPONSE.id):
        return None
    if finding.defect.broken_rule == BODY_MEDIA_TYPE.id:
        return finding.rule, BODY_MEDIA_TYPE.id  # who looks at no media type looks at none of any operation
    if finding.rule in (NEGATIVE_DATA_REJECTION.id, RESPONSE_BODY_SCHEMA.id):
        return finding.rule, place.file, _member(place.path)
    if finding.rule in _OF_SEQUENCES:
        return finding.rule, finding.subject
    if finding.rule == IGNORED_AUTH.id or len(place.path) > 3:
        return finding.rule, place.file, place.path
    return None


def _member(path: tuple[str, ...]) -> tuple[str, ...]:
    """The place of the schema in which a keyword stands."""
    return path[:-1] if path and path[-1] in _KEYWORDS else path


_KEYWORDS = frozenset(
    "type format pattern enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength"
    " minItems maxItems uniqueItems minProperties maxProperties".split()
)


def _kind(finding: Finding) -> Hashable:
    """What is wrong, where it is written in several places: a schema that is copied, a keyword that is not held."""
    path, where = finding.place.path, finding.message.partition(": ")[0]
    keyword = path[-1] if path else ""
    if finding.rule == NEGATIVE_DATA_REJECTION.id:
        if keyword not in _LENIENT:  # one check of a member, which the schemas of several operations describe
            return (finding.rule, _first_segment(finding), where, keyword) if "/" in where else None
        return finding.rule, keyword, _VALUES.sub("", finding.message.partition(": ")[2].partition("; yet")[0])
    if finding.rule in _OF_SEQUENCES or finding.rule in _OF_PATHS or len(path) <= 3:
        return None
    last = to_keys("/" + where)[-1:]
    said = _VALUES.sub("", finding.message)
    return (finding.rule, last, said, _owner(finding)) if where.startswith("body") else (finding.rule, said)


def _owner(finding: Finding) -> str:
    """Whose body it is: of all errors, or of what stands below the first segment of a path."""
    response = finding.steps[-1].response if finding.steps else None
    if response is not None and response.status >= 400:
        return str(response.status)
    return finding.subject.partition(" ")[2].split("/{")[0]


def _first_segment(finding: Finding) -> str:
    """The first segment of the path of an operation."""
    return finding.subject.partition(" ")[2].split("/")[1]


def _trigger(finding: Finding) -> Hashable:
    """What in a request leads to a server error, or to a refusal, where the same part of several requests does."""
    if finding.rule not in (NOT_A_SERVER_ERROR.id, POSITIVE_DATA_ACCEPTANCE.id) or not finding.steps:
        return None
    response = finding.steps[-1].response
    if finding.defect.raised is not None or response is None:
        return None
    return finding.rule, response.status, response.body if len(response.body) < 2000 else finding.subject


def _without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without those that follow from another one, which has them."""
    causes: list[Finding] = []
    for finding in sorted(findings, key=_order_of_causes):
        cause = next((cause for cause in causes if _follows(finding, cause)), None)
        if cause is None:
            causes.append(finding)
        else:
            cause.others += [finding, *finding.others]
            finding.others = []
    kept = set(map(id, causes))
    return [finding for finding in findings if id(finding) in kept]


def _order_of_causes(finding: Finding) -> int:
    """What may be the cause of others comes first."""
    order = (NO_RESPONSE.id, NOT_A_SERVER_ERROR.id)
    if finding.rule in order:
        return order.index(finding.rule)
    if finding.rule in (NEGATIVE_DATA_REJECTION.id, POSITIVE_DATA_ACCEPTANCE.id):
        return 2 if finding.rule == NEGATIVE_DATA_REJECTION.id else 4
    if finding.rule in _OF_SEQUENCES:
        return 6 if finding.rule == NEXT_PAGE_WRONG.id else 5 + _distance(finding.rule)
    return 3


def _distance(rule: str) -> int:
    """How many rules stand between a rule and what it may be a consequence of."""
    return 1 + max(map(_distance, CAUSES[rule])) if rule in CAUSES else 0


def _follows(finding: Finding, cause: Finding) -> bool:
    """Whether a finding follows from another one."""
    subjects = {finding.subject for finding in all_of([cause])}
    if cause.rule in CAUSES.get(finding.rule, ()) and finding.subject in subjects:
        return True
    if cause.rule == NOT_A_SERVER_ERROR.id:
        statuses = [step.response.status for step in finding.steps if step.response is not None]
        is_other = finding.rule != cause.rule
        return is_other and finding.subject in subjects and any(status >= 500 for status in statuses)
    if finding.rule == RESPONSE_BODY_SCHEMA.id and cause.rule == NEGATIVE_DATA_REJECTION.id:
        ends = {each.place.path[-2:] for each in all_of([cause])}  # what was wrongly accepted is shown
        return _first_segment(finding) == _first_segment(cause) and finding.place.path[-2:] in ends
    if finding.rule not in _OF_SEQUENCES or _collection(finding) != _collection(cause):
        return False
    if finding.rule in _OF_PAGES:
        return cause.rule in _OF_PAGES and finding.subject == cause.subject
    if cause.rule not in _OF_SEQUENCES:
        return bool((_members(finding) & _members(cause)) - {""})
    return cause.rule not in _OF_PAGES and not _members(finding).isdisjoint(_members(cause))


def _collection(finding: Finding) -> str:
    """The path of the collection that an operation is about."""
    path = finding.subject.partition(" ")[2]
    return path.rpartition("/{")[0] if path.endswith("}") else path


def _members(finding: Finding) -> set[str]:
    """The names of the members that a finding is about, "" for a whole resource."""
    names = set[str]()
    for each in all_of([finding]):
        where = each.message.partition(": ")[0]
        keys = [key for key in where.split("/")[1:] if not key.isdecimal()] if " " not in where else []
        names.add(keys[-1] if keys else "")
    return names


def all_of(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with all that were folded into them."""
    return [each for finding in findings for each in (finding, *finding.others)]
