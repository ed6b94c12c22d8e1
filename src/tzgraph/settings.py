"""Settings: one table of names, environment variables, defaults and meanings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DEFAULT_DIR", "SETTINGS", "Setting", "release_dir"]

#: Release folder where nothing else is said.
DEFAULT_DIR = Path("build")


@dataclass(frozen=True)
class Setting:
    """A setting: its environment variable, default and meaning."""

    variable: str
    default: str
    meaning: str

    @property
    def value(self) -> str:
        """What holds now: the environment's value or the default."""
        return os.environ.get(self.variable, self.default)


#: All settings, in the order they are printed.
SETTINGS: tuple[Setting, ...] = (
    Setting("TZGRAPH_DIR", str(DEFAULT_DIR), "Release folder; the option --dir overrides it."),
    Setting("TZGRAPH_TRACEBACK", "", "If set, internal errors show where in the code they arose."),
)


def release_dir() -> Path:
    """Give the release folder of the environment, or the default."""
    return Path(os.environ.get("TZGRAPH_DIR", "") or DEFAULT_DIR)
