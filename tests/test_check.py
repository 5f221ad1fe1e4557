"""What `check` finds wrong with documents, where it says so, and what a configuration makes of it."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from contextlib import chdir
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tallystick.check.run import RULES, Outcome, check, check_rule_ids
from tallystick.config import Configuration, Override, files_at
from tallystick.contracts.read import read_contract
from tallystick.documents import text
from tallystick.nouns.errors import Exit, TallystickError, UsageError
from tallystick.nouns.violation import Rule, Severity, Violation
from tallystick.rules.contract.document import DOCUMENT_RULES, judge_document

HERE = Path(__file__).parent
OPENAPI = HERE.parent / "openapi"
DOCUMENTS = HERE / "documents"
NAMES = sorted(str(file.relative_to(DOCUMENTS)) for file in files_at(str(DOCUMENTS)))
CORPUS = Path(os.environ.get("TALLYSTICK_CORPUS", HERE.parent.parent / "shared" / "corpus"))

NOT_IN_A_DOCUMENT = {
    "unreadable-document": "there is no document then; the broken files below have it",
    "unreadable-part": "what another rule says of the same part is not told twice; this one is for what none foresees",
}
"""Rules that no document in the folder can break, with the reason."""

CONTRACT = """\
openapi: 3.1.0
info: {title: Days, version: 2024-01-01}
paths:
  /day:
    get:
      operationId: getDay
      responses:
        '200':
          description: A day
          content:
            application/json:
              schema: {type: string, format: date}
              example: 2024-01-01
"""
"""A contract without a fault, whose dates are unquoted: they are strings."""


def changed(*changes: tuple[str, str]) -> str:
    """The sound contract with texts replaced by others, each of which has to be there."""
    result = CONTRACT
    for old, new in changes:
        assert old in result, old
        result = result.replace(old, new)
    return result


def checked(*paths: Path | str, configuration: Configuration | None = None) -> Outcome:
    """The outcome of a check of some paths, with no configuration but the one given."""
    return check([str(path) for path in paths], configuration or Configuration())


def lines(outcome: Outcome) -> list[str]:
    """The violations of an outcome as a report has them, the folders of their files left out."""
    return [
        f"{re.sub(r'.*/', '', str(violation.contract))}: {violation.rule}: {violation.message}"
        for violation in outcome.violations
    ]


def marks(name: str) -> Iterator[tuple[str, int, str]]:
    """What the comments of a document say is wrong with it: file, line, and rule with message."""
    for number, line in enumerate((DOCUMENTS / name).read_text(encoding="utf-8").splitlines(), 1):
        for mark in line.split("#! ")[1:]:
            yield name, number, mark.strip()


@cache
def judged(name: str) -> list[Violation]:
    """The violations of one of the documents in the folder, whose paths begin there."""
    with chdir(DOCUMENTS):
        return judge_document(read_contract(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_document_has_the_violations_that_its_comments_say(name: str) -> None:
    """Each violation is found at its line with its words, and nothing else is."""
    violations = judged(name)
    found = {(one.contract.file, one.contract.line, f"{one.rule}: {one.message}") for one in violations}
    files = {name, *(one.contract.file for one in violations)}
    assert found == {mark for file in files for mark in marks(file)}
    assert len(found) == len(violations)


@pytest.mark.parametrize("rule", DOCUMENT_RULES, ids=lambda rule: rule.id)
def test_each_rule_is_broken_by_some_document_and_kept_by_another(rule: Rule) -> None:
    """Some document breaks the rule, with the severity of the table, unless there is a reason why none can."""
    fired = [{one.severity for one in judged(name) if one.rule == rule.id} for name in NAMES]
    severities = {severity for one in fired for severity in one}
    assert severities == (set() if rule.id in NOT_IN_A_DOCUMENT else {rule.severity})
    assert not all(fired)


def test_every_rule_has_an_id_of_its_own_and_a_sentence() -> None:
    """Ids are kebab-case and unique, sentences end in a full stop, and every check can be called."""
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", name) for name in ids)
    assert all(rule.sentence[0].isupper() and rule.sentence.endswith(".") for rule in RULES)
    assert {rule.scope for rule in DOCUMENT_RULES} == {"contract"}
    assert set(NOT_IN_A_DOCUMENT) <= set(ids)


def test_our_own_contracts_have_no_violation() -> None:
    """The documented endpoints' contracts are clean, warnings included."""
    outcome = checked(OPENAPI)
    assert lines(outcome) == []
    assert (len(outcome.contracts), sum(len(contract.operations) for contract in outcome.contracts)) == (4, 5)
    assert outcome.code(strict=True) is Exit.CLEAN


