"""What a request of the SPARQL 1.1 Protocol asks, before it is known in which format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ProtocolQuery"]


@dataclass(frozen=True, slots=True)
class ProtocolQuery:
    """What a request asks.

    :ivar text: the query, ``None`` if the request holds none
    :ivar default_graphs: values of default-graph-uri, ``None`` if the request names no dataset
    :ivar named_graphs: values of named-graph-uri, ``None`` if the request names no dataset
    :ivar formats: names of the formats asked for by parameter, for bindings or graphs
    :ivar values: values for variables as written, by name
    :ivar download: whether the result is to be kept as a file
    :ivar timeout_s: seconds that it may take, 0 for as many as the server gives
    :ivar explain: whether the plan is wanted in place of the result
    :ivar view: how a page shows the rows, as written; see :mod:`tzgraph.serve.messages.view`
    """

    text: str | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    formats: tuple[str, ...] = ()
    values: Mapping[str, str] | None = None
    download: bool = False
    timeout_s: float = 0
    explain: bool = False
    view: Mapping[str, str] = field(default_factory=dict)
