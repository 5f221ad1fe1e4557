"""Where things are: the repository, its contracts, the documents of the tests, and the corpus of real documents."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = ROOT / "openapi"
TESTS = ROOT / "tests"
DOCUMENTS = TESTS / "documents"
CORPUS = Path(os.environ.get("TALLYSTICK_CORPUS", ROOT.parent / "shared" / "corpus"))
