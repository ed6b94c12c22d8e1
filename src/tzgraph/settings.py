"""Settings: fields of frozen dataclasses, which the environment sets.

A setting is defined once, as a field made by :func:`setting`, whose name says its unit. Those of
the command line stand here; those of the server, and the table of all, in
:mod:`tzgraph.serve.settings`. pydantic-settings reads such classes too, for 0.15 s of processor
time at each start; the messages and the table would have to be made all the same.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar, cast

from tzgraph.errors import UsageError

__all__ = [
    "DIRECTORY",
    "CommandSettings",
    "Setting",
    "cache_dir",
    "from_environment",
    "release_dir",
    "setting",
    "settings_of",
]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its environment variable, and what it may be.

    :ivar default: what holds where the variable is unset or empty
    :ivar meaning: a sentence
    :ivar least: the least that a number may be
    :ivar secret: whether its value is not shown
    :ivar parse: reads its text in the place of the default's type; raises ValueError with what
        follows the variable's name in the message
    """

    variable: str
    default: object
    meaning: str
    least: float = 0
    secret: bool = False
    parse: Callable[[str], object] | None = None

    @property
    def kind(self) -> str:
        """What it may be.

        >>> Setting("TZGRAPH_X", 30.0, "Seconds.", least=0.1).kind
        'a number >= 0.1'
        """
        if isinstance(self.default, bool):
            return "0 or 1"
        if isinstance(self.default, int):
            return f"a whole number >= {self.least:g}"
        return f"a number >= {self.least:g}" if isinstance(self.default, float) else "text"

    @property
    def default_text(self) -> str:
        """The default as the variable would hold it."""
        if isinstance(self.default, bool | float):
            return f"{self.default:g}"
        return str(self.default) if isinstance(self.default, int | Path) else ""

    @property
    def text(self) -> str:
        """What the variable holds, or the default."""
        return os.environ.get(self.variable) or self.default_text

    def value(self) -> object:
        """Give what holds now.

        :raises ValueError: if the variable can't be read, with what follows its name in a message
        """
        if not (text := os.environ.get(self.variable)):
            return self.default
        if self.parse is not None:
            return self.parse(text)
        if not isinstance(self.default, int | float):
            return Path(text) if isinstance(self.default, Path) else text
        like = type(self.default)
        try:
            number = float(text)
        except ValueError:
            number = -1
        if not self.least <= number < math.inf or like(number) != number:
            raise ValueError(f"must be {self.kind}, got {text!r}")
        return like(number)


#: The variable that names the release folder.
DIRECTORY = "TZGRAPH_DIR"


def setting(
    variable: str,
    default: _T,
    meaning: str,
    *,
    least: float = 0,
    secret: bool = False,
    parse: Callable[[str], _T] | None = None,
) -> _T:
    """Give a field of a dataclass that is a setting; see :class:`Setting`."""
    known = Setting(variable, default, meaning, least, secret, parse)
    return field(default=default, metadata={"setting": known})


def settings_of(kind: type) -> Iterator[Setting]:
    """Give the settings of a dataclass and of those that are its parts."""
    for one in fields(kind):
        if "setting" in one.metadata:
            yield one.metadata["setting"]
        elif isinstance(one.default_factory, type):
            yield from settings_of(one.default_factory)


def from_environment(kind: type[_T]) -> _T:
    """Give a dataclass of settings, and those that are its parts, as the environment sets them.

    :raises UsageError: naming all that are wrong
    """
    wrong: list[str] = []
    made = _made(kind, wrong)
    if wrong:
        # Two parts may have a setting in common.
        raise UsageError(" ".join(dict.fromkeys(wrong)), "`tzgraph settings` lists all of them.")
    return cast(_T, made)


def _made(kind: type, wrong: list[str]) -> object:
    """Give a dataclass of settings; tell what is wrong, and leave that at its default."""
    values = {}
    for one in fields(kind):
        if isinstance(one.default_factory, type):
            values[one.name] = _made(one.default_factory, wrong)
        elif "setting" in one.metadata:
            try:
                values[one.name] = one.metadata["setting"].value()
            except ValueError as error:
                wrong.append(f"{one.metadata['setting'].variable} {error}.")
    try:
        return kind(**values)
    except ValueError as error:
        wrong.append(str(error))
        return None


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """What holds for all commands.

    :ivar directory: release folder
    :ivar traceback: whether internal errors show where in the code they arose, if there is a text
    :ivar queries: folder of queries of one's own, if there is a text
    :ivar cache: folder of what is kept to save time, see :func:`cache_dir`
    """

    directory: Path = setting(
        DIRECTORY, Path("build"), "Release folder; the option --dir overrides it."
    )
    traceback: str = setting(
        "TZGRAPH_TRACEBACK", "", "If set, internal errors show where in the code they arose."
    )
    queries: str = setting(
        "TZGRAPH_QUERIES",
        "",
        "Folder of queries of your own, beside those that ship; the option --queries overrides it.",
    )
    cache: str = setting(
        "TZGRAPH_CACHE",
        "",
        "Folder in which `audit` keeps the graph that it lays documents over, for the next time;"
        " unset, tzgraph in the user's folder of caches; `off`: nothing is kept.",
    )


def cache_dir() -> Path | None:
    """Give the folder of what is kept to save time, or ``None`` if nothing is to be kept.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    told = from_environment(CommandSettings).cache
    if told:
        return None if told == "off" else Path(told)
    with contextlib.suppress(RuntimeError):  # there is no home
        caches = os.environ.get("XDG_CACHE_HOME", "")
        return (Path(caches) if caches.startswith("/") else Path.home() / ".cache") / "tzgraph"
    return None


def release_dir() -> Path:
    """Give the release folder of the environment, or the default."""
    return from_environment(CommandSettings).directory
