"""The scripts of the pages, which ``tasks.py web`` bundles under names that change with them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

__all__ = ["STATIC", "asset", "bundles"]

STATIC = Path(__file__).parent / "static"


@cache
def bundles() -> dict[str, str]:
    """Give the file of each bundle by the name that templates know it by, such as ``app.js``."""
    found: dict[str, str] = json.loads((STATIC / "bundles.json").read_text(encoding="utf-8"))
    return found


def asset(name: str) -> str:
    """Give the path at which a bundle is served; templates call this.

    :raises KeyError: there is no such bundle

    >>> asset("app.js").startswith("/static/app-")
    True
    """
    return f"/static/{bundles()[name]}"
