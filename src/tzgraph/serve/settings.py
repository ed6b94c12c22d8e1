"""The settings of the server, and the table of all settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from tzgraph.serve.federation.endpoints import Federation
from tzgraph.settings import CommandSettings, setting, settings_of

__all__ = [
    "SETTINGS",
    "Federation",
    "IsolationSettings",
    "LogSettings",
    "ServeSettings",
    "WriteSettings",
]

_MB = 1024 * 1024
#: Name or address of a host.
_HOST = re.compile(r"[a-z0-9._:-]{1,253}\Z")
#: What can stand in the header Authorization (RFC 6750, 2.1).
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z")


def _timeout_s() -> float:
    return setting(
        "TZGRAPH_QUERY_TIMEOUT",
        30.0,
        "Seconds that a query or update may take, from request to answer.",
        least=0.1,
    )


def _max_waiting() -> int:
    return setting(
        "TZGRAPH_QUEUE", 500, "Queries, and updates, that may wait; more are turned away."
    )


def _read_token(text: str) -> str:
    if not _TOKEN.match(text):
        raise ValueError(
            "must have letters, digits and -._~+/ only, for example the output of "
            "`openssl rand -hex 32`"
        )
    return text


def _read_token_file(name: str) -> str:
    try:
        token = Path(name).read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", "") or "it is not ASCII"
        raise ValueError(f"names {name}, which can't be read: {why}") from error
    if not token:
        raise ValueError(f"must name a file that holds a token; there is none in {name}")
    try:
        return _read_token(token)
    except ValueError as error:
        raise ValueError(f"names {name}; what it holds {error}") from None


def _read_hosts(text: str) -> str:
    names = [name.strip().lower() for name in text.split(",")]
    if not all(_HOST.match(name) for name in names):
        raise ValueError(
            f"must be names of hosts without port, such as graph.example.org, got {text!r}"
        )
    return ",".join(names)


@dataclass(frozen=True, slots=True)
class IsolationSettings:
    """Limits of queries."""

    timeout_s: float = _timeout_s()
    memory_mb: int = setting(
        "TZGRAPH_QUERY_MEMORY", 256, "Megabytes that a query may take.", least=16
    )
    max_result_bytes: int = setting(
        "TZGRAPH_RESULT_BYTES", 1024 * _MB, "Bytes that the result of a query may have.", least=1
    )
    max_result_rows: int = setting(
        "TZGRAPH_RESULT_ROWS",
        0,
        "Rows or triples that the result of a query may have; 0: any number.",
    )
    workers: int = setting(
        "TZGRAPH_WORKERS",
        0,
        "Processes for long queries, beside one for quick ones; 0: one for each processor.",
    )
    max_waiting: int = _max_waiting()
    graph_memory_mb: int = setting(
        "TZGRAPH_MEMORY_BUDGET",
        2048,
        "Megabytes that the graph may take in memory; a larger one is read from disk.",
    )
    federation: Federation = field(default_factory=Federation)


@dataclass(frozen=True, slots=True, repr=False)  # a token has no place in a log
class WriteSettings:
    """Who may write, and how much."""

    token: str = setting(
        "TZGRAPH_TOKEN",
        "",
        "What clients show to write, as `Authorization: Bearer TOKEN`; unset: nobody may write.",
        secret=True,
        parse=_read_token,
    )
    file_token: str = setting(
        "TZGRAPH_TOKEN_FILE",
        "",
        "A file that holds the token, instead of TZGRAPH_TOKEN.",
        parse=_read_token_file,
    )
    timeout_s: float = _timeout_s()
    memory_mb: int = setting(
        "TZGRAPH_UPDATE_MEMORY", 1024, "Megabytes that an update may take.", least=64
    )  # beside what the writer needs when it starts
    max_body_bytes: int = setting(
        "TZGRAPH_UPDATE_BYTES", 64 * _MB, "Bytes that an update or a graph sent may have.", least=1
    )
    max_waiting: int = _max_waiting()
    reload_delay_s: float = setting(
        "TZGRAPH_SETTLE",
        2.0,
        "Seconds without an update after which the graph goes back from disk to memory; 0: never.",
    )

    def __post_init__(self) -> None:
        """Refuse two tokens.

        :raises ValueError: if there are two
        """
        if self.token and self.file_token:
            raise ValueError(
                "TZGRAPH_TOKEN and TZGRAPH_TOKEN_FILE are both set; one of them may be."
            )

    @property
    def shared_token(self) -> str:
        """What clients have to show; empty if nobody may write."""
        return self.token or self.file_token

    @property
    def enabled(self) -> bool:
        """Whether anybody may write."""
        return bool(self.shared_token)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is logged."""

    access: bool = setting(
        "TZGRAPH_ACCESS_LOG", True, "1: a line on standard error for each request; 0: none."
    )
    queries: bool = setting(
        "TZGRAPH_LOG_QUERIES", False, "1: logs have the text of queries; 0: they have not."
    )
    slow_s: float = setting(
        "TZGRAPH_SLOW_QUERY", 5.0, "Seconds from which on a request is logged as slow; 0: none is."
    )


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """All that can be set of the server.

    :ivar max_query_bytes: bytes that a query may have
    :ivar max_page_rows: rows that an HTML page of results shows
    """

    queries: IsolationSettings = field(default_factory=IsolationSettings)
    cache_bytes: int = setting(
        "TZGRAPH_CACHE_BYTES",
        64 * _MB,
        "Bytes of results that are kept in memory for those who ask again; 0: none.",
    )
    watch_s: float = setting(
        "TZGRAPH_WATCH",
        1.0,
        "Seconds after which the server looks for a new release again; 0: never.",
    )
    writes: WriteSettings = field(default_factory=WriteSettings)
    request_timeout_s: float = setting(
        "TZGRAPH_REQUEST_TIMEOUT",
        60.0,
        "Seconds in which a request has to arrive, a long one longer; also how long a client may "
        "read nothing of its answer; 0: any.",
    )
    logs: LogSettings = field(default_factory=LogSettings)
    shutdown_timeout_s: float = setting(
        "TZGRAPH_SHUTDOWN_TIMEOUT",
        10.0,
        "Seconds that running requests have to end when the server is told to stop.",
    )
    mcp_hosts: str = setting(
        "TZGRAPH_MCP_HOSTS",
        "",
        "Names, with commas between, under which agents reach `/mcp` beside those of this machine.",
        parse=_read_hosts,
    )
    max_query_bytes: int = _MB
    max_page_rows: int = 1000

    @property
    def mcp_host_names(self) -> tuple[str, ...]:
        """The names of :attr:`mcp_hosts`."""
        return tuple(name for name in self.mcp_hosts.split(",") if name)


#: All settings, in the order they are printed; two parts may share one.
SETTINGS = tuple(dict.fromkeys([*settings_of(CommandSettings), *settings_of(ServeSettings)]))
