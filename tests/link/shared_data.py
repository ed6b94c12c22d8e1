"""Where the real files are that some tests read, beside a checkout."""

from __future__ import annotations

import os
from pathlib import Path

SHARED = Path(os.environ.get("TZGRAPH_SHARED", Path(__file__).parents[3] / "shared")) / "data"


def files(pattern: str) -> list[Path]:
    """Give the real files that match; none where there is no such folder."""
    return sorted(SHARED.glob(pattern)) if SHARED.is_dir() else []
