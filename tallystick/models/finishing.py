"""Finishes the code of the generator: types as strict as JSON Schema, checks beside them, and defaults of their type.

The code is read as a tree, and edited as a text, so that what needs no change stays as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tallystick.models.enumerations import ONE_OF
from tallystick.models.hidden_texts import HiddenTexts, pattern_with_quotes
from tallystick.models.keywords import Schema, items
from tallystick.models.nullable_fields import NullableFields
from tallystick.models.pattern_properties import PatternTypes
from tallystick.models.patterns import is_taken_by_rust
from tallystick.models.source_text import docstring, literal
from tallystick.models.support_code import STRICT_TYPES

_ALIASED = re.compile(r"_aliased$")
_QUOTED_TYPE = re.compile(rf"\b({'|'.join(STRICT_TYPES)})\b")
_PLAIN_TYPES = frozenset(
    ("str", "Any", "None", "StrictInteger", "StrictFloat", "StrictBool", "list", "dict", "Literal")
)
_LISTABLE: Mapping[str, type] = {"str": str, "int": int, "bool": bool}
_TEMPORAL = {"StrictDate": "date", "StrictDatetime": "datetime", "StrictTime": "time"}


def finished(code: str, schemas: Mapping[str, Schema], texts: HiddenTexts) -> str:
    """The code of the classes and types of some named schemas, finished, with the texts that were hidden."""
    return _Finisher(code, schemas).finished(texts)


@dataclass
class _Finisher:
    """Collects edits of the code: from where to where (in bytes), and the new text."""

    code: str
    schemas: Mapping[str, Schema]
    edits: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source = self.code.encode()
        self.starts = [0]
        for line in self.source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.classes: dict[str, dict[str, ast.expr]] = {}
        self.bases: dict[str, list[str]] = {}
        self.enum_members: dict[str, dict[object, str]] = {}
        self.aliases: dict[str, ast.expr] = {}
        self.nullable_fields = NullableFields(self.schemas)
        self.pattern_types = PatternTypes(self.schemas)

    def finished(self, texts: HiddenTexts) -> str:
        tree = ast.parse(self.source)
        self.show(tree, texts)
        statements = tree.body
        for statement in statements:
            if isinstance(statement, ast.ClassDef) and any(isinstance(part, ast.AnnAssign) for part in statement.body):
                self.note_class(statement)
            elif isinstance(statement, ast.ClassDef):
                self.enum_members[statement.name] = dict(_members(statement))
            elif (alias := _alias(statement)) is not None:
                self.aliases[alias[0]] = alias[1]
        for statement in statements:
            if isinstance(statement, ast.ClassDef):
                self.finish_class(statement)
            elif (alias := _alias(statement)) is not None:
                self.finish_alias(*alias)
        return self.edited()

    def edited(self) -> str:
        """The code with all edits made, but for those of a part that another one replaces."""
        pieces: list[bytes] = []
        position = 0
        for start, end, text in sorted(self.edits, key=lambda edit: (edit[0], edit[0] < edit[1], -edit[1])):
            if start >= position:
                pieces += (self.source[position:start], text.encode())
                position = end
        return b"".join((*pieces, self.source[position:])).decode()

    def show(self, tree: ast.Module, texts: HiddenTexts) -> None:
        """Write each hidden text where a word stands for it, and each docstring."""
        for node in ast.walk(tree):
            match node:
                case ast.Expr(value=ast.Constant(value=str() as written)):
                    self.replace(node, docstring(texts.shown(written.strip()), " " * node.col_offset))
                case ast.Constant(value=str() as written):
                    node.value = texts.shown(written)
                    if node.value != written:
                        self.replace(node, literal(node.value))

    # Edits

    def replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        self.edits.append((*self.span(node), text))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    # Classes

    def note_class(self, node: ast.ClassDef) -> None:
        """Note the fields of a class, and the classes that it extends."""
        self.bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
        self.classes[node.name] = {
            ast.unparse(part.target): part.annotation for part in node.body if isinstance(part, ast.AnnAssign)
        }

    def overridden(self, class_name: str, field_name: str) -> ast.expr | None:
        """The type of a field in the class that a class extends; None where it does not have the field."""
        for base in self.ancestors(class_name, set()):
            if field_name in self.classes.get(base, {}):
                return self.classes[base][field_name]
        return None

    def ancestors(self, class_name: str, passed: set[str]) -> Iterator[str]:
        """The classes that a class extends, directly or not, each once."""
        for base in self.bases.get(class_name, []):
            if base not in passed:
                passed.add(base)
                yield base
                yield from self.ancestors(base, passed)

    def finish_class(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id == "IntEnum":
                self.replace(base, "StrictIntEnum")
        additions = [*self.additions(node)]
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign):
                self.finish_field(statement, self.overridden(node.name, ast.unparse(statement.target)))
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self.finish_attribute(statement, statement.targets[0].id, is_alone=len(node.body) == 1)
        if additions:
            end = self.span(node.body[-1])[1]
            self.edits.append((end, end, "\n" + "\n".join(additions)))

    def additions(self, node: ast.ClassDef) -> Iterator[str]:
        """What a class has beside its fields: which may be null, and the patterns of its members' names."""
        if not any(isinstance(statement, ast.AnnAssign) for statement in node.body):
            return
        names = {
            _contract_name(statement): ast.unparse(statement.target)
            for statement in node.body
            if isinstance(statement, ast.AnnAssign) and statement.value is not None
        }
        may_be_null = self.nullable_fields.of(node.name)
        nullable = [names[name] for name in names if name in may_be_null]
        inherited = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id != "BaseModel"]
        if nullable:
            listed = ", ".join(f'"{name}"' for name in nullable)
            parents = "".join(f"{base}._nullable | " for base in inherited)
            yield f"    _nullable: ClassVar[frozenset[str]] = {parents}frozenset({{{listed}}})"
        if check := self.pattern_types.class_check(node.name):
            yield check

    def finish_attribute(self, statement: ast.Assign, name: str, is_alone: bool) -> None:
        """Say the type of undeclared members in an annotation; leave out what the base class says already."""
        if name == "__annotations__" and isinstance(statement.value, ast.Dict):
            extra = statement.value.values[0]
            self.finish_type(extra)
            start, end = self.span(extra)
            self.edits.append((self.span(statement)[0], start, "__pydantic_extra__: "))
            self.edits.append((end, self.span(statement)[1], " = Field(init=False)"))
        elif name == "model_config" and isinstance(statement.value, ast.Call):
            kept = [word for word in statement.value.keywords if not _is_settled(word)]
            if not kept:
                self.replace(statement, "pass" if is_alone else "")
            elif len(kept) < len(statement.value.keywords):
                statement.value.keywords = kept
                self.replace(statement, ast.unparse(statement))

    def finish_field(self, statement: ast.AnnAssign, overridden: ast.expr | None) -> None:
        if isinstance(statement.annotation, ast.Subscript) and _is_none_type(statement.annotation):
            self.replace(statement.annotation, "None")
            return
        self.finish_type(statement.annotation)
        if overridden is not None:
            self.finish_override(statement, overridden)
        if statement.value is not None and not _is_none(statement.value):
            self.finish_default(statement, statement.value)

    def finish_override(self, statement: ast.AnnAssign, overridden: ast.expr) -> None:
        """Write a narrower type as a type checker knows it: the members of the enumeration whose values are listed."""
        own, base = _bare(statement.annotation), _bare(overridden)
        members = self.enum_members.get(ast.unparse(base), {})
        listed = _literals(own)
        if listed and listed <= members.keys():
            names = ", ".join(f"{ast.unparse(base)}.{members[value]}" for value in sorted(listed, key=str))
            self.replace(own, f"Literal[{names}]")
        elif not (ast.unparse(own) == ast.unparse(base) or _takes(base, listed)):
            end = self.span(statement)[1]
            self.edits.append((end, end, "  # type: ignore[assignment, unused-ignore]"))

    def finish_default(self, statement: ast.AnnAssign, default: ast.expr) -> None:
        """Make a default of the type of its field, anew for each instance; a text for a date becomes a date."""
        annotation = ast.parse(self.strict_text(statement.annotation), mode="eval").body
        type_ = _bare(annotation)
        if isinstance(default, ast.Attribute) or self.is_plain(type_):
            return
        value = ast.unparse(default)
        name = ast.unparse(type_)
        if name in _TEMPORAL and isinstance(default, ast.Constant):
            factory = f"{_TEMPORAL[name]}.fromisoformat({value})"
        elif name in self.classes and isinstance(default, ast.Dict):
            factory = f"{name}.model_validate({value})"
        else:
            factory = f"TypeAdapter[{name}]({name}).validate_python({value})"
        self.replace(default, f"Field(default_factory=lambda: {factory})")

    def strict_text(self, annotation: ast.expr) -> str:
        """An annotation with its own edits made."""
        inner = _Finisher(ast.unparse(annotation), {})
        inner.finish_type(ast.parse(inner.source, mode="eval").body)
        return inner.edited()

    def is_plain(self, type_: ast.expr) -> bool:
        """Whether a default is of a type just as the contract writes it."""
        match type_:
            case ast.Name(id=name) if name in self.aliases:
                return self.is_plain(_bare(self.aliases[name]))
            case ast.Name(id=name):
                return name in _PLAIN_TYPES
            case ast.Constant(value=value):
                return value is None
            case ast.Subscript(value=ast.Name(id="Literal")):
                return True
            case ast.Subscript(value=ast.Name(id="list" | "dict"), slice=inner):
                return self.is_plain(inner)
            case ast.Subscript(value=ast.Name(id="Annotated")):
                return self.is_plain(_bare(type_))
            case ast.Tuple(elts=elements):
                return all(map(self.is_plain, elements))
            case ast.BinOp(left=left, right=right):
                return self.is_plain(left) and self.is_plain(right)
        return False

    def finish_alias(self, name: str, value: ast.expr) -> None:
        self.finish_type(value)
        check = self.pattern_types.alias_check(name)
        marks = self.schemas.get(name, {})
        if ONE_OF in marks and "json_schema_extra" not in ast.unparse(value):
            check = ", ".join(_checks(marks))
        if check:
            start, end = self.span(value)
            self.edits += [(start, start, "Annotated["), (end, end, f", {check}]")]

    # Types

    def finish_type(self, node: ast.expr) -> None:
        """Make a type strict, wherever it stands in an annotation."""
        match node:
            case ast.Name():
                name = _ALIASED.sub("", node.id)
                if name in STRICT_TYPES:
                    self.replace(node, STRICT_TYPES[name])
                elif name == "Dict":
                    self.replace(node, "dict")
            case ast.Constant(value=str() as text):
                self.replace(node, literal(_QUOTED_TYPE.sub(lambda found: STRICT_TYPES[found[0]], text)))
            case ast.Subscript(value=ast.Name(id="Literal")):
                return
            case ast.Subscript():
                self.finish_type(node.value)
                self.finish_type(node.slice)
            case ast.Tuple():
                for element in node.elts:
                    self.finish_type(element)
            case ast.BinOp():
                self.finish_type(node.left)
                self.finish_type(node.right)
            case ast.Call():
                self.finish_constraints(node)

    def finish_constraints(self, call: ast.Call) -> None:
        """Give each pattern its engine, and turn the mark of an enumeration into its check."""
        checks: list[str] = []
        keywords: list[ast.keyword] = []
        for word in call.keywords:
            if word.arg == "json_schema_extra":
                checks += _checks(ast.literal_eval(word.value))
                continue
            if word.arg == "pattern":
                word.value = _with_engine(word.value)
            keywords.append(word)
        is_changed = checks or any(word.arg == "pattern" for word in keywords)
        call.keywords = keywords
        if is_changed:
            rest = [ast.unparse(call)] if keywords or call.args else []
            self.replace(call, ", ".join([*rest, *checks]))


