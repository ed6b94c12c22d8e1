"""The servers to start for a recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tools.recording.cases import Case, Server
from tools.recording.reads import reading
from tools.recording.wire import on_the_wire
from tools.recording.writes import TOKEN, limited, writing

__all__ = ["servers"]

#: The same everywhere; results must not depend on when a graph goes back to memory.
_SETTINGS = {"TZGRAPH_WORKERS": "2", "TZGRAPH_WATCH": "0", "TZGRAPH_SETTLE": "0"}
_NARROW = {
    "TZGRAPH_TOKEN": TOKEN,
    "TZGRAPH_QUERY_TIMEOUT": "3",
    "TZGRAPH_RESULT_BYTES": "200000",
    "TZGRAPH_RESULT_ROWS": "1000",
    "TZGRAPH_UPDATE_BYTES": "1000",
    "TZGRAPH_REQUEST_TIMEOUT": "1",
}


def servers() -> tuple[Server, ...]:
    """Give all servers with all that they are asked."""
    return (
        _server("reading", reading()),
        _server("wire", on_the_wire()),
        _server("writing", writing(), TZGRAPH_TOKEN=TOKEN, TZGRAPH_UPDATE_BYTES="100000"),
        _server("limited", limited(), **_NARROW),
    )


def _server(name: str, cases: Iterable[Case], **settings: str) -> Server:
    return Server(name, tuple(_numbered(cases)), {**_SETTINGS, **settings})


def _numbered(cases: Iterable[Case]) -> Iterable[Case]:
    """Number cases that would have the same name."""
    seen: Counter[str] = Counter()
    for case in cases:
        seen[case.name] += 1
        again = seen[case.name]
        yield replace(case, name=f"{case.name} ({again})") if again > 1 else case
