"""Where the suites and files are that tests read and the project doesn't hold.

They lie in the folder that ``TZGRAPH_SHARED`` names, or in ``shared`` beside the checkout;
CONTRIBUTING.md says what belongs there.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_NAMED = os.environ.get("TZGRAPH_SHARED")
SHARED = Path(_NAMED) if _NAMED else Path(__file__).parents[2] / "shared"
if _NAMED and not SHARED.is_dir():
    raise FileNotFoundError(f"TZGRAPH_SHARED names {_NAMED}, which is no folder")


def reason(name: str) -> str:
    """Say why a test is skipped that reads a suite or a file that isn't there."""
    return f"{SHARED / name} is not there: see TZGRAPH_SHARED in CONTRIBUTING.md"


def need(name: str) -> Path:
    """Give the path of a suite or a file; skip the test, or the whole module, without it."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(reason(name), allow_module_level=True)
    return path


def missing(*names: str) -> pytest.MarkDecorator:
    """Give the mark of a test that is skipped unless all of these are there."""
    lacking = [name for name in names if not (SHARED / name).exists()]
    return pytest.mark.skipif(bool(lacking), reason=reason(lacking[0] if lacking else ""))