def _checks(marks: Schema) -> Iterator[str]:
    if ONE_OF in marks:
        yield f"_one_of({', '.join(map(literal, items(marks, ONE_OF)))})"


def _with_engine(pattern: ast.expr) -> ast.expr:
    """A pattern as it is for Rust's engine, compiled for Python's."""
    if isinstance(pattern, ast.Call):
        pattern = pattern.args[0]
    if isinstance(pattern, ast.Constant):
        pattern.value = pattern_with_quotes(str(pattern.value))
        if not is_taken_by_rust(pattern.value):
            return ast.Call(ast.Name("_compile"), [pattern], [])
    return pattern


def _is_settled(word: ast.keyword) -> bool:
    """Whether a setting of a class is needless: the base has it, or each pattern has its engine."""
    is_open = word.arg == "extra" and isinstance(word.value, ast.Constant) and word.value.value == "allow"
    return is_open or word.arg == "regex_engine"


def _contract_name(statement: ast.AnnAssign) -> str:
    """The name that a field has in the contract: its alias, else its own."""
    for node in ast.walk(statement.annotation):
        if isinstance(node, ast.Call):
            for word in node.keywords:
                if word.arg == "alias" and isinstance(word.value, ast.Constant):
                    return str(word.value.value)
    return ast.unparse(statement.target)


