"""Names and prose of models are what a person would write."""

from __future__ import annotations

import pytest

from tallystick.models.formatting import wrap_prose
from tallystick.models.python_names import bounded_name, class_name, module_name, singular


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pet-list", "PetList"),
        ("getURL", "GetURL"),
        ("io.k8s.Pod", "IoK8sPod"),
        ("2fa", "Model2fa"),
        ("", "Model"),
        ("Any", "AnyModel"),
        ("größe", "Größe"),
        ("日本", "日本"),
    ],
)
def test_class_names(text: str, name: str) -> None:
    """Any text makes a class name that Python takes and that hides nothing that a module imports."""
    assert class_name(text) == name
    assert name.isidentifier()


def test_other_names() -> None:
    """Modules, items and bounded values have names too."""
    assert [module_name(name) for name in ("a-b", "3d", "class")] == ["a_b", "contract_3d", "class_"]
    assert [singular(word) for word in ("tags", "entries", "status", "boxes", "address", "is")] == [
        *("tag", "entry", "status", "box", "address", "is"),
    ]
    assert [
        bounded_name({"type": "string", "minLength": 1}),
        bounded_name({"type": "string", "minLength": 2, "maxLength": 64}),
        bounded_name({"type": "string", "minLength": 4, "maxLength": 4}),
        bounded_name({"type": "integer", "minimum": 0}),
        bounded_name({"type": "integer", "minimum": -1}),
        bounded_name({"type": "string", "maxLength": 5, "pattern": "x"}),
    ] == ["NonEmptyString", "String2To64", "String4", "IntegerFrom0", "", ""]


def test_prose_is_wrapped_and_code_is_not() -> None:
    """Long lines of a description are wrapped; what Markdown shows as code or as a table stays as it is."""
    words = " ".join(["word"] * 40)
    wrapped = wrap_prose(f"  {words}  \n\n- {words}\n\n```\n{words}\n```\n| {words} |\n")
    lines = wrapped.splitlines()
    assert max(len(line) for line in lines[: lines.index("```")]) <= 88
    assert [line for line in lines if len(line) > 88] == [words, f"| {words} |"]
    assert "\n  word" in wrapped
