"""datamodel-code-generator, as a function from named schemas to the text of classes."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from tallystick.documents.dialect import OPENAPI_3_1
from tallystick.models.keywords import Schema
from tallystick.nouns.errors import UsageError

Generate = Callable[[Mapping[str, Schema]], str]

_NO_HEADER = "# (no header)"
_BASE = re.compile(
    r"^class BaseModel\(_BaseModel\):\n    model_config = ConfigDict\(\n( {8}.+\n)+    \)\n", re.MULTILINE
)
_LAZY_BASE = '''class BaseModel(_BaseModel):
    """What the models have in common: names do as well as aliases, and first use builds them."""

    model_config = ConfigDict(validate_by_name=True, use_attribute_docstrings=True, defer_build=True)
'''
_REBUILD = re.compile(r"^\w+\.model_rebuild\(\)\n?", re.MULTILINE)


def classes(schemas: Mapping[str, Schema]) -> tuple[str, dict[str, str]]:
    """The text of the classes, and which schemas could not be made into one and why.

    Raises `UsageError` where the generator is not installed, or fails on any schema at all.
    """
    if not schemas:
        return "", {}
    generate = load_generator()
    try:
        return generate(schemas), {}
    except Exception:  # whatever one schema makes the generator raise, the others are wanted
        return _sifted(generate, schemas)


def _sifted(generate: Generate, schemas: Mapping[str, Schema]) -> tuple[str, dict[str, str]]:
    accepted: dict[str, Schema] = {name: {} for name in schemas}
    faults: dict[str, str] = {}
    try:
        generate(accepted)
    except Exception as error:
        raise UsageError(f"datamodel-code-generator makes no models at all: {_fact(error)}") from error

    def sift(suspects: list[str]) -> None:
        """Accepts the suspects that the generator takes beside those accepted so far."""
        tried = accepted | {name: schemas[name] for name in suspects}
        try:
            generate(tried)
        except Exception as error:  # as above
            half = len(suspects) // 2
            if half:
                sift(suspects[:half])
                sift(suspects[half:])
            else:
                faults[suspects[0]] = _fact(error)
        else:
            accepted.update(tried)

    sift(list(schemas))
    return generate(accepted), faults


def _fact(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def load_generator() -> Generate:
    """datamodel-code-generator as a function from named schemas to Python, which depends on nothing else."""
    try:
        from datamodel_code_generator import InputFileType, LiteralType, generate
        from datamodel_code_generator.enums import DataModelType, DefaultValueType, TargetPydanticVersion
        from datamodel_code_generator.format import PythonVersion
    except ImportError as error:
        raise UsageError(
            f"models are made by datamodel-code-generator, which cannot be imported ({error}); "
            "pip install datamodel-code-generator"
        ) from None

    def run(schemas: Mapping[str, Schema]) -> str:
        document = {
            OPENAPI_3_1.version_field: OPENAPI_3_1.example_version,
            "info": {"title": "", "version": ""},
            "paths": {},
            "components": {"schemas": schemas},
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of options that are to change, and of what Python types cannot say
            text = generate(
                document,
                input_file_type=InputFileType.OpenAPI,
                output_model_type=DataModelType.PydanticV2BaseModel,
                target_python_version=PythonVersion.PY_311,
                target_pydantic_version=TargetPydanticVersion.V2_11,
                settings_path=Path("/"),
                formatters=[],
                disable_timestamp=True,
                custom_file_header=_NO_HEADER,
                allow_remote_refs=False,
                treat_dot_as_module=False,
                use_generic_base_class=True,
                allow_population_by_field_name=True,
                snake_case_field=True,
                use_annotated=True,
                field_constraints=True,
                use_schema_description=True,
                use_field_description=True,
                use_attribute_docstrings=True,
                use_single_line_docstring=True,
                strict_nullable=True,
                enum_field_as_literal=LiteralType.One,
                capitalise_enum_members=True,
                deserialize_default_values=[DefaultValueType.Enum],
                use_type_alias=True,
                use_type_alias_type=True,
            )
        assert isinstance(text, str)
        ast.parse(text)
        return _REBUILD.sub("", _BASE.sub(_LAZY_BASE, text.removeprefix(_NO_HEADER)))

    return run
