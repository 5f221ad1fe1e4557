"""The meta-schemas that `check` judges documents by, from openapi-spec-validator; `make metaschemas` writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.folders import ROOT

FOLDER = ROOT / "tallystick" / "rules" / "contract" / "metaschemas"
REGISTERED = {
    "json-schema-draft-04": "http://json-schema.org/draft-04/schema#",
    "dialects/oas-3.1": "https://spec.openapis.org/oas/3.1/dialect/base",
    "dialects/oas-3.1-vocabulary": "https://spec.openapis.org/oas/3.1/meta/base",
    "dialects/oas-3.2": "https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
    "dialects/oas-3.2-vocabulary": "https://spec.openapis.org/oas/3.2/meta/2025-09-17",
}
"""The schemas of Schema Objects: files and the URIs that openapi-schema-validator has them under."""


def shipped() -> dict[Path, Any]:
    """Each file of the folder with the schema that the installed libraries have for it."""
    from openapi_schema_validator.validators import OPENAPI_SPECIFICATIONS
    from openapi_spec_validator import schemas

    documents = {
        "openapi-2.0": schemas.schema_v2,
        "openapi-3.0": schemas.schema_v30,
        "openapi-3.1": schemas.schema_v31,
        "openapi-3.2": schemas.schema_v32,
    }
    objects = {name: OPENAPI_SPECIFICATIONS.contents(uri) for name, uri in REGISTERED.items()}
    return {FOLDER / f"{name}.json": dict(schema) for name, schema in {**documents, **objects}.items()}


def written(schema: Any) -> str:
    """A schema as its file has it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file, schema in shipped().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(schema), encoding="utf-8")