def _alias(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """The name and the type of a statement that gives a type a name."""
    match statement:
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypeAliasType"), args=[ast.Constant(value=name), type_])):
            return str(name), type_
    return None


def _members(node: ast.ClassDef) -> Iterator[tuple[object, str]]:
    """The values of an enumeration, each with the name of its member."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                yield value, name


def _takes(type_: ast.expr, listed: set[object]) -> bool:
    """Whether a type takes any value, or all of the listed ones."""
    name = ast.unparse(type_)
    is_of_type = name in _LISTABLE and all(type(value) is _LISTABLE[name] for value in listed)
    return name == "Any" or (bool(listed) and (is_of_type or listed <= _literals(type_)))


def _literals(type_: ast.expr) -> set[object]:
    """The values of a `Literal`; empty for another type."""
    match type_:
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=values)):
            return {value.value for value in values if isinstance(value, ast.Constant)}
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Constant(value=value)):
            return {value}
    return set()


def _bare(annotation: ast.expr) -> ast.expr:
    """A type without what is annotated to it, and without null beside it."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[type_, *_])):
            return _bare(type_)
        case ast.BinOp(left=left, right=ast.Constant(value=None)):
            return _bare(left)
    return annotation


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_none_type(annotation: ast.Subscript) -> bool:
    """Whether a type is `Annotated[None, Field(None)]`, as the generator writes the type of null."""
    return ast.unparse(annotation) == "Annotated[None, Field(None)]"
