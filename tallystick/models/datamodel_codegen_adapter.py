"""The door to datamodel-code-generator: a function from named schemas to the code of classes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tallystick.documents.dialect import OPENAPI_3_1
from tallystick.models.definition_order import in_definition_order
from tallystick.models.enumerations import ONE_OF
from tallystick.models.finishing import finished
from tallystick.models.hidden_texts import HiddenTexts
from tallystick.models.keywords import Schema
from tallystick.models.pattern_properties import without_marks
from tallystick.nouns.errors import UnreachableError, UsageError
from tallystick.nouns.extras import lacks

if TYPE_CHECKING:
    from datamodel_code_generator.config import GenerateConfig

Generate = Callable[[Mapping[str, Schema]], str]
"""From named schemas to the code of their classes. It raises whatever the generator raises."""

_NO_HEADER = "# (no header)"
_FUTURE = "from __future__ import annotations\n"
_BASE = re.compile(
    r"^class BaseModel\(_BaseModel\):\n    model_config = ConfigDict\(\n( {8}.+\n)+    \)\n", re.MULTILINE
)
_REBUILD = re.compile(r"^\w+\.model_rebuild\(\)\n?", re.MULTILINE)


def generate_classes(schemas: Mapping[str, Schema]) -> tuple[str, dict[str, str]]:
    """The code of the classes; and for each schema that the generator fails on, the reason.

    Such a schema becomes one that allows everything. Raises `UnreachableError` where the generator is not installed,
    `UsageError` where it fails whatever the schemas are.
    """
    if not schemas:
        return "", {}
    generate = load_generator()
    try:
        return generate(schemas), {}
    except Exception:  # one schema may make the generator raise anything; the others shall have their classes
        return _generate_without_faulty(generate, schemas)


def _generate_without_faulty(generate: Generate, schemas: Mapping[str, Schema]) -> tuple[str, dict[str, str]]:
    """Find the schemas that the generator fails on, by halves, and generate the classes of the others."""
    accepted: dict[str, Schema] = {name: {} for name in schemas}
    faults: dict[str, str] = {}
    try:
        generate(accepted)
    except Exception as error:
        raise UsageError(f"datamodel-code-generator makes no models at all: {_first_line(error)}") from error

    def accept(names: list[str]) -> None:
        """Add those of the named schemas that the generator takes beside the accepted ones."""
        candidate = accepted | {name: schemas[name] for name in names}
        try:
            generate(candidate)
        except Exception as error:  # as above
            half = len(names) // 2
            if half:
                accept(names[:half])
                accept(names[half:])
            else:
                faults[names[0]] = _first_line(error)
        else:
            accepted.update(candidate)

    accept(list(schemas))
    return generate(accepted), faults


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def load_generator() -> Generate:
    """The generator with our options. Raises `UnreachableError` where it cannot be imported."""
    try:
        from datamodel_code_generator import generate

        config = _config()
    except ImportError as error:
        raise UnreachableError(lacks("models", "datamodel-code-generator", error)) from None

    def run(schemas: Mapping[str, Schema]) -> str:
        texts = HiddenTexts()
        document = {
            OPENAPI_3_1.version_field: OPENAPI_3_1.example_version,
            "info": {"title": "", "version": ""},
            "paths": {},
            "components": {
                "schemas": {
                    name: texts.hide(without_marks(schema)) for name, schema in in_definition_order(schemas).items()
                }
            },
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of options that will change, and of what Python types cannot express
            code = generate(document, config=config)
        assert isinstance(code, str)
        code = _BASE.sub("", _REBUILD.sub("", code.removeprefix(_NO_HEADER).replace(_FUTURE, "", 1)))
        return finished(code, schemas, texts)

    return run


def _config() -> GenerateConfig:
    """Our options: the code depends on the schemas and on nothing else."""
    from datamodel_code_generator import InputFileType, LiteralType
    from datamodel_code_generator.config import GenerateConfig
    from datamodel_code_generator.enums import DataModelType, DefaultValueType, TargetPydanticVersion
    from datamodel_code_generator.format import PythonVersion

    return GenerateConfig(
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
        field_extra_keys={ONE_OF},
        filter_literal_values=True,
        intersect_allof_keywords=True,
        read_unevaluated_properties=True,
        use_typed_nullable_map_values=True,
        use_typed_map_values_beside_other_types=True,
        use_tuple_for_closed_arrays=True,
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
