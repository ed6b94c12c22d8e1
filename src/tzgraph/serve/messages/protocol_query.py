"""What a request of the SPARQL 1.1 Protocol asks, before it is known in which format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ProtocolQuery"]


@dataclass(frozen=True, slots=True)
class ProtocolQuery:
    """What a request asks.

    :ivar text: the query, ``None`` if the request holds none
    :ivar default_graphs: values of default-graph-uri, ``None`` if the request names no dataset
    :ivar named_graphs: values of named-graph-uri, ``None`` if the request names no dataset
    :ivar format: name of the format asked for by parameter, may be unknown
    :ivar values: values for variables as written, by name
    :ivar download: whether the result is to be kept as a file
    """

    text: str | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    format: str | None = None
    values: Mapping[str, str] | None = None
    download: bool = False
