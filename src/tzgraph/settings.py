"""Settings: one table of names, environment variables, defaults and meanings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tzgraph.errors import UsageError

__all__ = ["DEFAULT_DIR", "SETTINGS", "Setting", "number", "release_dir", "setting", "text"]

#: Release folder where nothing else is said.
DEFAULT_DIR = Path("build")


@dataclass(frozen=True)
class Setting:
    """A setting: its environment variable, default and meaning."""

    variable: str
    default: str
    meaning: str
    #: Whether its value is not shown.
    secret: bool = False

    @property
    def value(self) -> str:
        """What holds now: the environment's value or the default."""
        return os.environ.get(self.variable, self.default)


#: All settings, in the order they are printed.
SETTINGS: tuple[Setting, ...] = (
    Setting("TZGRAPH_DIR", str(DEFAULT_DIR), "Release folder; the option --dir overrides it."),
    Setting(
        "TZGRAPH_QUERY_TIMEOUT", "30", "Seconds that a query may take, from request to answer."
    ),
    Setting("TZGRAPH_QUERY_MEMORY", "256", "Megabytes that a query may take."),
    Setting("TZGRAPH_RESULT_BYTES", "1073741824", "Bytes that the result of a query may have."),
    Setting(
        "TZGRAPH_RESULT_ROWS",
        "0",
        "Rows or triples that the result of a query may have; 0: any number.",
    ),
    Setting(
        "TZGRAPH_WORKERS",
        "0",
        "Processes for long queries, beside one for quick ones; 0: one for each processor.",
    ),
    Setting("TZGRAPH_QUEUE", "500", "Queries that may wait; more are turned away."),
    Setting(
        "TZGRAPH_MEMORY_BUDGET",
        "2048",
        "Megabytes that the graph may take in memory; a larger one is read from disk.",
    ),
    Setting(
        "TZGRAPH_FEDERATION",
        "",
        "Endpoints that queries may call with SERVICE, by commas or blanks; none: it is refused.",
    ),
    Setting(
        "TZGRAPH_FEDERATION_PRIVATE",
        "0",
        "1: these may have private and loopback addresses; 0: they may not.",
    ),
    Setting(
        "TZGRAPH_FEDERATION_BYTES",
        "33554432",
        "Bytes that other endpoints may answer to one query, together.",
    ),
    Setting(
        "TZGRAPH_CACHE_BYTES",
        "67108864",
        "Bytes of results that are kept in memory for those who ask again; 0: none.",
    ),
    Setting(
        "TZGRAPH_WATCH",
        "1",
        "Seconds after which the server looks for a new release again; 0: never.",
    ),
    Setting(
        "TZGRAPH_TOKEN",
        "",
        "What clients show to write, as `Authorization: Bearer TOKEN`; unset: nobody may write.",
        secret=True,
    ),
    Setting("TZGRAPH_TOKEN_FILE", "", "A file that holds the token, instead of TZGRAPH_TOKEN."),
    Setting("TZGRAPH_UPDATE_BYTES", "67108864", "Bytes that an update or a graph sent may have."),
    Setting(
        "TZGRAPH_REQUEST_TIMEOUT",
        "60",
        "Seconds in which a request has to arrive, a long one longer; also how long a client may "
        "read nothing of its answer; 0: any.",
    ),
    Setting("TZGRAPH_UPDATE_MEMORY", "1024", "Megabytes that an update may take."),
    Setting(
        "TZGRAPH_SETTLE",
        "2",
        "Seconds without an update after which the graph goes back from disk to memory; 0: never.",
    ),
    Setting("TZGRAPH_ACCESS_LOG", "1", "1: a line on standard error for each request; 0: none."),
    Setting("TZGRAPH_LOG_QUERIES", "0", "1: logs have the text of queries; 0: they have not."),
    Setting(
        "TZGRAPH_SLOW_QUERY",
        "5",
        "Seconds from which on a request is logged as slow; 0: none is.",
    ),
    Setting(
        "TZGRAPH_SHUTDOWN_TIMEOUT",
        "10",
        "Seconds that running requests have to end when the server is told to stop.",
    ),
    Setting("TZGRAPH_TRACEBACK", "", "If set, internal errors show where in the code they arose."),
)


def setting(variable: str) -> Setting:
    """Give the setting of an environment variable."""
    return next(one for one in SETTINGS if one.variable == variable)


def number(variable: str, *, least: float = 0) -> float:
    """Give the number that a setting holds.

    :param variable: its environment variable
    :param least: the least that it may be
    :raises UsageError: if it is no number, or below that
    """
    chosen = setting(variable)
    try:
        value = float(chosen.value or chosen.default)
    except ValueError:
        value = -1
    if not least <= value < float("inf"):
        raise UsageError(
            f"{variable} is “{chosen.value}”, which is no number from {least:g} on.",
            f"Leave it out for {chosen.default}.",
        )
    return value


def text(variable: str) -> str:
    """Give what a setting holds.

    :param variable: its environment variable
    """
    return setting(variable).value


def release_dir() -> Path:
    """Give the release folder of the environment, or the default."""
    return Path(os.environ.get("TZGRAPH_DIR", "") or DEFAULT_DIR)
