"""The meta-schemas in the repository are those that openapi-spec-validator ships."""

from __future__ import annotations

import json

import pytest
from metaschemas import FOLDER, shipped


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_meta_schemas_are_those_of_the_installed_release() -> None:
    """Each file says what the library's public names say, and there is no other; `make metaschemas` writes them."""
    files = {file: json.loads(file.read_text(encoding="utf-8")) for file in FOLDER.rglob("*.json")}
    assert files == shipped()