def test_an_unquoted_date_is_a_string(tmp_path: Path) -> None:
    """As a version and as a date it is right."""
    file = tmp_path / "days.yaml"
    file.write_text(CONTRACT)
    outcome = checked(file)
    assert lines(outcome) == []
    assert outcome.code() is Exit.CLEAN


SECOND = "paths:\n  /other:\n    get: {operationId: getDay, responses: {'200': {description: Another}}}\n"
BROKEN = {
    "an unquoted date where a time is wanted": (
        changed(("format: date", "format: date-time")),
        'x.yaml:13: example-not-valid: the example: "2024-01-01" is not of the format date-time (schema: line 12)',
    ),
    "a duplicate key": (
        changed(("paths:", "info: {}\npaths:")),
        "x.yaml:3: unreadable-document: duplicate key 'info'; a key may stand only once in an object",
    ),
    "a reference that leads nowhere": (
        changed(("{type: string, format: date}", "{$ref: '#/components/schemas/Day'}")),
        "x.yaml:12: reference-unresolvable: the reference #/components/schemas/Day leads nowhere; "
        "there is no '/components/schemas/Day' in FILE",
    ),
    "a reference to a file that is not there": (
        changed(("{type: string, format: date}", "{$ref: 'day.yaml#/Day'}")),
        "x.yaml:12: reference-unresolvable: the reference day.yaml#/Day cannot be read: "
        "FOLDER/day.yaml: there is no such file",
    ),
    "an example that does not fit": (
        changed(("example: 2024-01-01", "example: 5")),
        "x.yaml:13: example-not-valid: the example: 5 is an integer; expected a string (schema: line 12)",
    ),
    "two equal operation ids": (
        changed(("paths:\n", SECOND)),
        "x.yaml:8: operation-id-not-unique: the operationId 'getDay' is not unique; GET /other has it too (FILE:5)",
    ),
    "a tab": (
        changed(("      operationId", "\toperationId")),
        "x.yaml:6: unreadable-document: not YAML: while scanning for the next token, "
        "found character that cannot start any token; YAML is indented with spaces, not tabs",
    ),
    "nothing": ("", "x.yaml: unreadable-document: the file is empty; an OpenAPI document was expected"),
    "a keyword of 3.0 in 3.1": (
        changed(("format: date}", "nullable: true}")),
        "x.yaml:12: keyword-of-other-version: OpenAPI 3.1 has no `nullable` in a schema; "
        "write the type as a list with null in it: [string, 'null']",
    ),
    "a keyword of 3.1 in 3.0": (
        changed(("openapi: 3.1.0", "openapi: 3.0.4"), ("type: string", "type: [string]")),
        "x.yaml:12: keyword-of-other-version: in OpenAPI 3.0 `type` is one type, and not null; "
        "write one, with `nullable: true` if null is meant",
    ),
    "only comments": (
        "# nothing\n\n",
        "x.yaml: unreadable-document: the file is empty; an OpenAPI document was expected",
    ),
    "no OpenAPI document": (
        "name: something\n",
        "x.yaml:1: unreadable-document: not an OpenAPI document: there is no `openapi` (or `swagger`) field; "
        "known versions: 2.0, 3.0, 3.1, 3.2",
    ),
    "a text": (
        "Once upon a time\n",
        "x.yaml:1: unreadable-document: not an OpenAPI document: an object was expected at the top",
    ),
    "a version to come": (
        changed(("3.1.0", "4.0.0")),
        "x.yaml:1: unreadable-document: the OpenAPI version '4.0.0' is not known; known versions: 2.0, 3.0, 3.1, 3.2",
    ),
    "a version that is a number": (
        changed(("3.1.0", "3.1")),
        "x.yaml:1: field-invalid: `openapi`: 3.1 is no version; expected a string such as '3.1.1'",
    ),
    "a second YAML document": (
        f"{CONTRACT}---\n",
        "x.yaml:14: unreadable-document: a second YAML document starts here; one document a file is read",
    ),
    "bytes": (b"openapi: \xff\n", "x.yaml:1: unreadable-document: not text in UTF-8: byte 0xff at offset 9"),
    "a control character": (
        changed(("Days", "Da\x07ys")),
        "x.yaml:2: unreadable-document: not YAML: the character U+0007 is not allowed",
    ),
    "an alias bomb": (
        "openapi: 3.1.0\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join(10 * [f'*{a}'])}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "x.yaml:9: unreadable-document: the aliases expand to more than 20,000,000 nodes; refused",
    ),
    "a depth without end": (
        f"openapi: 3.1.0\nx-deep: {'[' * 200}{']' * 200}\n",
        "x.yaml: unreadable-document: nested more than 100 levels deep; refused",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_has_one_clear_line(name: str, tmp_path: Path) -> None:
    """The line says where and what, and a contract that cannot be read has an exit code of its own."""
    written, expected = BROKEN[name]
    file = tmp_path / "x.yaml"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    outcome = checked(file)
    assert lines(outcome) == [expected.replace("FILE", str(file)).replace("FOLDER", str(tmp_path))]
    assert outcome.code() is (Exit.UNREACHABLE if "unreadable-document" in expected else Exit.VIOLATIONS)


BROKEN_JSON = {
    "a trailing comma": (
        '{"openapi": "3.1.0",\n "info": {},\n}',
        "x.json:3: unreadable-document: not JSON: Expecting property name enclosed in double quotes (column 1)",
    ),
    "a duplicate key": (
        '{"openapi": "3.1.0",\n "info": {},\n "info": {}}',
        "x.json:3: unreadable-document: duplicate key 'info'; a key may stand only once in an object",
    ),
    "a number that is none": (
        '{"openapi": "3.1.0",\n "info": NaN}',
        "x.json:2: unreadable-document: not JSON: NaN is not a JSON value",
    ),
    "a depth without end": (
        f'{{"openapi": "3.1.0", "x-deep": {"[" * 5000}{"]" * 5000}}}',
        "x.json: unreadable-document: nested more than 100 levels deep; refused",
    ),
}


@pytest.mark.parametrize("name", BROKEN_JSON)
def test_broken_json_has_one_clear_line(name: str, tmp_path: Path) -> None:
    """What is no JSON is said to be none, at its line."""
    written, expected = BROKEN_JSON[name]
    file = tmp_path / "x.json"
    file.write_text(written)
    assert lines(checked(file)) == [expected]


def test_a_folder_without_contracts_says_so(tmp_path: Path) -> None:
    """A folder is searched, and one in which there is nothing to read is an error."""
    (tmp_path / "notes.yaml").write_text("openapi is mentioned here: nothing more\nx:\n  openapi: 3.1.0\n")
    (tmp_path / "package.json").write_text('{"scripts": {"openapi": "3.1.0"}}')
    outcome = checked(tmp_path)
    expected = "no contract in this folder: no .yaml, .yml or .json file here has `openapi` (or `swagger`) at its top"
    assert [one.message for one in outcome.violations] == [expected]
    assert outcome.code() is Exit.UNREACHABLE


def test_a_folder_is_read_all_the_way_down(tmp_path: Path) -> None:
    """Files that have the field at their top are read, the parts that they refer to only through them."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "a" / "b" / "one.yaml").write_text(CONTRACT)
    (tmp_path / "two.yml").write_text(f"# a comment\n---\n{CONTRACT}")
    (tmp_path / "three.json").write_text(json.dumps(text.parse(CONTRACT, "")))
    (tmp_path / "flow.yaml").write_text("{openapi: 3.1.0, info: {title: a, version: '1'}, paths: {}}")
    (tmp_path / "part.yaml").write_text("type: string\n")
    (tmp_path / "notes.md").write_text("openapi: 3.1.0\n")
    (tmp_path / ".hidden" / "four.yaml").write_text(CONTRACT)
    found = [str(file.relative_to(tmp_path)) for file in files_at(str(tmp_path))]
    assert found == ["a/b/one.yaml", "flow.yaml", "three.json", "two.yml"]


def test_a_glob_names_files_and_nothing_that_matches_is_an_error(tmp_path: Path) -> None:
    """Of the files that match, the contracts are read."""
    (tmp_path / "one.yaml").write_text(CONTRACT)
    (tmp_path / "part.yaml").write_text("type: string\n")
    assert [contract.name for contract in checked(f"{tmp_path}/*.yaml").contracts] == ["one"]
    assert [one.message for one in checked(f"{tmp_path}/*.json").violations] == ["no file matches"]
    expected = "no file that matches has `openapi` (or `swagger`) at its top"
    assert [one.message for one in checked(f"{tmp_path}/p*.yaml").violations] == [expected]


def test_what_cannot_be_read_does_not_hide_the_rest(tmp_path: Path) -> None:
    """The others are judged, a file that is named twice once, and the exit code says that something was not read."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(CONTRACT)
    bad.write_text(changed(("example: 2024-01-01", "example: 5")))
    outcome = checked(tmp_path / "none.yaml", good, tmp_path)
    assert [contract.name for contract in outcome.contracts] == ["good", "bad"]
    assert lines(outcome) == [
        "bad.yaml:13: example-not-valid: the example: 5 is an integer; expected a string (schema: line 12)",
        "none.yaml: unreadable-document: there is no such file",
    ]
    assert outcome.code() is Exit.UNREACHABLE


@pytest.mark.skipif(os.geteuid() == 0, reason="everything may be read as root")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    """The operating system's reason is told."""
    file = tmp_path / "x.yaml"
    file.write_text(CONTRACT)
    file.chmod(0)
    assert lines(checked(file)) == ["x.yaml: unreadable-document: cannot be read: Permission denied"]


def test_a_reference_out_of_the_folder_is_followed_where_it_is_allowed(tmp_path: Path) -> None:
    """What leaves the contract's folder is a warning until the user allows it, by flag or by configuration."""
    (tmp_path / "api").mkdir()
    (tmp_path / "day.yaml").write_text("type: strin\n")
    file = tmp_path / "api" / "x.yaml"
    file.write_text(changed(("{type: string, format: date}", "{$ref: ../day.yaml}")))
    outcome = checked(file)
    assert [(one.rule, one.severity) for one in outcome.violations] == [("reference-not-followed", Severity.WARNING)]
    assert f"allow it with --allow-ref {tmp_path}" in outcome.violations[0].message
    assert (outcome.code(), outcome.code(strict=True)) == (Exit.CLEAN, Exit.VIOLATIONS)
    for allowed in (
        check([str(file)], Configuration(), [str(tmp_path)]),
        checked(file, configuration=Configuration(allow_refs=(str(tmp_path),))),
    ):
        assert [str(one.contract) for one in allowed.violations] == [f"{tmp_path}/day.yaml:1"]


def test_the_configuration_grades_rules(tmp_path: Path) -> None:
    """A rule may be switched off or graded otherwise, everywhere or in some files, and the last override decides."""
    (tmp_path / "old").mkdir()
    for file in (tmp_path / "new.yaml", tmp_path / "old" / "a.yaml", tmp_path / "old" / "b.yaml"):
        file.write_text(changed(("      operationId: getDay\n", "")))
    overrides = (
        Override(("old/*.yaml",), {"operation-id-missing": "off"}),
        Override(("old/b.yaml",), {"operation-id-missing": "warning"}),
    )
    configuration = Configuration(tmp_path, rules={"operation-id-missing": "error"}, overrides=overrides)
    outcome = checked(tmp_path, configuration=configuration)
    assert [(Path(one.contract.file).name, one.severity) for one in outcome.violations] == [
        ("new.yaml", Severity.ERROR),
        ("b.yaml", Severity.WARNING),
    ]
    assert outcome.code() is Exit.VIOLATIONS


def test_a_rule_that_there_is_not_is_named(tmp_path: Path) -> None:
    """A misspelt rule in the configuration is an error that names the nearest one."""
    configuration = Configuration(tmp_path, tmp_path / "tallystick.toml", rules={"operation-id-mising": "off"})
    with pytest.raises(UsageError, match=r"unknown rule 'operation-id-mising'; did you mean 'operation-id-missing'\?"):
        check_rule_ids(configuration)


def test_what_cannot_be_read_cannot_be_graded(tmp_path: Path) -> None:
    """A document that nobody can read is not a matter of taste."""
    configuration = Configuration(tmp_path, tmp_path / "tallystick.toml", rules={"unreadable-document": "off"})
    with pytest.raises(UsageError, match="unreadable-document cannot be graded"):
        check_rule_ids(configuration)


def test_no_contract_at_all_is_a_usage_error(tmp_path: Path) -> None:
    """Without a path, a configuration and the folder openapi/, the message says what would have worked."""
    with pytest.raises(UsageError, match="give a PATH, put contracts into openapi/, or name them"):
        check([], Configuration(tmp_path))


def test_two_places_of_one_alias_are_one_fault(tmp_path: Path) -> None:
    """What YAML repeats by an alias is told once, where it is written."""
    file = tmp_path / "x.yaml"
    file.write_text(
        changed(
            ("      responses:", "      responses: &responses"),
            ("example: 2024-01-01", "example: 5"),
            ("paths:\n", "paths:\n"),
        )
        + "    put: {operationId: putDay, responses: *responses}\n"
    )
    assert [one.contract.line for one in checked(file).violations] == [13]


JUNK = [None, True, 7, -1, 1.5, "", "x", "#/nowhere", [], ["x"], {}, {"$ref": "#/components/schemas/None"}, [1, 1]]
KEYWORDS = [
    "nullable",
    "default",
    "required",
    "pattern",
    "minimum",
    "enum",
    "exclusiveMinimum",
    "type",
    "const",
    "allOf",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def mutated(document: Any, source: random.Random) -> Any:
    """The document with one part deleted, replaced, renamed, repeated or put in the place of another."""
    document = deepcopy(document)
    paths = [path for path in places(document) if path and not {"example", "examples"} & set(path)]
    *way, key = source.choice(paths)
    parent = document
    for step in way:
        parent = parent[step]
    match source.choice(("delete", "replace", "replace", "rename", "repeat", "copy")):
        case "delete":
            del parent[key]
        case "rename" if isinstance(parent, dict):
            parent[source.choice([f"{key}x", f"x-{key}", *KEYWORDS])] = parent.pop(key)
        case "repeat" if isinstance(parent, list):
            parent.append(deepcopy(parent[key]))
        case "copy":
            other = document
            for step in source.choice(paths):
                other = other[step]
            parent[key] = deepcopy(other)
        case _:
            parent[key] = deepcopy(source.choice(JUNK))
    return document


MISTAKEN = ("map-of-strings", "is not a 'regex'")
"""What openapi-spec-validator says of sound documents: it takes the value of a link's parameter for a string only, and
patterns for those of Python."""


def rejected(document: Any) -> list[str]:
    """What openapi-spec-validator says against a document; nothing where it cannot tell, because it breaks down."""
    from openapi_spec_validator.shortcuts import get_validator_cls

    try:
        found = [str(error.message) for error in get_validator_cls(document)(document).iter_errors()]
    except Exception:  # whatever breaks it down is no verdict
        return []
    return [said for said in found if not any(mistaken in said for mistaken in MISTAKEN)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("seed", range(6))
def test_what_openapi_spec_validator_rejects_is_rejected(seed: int, tmp_path: Path) -> None:
    """Of documents with one or two random faults, none that it rejects is found to be without an error."""
    source = random.Random(seed)
    names = [*sorted(OPENAPI.glob("*.yaml")), *(DOCUMENTS / f"sound-{version}.yaml" for version in ("3.0", "3.1"))]
    sound = [text.parse(file.read_text(encoding="utf-8"), str(file)) for file in names]
    file = tmp_path / "mutant.json"
    verdicts = 0
    for _ in range(60):
        document = mutated(source.choice(sound), source)
        if source.random() < 0.3:
            document = mutated(document, source)
        said = rejected(document)
        if not said:
            continue
        verdicts += 1
        file.write_text(json.dumps(document))
        try:
            found = [one for one in judge_document(read_contract(file)) if one.severity is Severity.ERROR]
        except TallystickError:
            continue
        assert found, f"{said[0]}\n{json.dumps(document, indent=1)}"
    assert verdicts > 15


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real documents is not here")
def test_real_documents_are_judged_as_openapi_spec_validator_judges_them() -> None:
    """Every document of the corpus is judged, and none that the other rejects is found to be without an error."""
    rows = (CORPUS / "INDEX.tsv").read_text(encoding="utf-8").splitlines()[1:]
    less: list[str] = []
    for row in rows:
        file = CORPUS / row.split("\t")[0]
        contract = read_contract(file)
        errors = [one for one in judge_document(contract) if one.severity is Severity.ERROR]
        if not errors and file.stat().st_size < 1_000_000:
            less += [f"{file.name}: {said}" for said in rejected(contract.value)[:1]]
    assert less == []
