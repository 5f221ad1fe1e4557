"""Contracts mended where a rule has one obvious mend: each mend is tried, and kept where it mends and harms nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from tallystick.check.mends import MENDS, Look
from tallystick.check.run import violations_of
from tallystick.config import Configuration
from tallystick.contracts.read import index
from tallystick.documents.edits import Edit, edited_text, edited_value
from tallystick.documents.library import Library
from tallystick.documents.rewriting import has_text, rewrite
from tallystick.documents.text import parse
from tallystick.nouns import progress
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreadableError
from tallystick.nouns.violation import Violation
from tallystick.nouns.words import counted

_MOST_ROUNDS = 4
"""How often a contract is judged again for what its mends have brought to light."""


@dataclass(slots=True)
class Mended:
    """What was mended: the texts by file, before and after, and how many violations of each rule are gone."""

    before: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    gone: Counter[str] = field(default_factory=Counter)

    def changes(self) -> Iterator[str]:
        """The lines of a unified diff."""
        for file, text in self.texts.items():
            old, new = (each.splitlines(keepends=True) for each in (self.before[file], text))
            for line in unified_diff(old, new, file, file):
                yield line.rstrip("\r\n")

    def sentences(self) -> Iterator[str]:
        """What was mended, a line for each file and one for all."""
        for file in self.texts:
            yield f"{file}: mended"
        rules = ", ".join(f"{rule} {count}" for rule, count in self.gone.most_common())
        yield f"{counted(self.gone.total(), 'violation')} mended{f': {rules}' if rules else ''}"


def write(result: Mended) -> None:
    """Write the mended files; raises `UnreadableError` for one that cannot be written."""
    for file, text in result.texts.items():
        rewrite(file, result.before[file], text)


def mended(judged: Sequence[tuple[Contract, Sequence[Violation]]], configuration: Configuration) -> Mended:
    """Mend the files of some contracts as far as is sure, and write nothing.

    A contract is judged again with its mends: those that bring a new violation are not made, nor are those whose edit
    of the text would change something else.
    """
    result, texts = Mended(), dict[str, str]()
    for contract, violations in judged:
        for document in contract.root.document.family:
            if document.file not in texts and has_text(document.file, document.source):
                texts[document.file] = result.before[document.file] = document.source
        _mend(contract, violations, configuration, texts, result.gone)
    result.texts = {file: text for file, text in texts.items() if text != result.before[file]}
    return result


def _mend(
    contract: Contract,
    violations: Sequence[Violation],
    configuration: Configuration,
    texts: dict[str, str],
    gone: Counter[str],
) -> None:
    """Mend one contract: in each round all rules at once, or rule by rule where that brings new violations."""
    passed: set[tuple[str, str, str]] = set()
    left = violations
    for _ in range(_MOST_ROUNDS):
        todo = [each for each in left if _can_mend(each, texts) and _key(each) not in passed]
        passed.update(map(_key, todo))
        rules = list(dict.fromkeys(each.rule for each in todo))
        for some in [rules, *([rule] for rule in rules if len(rules) > 1)]:
            tried = _edited(texts, [each for each in todo if each.rule in some])
            if tried == texts:
                continue
            after = _judged_again(contract, tried, configuration)
            counts, others = Counter(each.rule for each in left), Counter(each.rule for each in after)
            if any(others[rule] > counts[rule] for rule in others) or len(after) >= len(left):
                continue
            gone.update(counts - others)
            texts.update(tried)
            left = after
            if len(some) > 1:
                break
        if left is violations or not todo:
            return


def _can_mend(violation: Violation, texts: dict[str, str]) -> bool:
    return violation.rule in MENDS and violation.contract.file in texts


def _key(violation: Violation) -> tuple[str, str, str]:
    return violation.rule, violation.contract.file, violation.contract.pointer


def _judged_again(contract: Contract, texts: dict[str, str], configuration: Configuration) -> Sequence[Violation]:
    """The violations of a contract where some of its files have other texts."""
    progress.tell(f"mending {contract.file}")
    root = contract.root.document
    library = Library(Path(root.file).parent, configuration.allow_refs)
    for document in root.family:
        library.add(document.uri, document.file, texts.get(document.file, document.source))
    return violations_of(index(library.documents[root.uri].root, contract.name), configuration)


def _edited(texts: dict[str, str], violations: Sequence[Violation]) -> dict[str, str]:
    """The texts with the mends of some violations: as many as can be made."""
    result = dict(texts)
    for file in dict.fromkeys(each.contract.file for each in violations):
        look = Look(parse(result[file], file), result[file])
        groups: dict[str, list[Edit]] = {}
        for violation in violations:
            if violation.contract.file == file:
                edits = MENDS[violation.rule](violation.contract.path, look)
                groups[repr(edits)] = edits
        result[file] = _with_groups(result[file], [edits for edits in groups.values() if edits], file)
    return result


def _with_groups(text: str, groups: Sequence[Sequence[Edit]], file: str) -> str:
    """A text after the groups of edits that can be made in it: where not all can at once, each half by itself."""
    new = _tried(text, [edit for group in groups for edit in group], file)
    if new is not None or len(groups) < 2:
        return new or text
    half = len(groups) // 2
    return _with_groups(_with_groups(text, groups[:half], file), groups[half:], file)


def _tried(text: str, edits: Sequence[Edit], file: str) -> str | None:
    """A text after some edits, if it means just what they say."""
    new = edited_text(text, edits) if edits else None
    if new is None:
        return None
    try:
        return new if parse(new, file) == edited_value(parse(text, file), edits) else None
    except (UnreadableError, KeyError, IndexError, TypeError, ValueError):
        return None
