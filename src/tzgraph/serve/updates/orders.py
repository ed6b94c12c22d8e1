"""What the writer is told to do, and what it answers.

On the socket between server and writer: frames as between server and workers (see
:mod:`tzgraph.serve.isolation.wire`), of kind ``REQUEST`` to the writer, ``END`` or ``ERROR`` from
it. An order is a line of JSON, followed by a body.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

__all__ = ["GraphWrite", "Order", "OrderOutcome", "Update", "decode_order", "encode_order"]


@dataclass(frozen=True, slots=True)
class Update:
    """A SPARQL update.

    :ivar text: its operations
    :ivar using: values of using-graph-uri
    :ivar using_named: values of using-named-graph-uri
    :ivar only_on: ids of states of which one has to be the current one, ``None`` for any
    :ivar not_on: ids of states of which none may be the current one
    :ivar strict: whether to refuse literals that will not come back as they are written
    """

    text: str
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    only_on: tuple[str, ...] | None = None
    not_on: tuple[str, ...] = ()
    strict: bool = False


@dataclass(frozen=True, slots=True)
class GraphPayload:
    """Triples in a syntax.

    :ivar media_type: which syntax
    :ivar data: the triples
    """

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class GraphWrite:
    """An operation of the graph store protocol.

    :ivar method: ``PUT``, ``POST`` or ``DELETE``
    :ivar graph: IRI of the graph, ``None`` for the default graph
    :ivar base: what relative IRIs are relative to
    :ivar parts: what to put or to add; several if they came as ``multipart/form-data``
    :ivar conditions: without which nothing is to be changed: ``exists``, ``absent``, ``never``
    :ivar strict: whether to refuse literals that will not come back as they are written
    """

    method: str
    graph: str | None
    base: str = ""
    parts: tuple[GraphPayload, ...] = field(default=(), repr=False)
    conditions: tuple[str, ...] = ()
    strict: bool = False


Order: TypeAlias = Update | GraphWrite


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """What an order did.

    :ivar existed: whether the graph that it names was there before
    :ivar state: id of the state that holds what it did and nothing later, empty if there is none
    :ivar changed: which literals will not come back as they were written, see
        :meth:`tzgraph.literals.LiteralChanges.as_header`
    :ivar not_loaded: documents that it was to load if possible, as they are named
    """

    existed: bool = True
    state: str = ""
    changed: str = ""
    not_loaded: tuple[str, ...] = ()


def encode_order(order: Order) -> bytes:
    """Write an order."""
    if isinstance(order, Update):
        head: dict[str, Any] = asdict(order) | {"do": "update"}
        bodies: list[bytes] = [head.pop("text").encode("utf-8", "surrogatepass")]
    else:
        head = {"do": "graph", "method": order.method, "graph": order.graph, "base": order.base}
        head |= {"conditions": order.conditions, "strict": order.strict}
        head["types"] = [part.media_type for part in order.parts]
        bodies = [part.data for part in order.parts]
    head["lengths"] = [len(body) for body in bodies]
    return json.dumps(head).encode() + b"\n" + b"".join(bodies)


def decode_order(data: bytes) -> Order:
    """Read an order."""
    head_bytes, _, rest = data.partition(b"\n")
    head: dict[str, Any] = json.loads(head_bytes)
    bodies: list[bytes] = []
    start = 0
    for length in head["lengths"]:
        bodies.append(rest[start : start + length])
        start += length
    if head["do"] == "update":
        text = bodies[0].decode("utf-8", "surrogatepass")
        only = None if head["only_on"] is None else tuple(head["only_on"])
        using, named = tuple(head["using"]), tuple(head["using_named"])
        return Update(text, using, named, only, tuple(head["not_on"]), head["strict"])
    parts = tuple(
        GraphPayload(kind, body) for kind, body in zip(head["types"], bodies, strict=True)
    )
    conditions = tuple(head["conditions"])
    graph, base = head["graph"], head["base"]
    return GraphWrite(head["method"], graph, base, parts, conditions, head["strict"])
