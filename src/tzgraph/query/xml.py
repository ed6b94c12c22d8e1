"""Results and graphs in XML, well-formed or refused.

XML 1.0 can't hold all of RDF: control characters have no reference even, and RDF/XML makes the name
of an element of a predicate, which needs an end that is a name. The engine (Oxigraph 0.5) writes
both as if they could be, a CR as itself, which parsers read as LF, and classes like predicates. So
its XML of bindings is looked at on its way, and graphs are written here: as a stream, triples of a
subject that follow each other in one element.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from string import ascii_letters, digits
from typing import IO
from xml.parsers import expat

import pyoxigraph as ox

from tzgraph.errors import QueryError
from tzgraph.terms import NO_XML, Term
from tzgraph.vocabulary import RDF, XSD

__all__ = ["NotInXmlError", "XmlOutput", "graph_bytes", "write_graph", "write_rdfxml"]

#: Characters gathered before they are written out.
_BATCH = 1 << 16
_FINE = bytes(byte for byte in range(256) if (byte >= 0x20 or byte in b"\t\n\r") and byte != 0xEF)
_CR = "\r"
_STRING = XSD + "string"
_UNFIT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
#: What names of XML end in: signs that parsers of every edition of XML 1.0 take, and others, about
#: which they are asked; and what a name can't begin with.
_ASCII, _NO_BEGINNING = "-._" + ascii_letters + digits, "-." + digits
_WIDE, _NO_WIDE_BEGINNING = re.compile(r"[\w.\-]*"), re.compile(r"[\d.\-]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
#: Namespaces that no other prefix may stand for (Namespaces in XML 1.0, section 3).
_RESERVED = ("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/")
#: What can't be the name of a property, or means something else there (RDF 1.1 XML Syntax, 5.1).
_SYNTAX = frozenset(
    f"{RDF}{name}"
    for name in (
        *("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "Description"),
        *("li", "aboutEach", "aboutEachPrefix", "bagID"),
    )
)


class NotInXmlError(QueryError):
    """What is to be written can't be in XML."""

    code = "not-in-xml"
    status = 406
    title = "XML can't hold it"


def _character(unfit: str, what: str) -> NotInXmlError:
    return NotInXmlError(
        f"{what} has the character U+{ord(unfit):04X}, which no XML can hold.",
        "Ask for another format: JSON, CSV or TSV for rows; Turtle, N-Triples or JSON-LD for a "
        "graph.",
    )


class XmlOutput:
    """Passes on the XML of bindings that the engine writes, with what is missing in it.

    :param output: where to
    """

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        #: The beginning of a character whose end is still to come.
        self._held = b""

    def write(self, data: bytes) -> int:
        """Take bytes from the serialiser.

        :raises NotInXmlError: if they hold a character that XML can't
        """
        if data.translate(None, _FINE) or self._held:
            held = self._held + data
            if unfit := _UNFIT.search(held):
                raise _character(unfit[0].decode(), "A value of the result")
            self._held = next((end for end in (b"\xef\xbf", b"\xef") if held.endswith(end)), b"")
        # The serialiser has none of its own.
        self._output.write(data.replace(b"\r", b"&#xD;") if b"\r" in data else data)
        return len(data)

    def flush(self) -> None:
        """Pass it on."""
        self._output.flush()


def write_graph(
    triples: Iterable[ox.Triple],
    output: IO[bytes],
    form: ox.RdfFormat,
    prefixes: Mapping[str, str] | None = None,
) -> None:
    """Write a graph in any syntax.

    :param triples: the triples of RDF 1.1
    :param output: where to
    :param prefixes: prefixes to shorten IRIs with, in syntaxes that have them
    :raises NotInXmlError: if the syntax is RDF/XML, which can't hold them
    """
    if form == ox.RdfFormat.RDF_XML:
        write_rdfxml(triples, output, prefixes or {})
    else:
        ox.serialize(triples, output, form, prefixes=dict(prefixes or {}))


def graph_bytes(
    triples: Iterable[ox.Triple], form: ox.RdfFormat | None, prefixes: Mapping[str, str]
) -> bytes:
    """Give a graph in a syntax, Turtle if none is named; see :func:`write_graph`."""
    output = BytesIO()
    write_graph(triples, output, form or ox.RdfFormat.TURTLE, prefixes)
    return output.getvalue()


def write_rdfxml(
    triples: Iterable[ox.Triple], output: IO[bytes], prefixes: Mapping[str, str]
) -> None:
    r"""Write a graph as RDF/XML.

    :param triples: the triples of RDF 1.1, in any order
    :param output: where to
    :param prefixes: prefixes to write names with; those that can't be in XML are left out
    :raises NotInXmlError: at a predicate without an end that is a name, and at a character that
        XML can't hold; part of the graph may be written

    >>> from io import BytesIO
    >>> out = BytesIO()
    >>> thing = ox.NamedNode("http://x.org/a")
    >>> write_rdfxml([ox.Triple(thing, thing, ox.Literal("1\r"))], out, {"x": "http://x.org/"})
    >>> print(out.getvalue().decode())
    <?xml version="1.0" encoding="UTF-8"?>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x.org/">
      <rdf:Description rdf:about="http://x.org/a">
        <x:a>1&#xD;</x:a>
      </rdf:Description>
    </rdf:RDF>
    <BLANKLINE>
    """
    known = {iri: prefix for prefix, iri in prefixes.items() if _can_be_declared(prefix, iri)}
    known[RDF] = "rdf"
    size, parts = 0, []
    for part in _parts(triples, known):
        parts.append(part)
        size += len(part)
        if size >= _BATCH:
            output.write("".join(parts).encode())
            size, parts = 0, []
    output.write("".join(parts).encode())


def _parts(triples: Iterable[ox.Triple], known: Mapping[str, str]) -> Iterator[str]:
    declared = sorted((prefix, iri) for iri, prefix in known.items())
    names = "".join(f' xmlns:{prefix}="{_quoted(iri)}"' for prefix, iri in declared)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'
    current: Term | None = None
    for triple in triples:
        if (subject := triple.subject) != current:
            if current is not None:
                yield "  </rdf:Description>\n"
            current = subject
            yield f"  <rdf:Description {_node(current, 'about')}>\n"
        yield _property(triple, known)
    if current is not None:
        yield "  </rdf:Description>\n"
    yield "</rdf:RDF>\n"


def _property(triple: ox.Triple, known: Mapping[str, str]) -> str:
    """Give a property element, a line."""
    namespace, local = _split(triple.predicate.value)
    prefix = known.get(namespace)
    name = f"{prefix}:{local}" if prefix else local
    opened = name if prefix else f'{local} xmlns="{_quoted(namespace)}"'
    value = triple.object
    if not isinstance(value, ox.Literal):
        return f"    <{opened} {_node(value, 'resource')}/>\n"
    kind, text = "", value.value
    if language := value.language:
        kind = f' xml:lang="{language}"'
    elif (datatype := value.datatype.value) != _STRING:
        kind = f' rdf:datatype="{_quoted(datatype)}"'
    if unfit := NO_XML.search(text):
        raise _character(unfit[0], f"The value of {triple.predicate} of {triple.subject}")
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"    <{opened}{kind}>{escaped.replace(_CR, '&#xD;')}</{name}>\n"


def _node(node: object, attribute: str) -> str:
    if isinstance(node, ox.NamedNode):
        return f'rdf:{attribute}="{_quoted(node.value)}"'
    if isinstance(node, ox.BlankNode):
        # Labels may be no names; no two of them become one.
        label = node.value
        fine = _LABEL.fullmatch(label) and not label.startswith("b.")
        safe = label if fine else "b." + label.encode().hex()
        return f'rdf:nodeID="{safe}"'
    raise NotInXmlError(f"RDF/XML can't hold the term {node}.", "It is RDF 1.2, which is refused.")


def _quoted(iri: str) -> str:
    # No IRI has quotes, brackets, blanks or what XML can't hold.
    return iri.replace("&", "&amp;")


def _can_be_declared(prefix: str, iri: str) -> bool:
    return bool(
        _LABEL.fullmatch(prefix)
        and not prefix.lower().startswith("xml")
        and prefix != "rdf"
        and iri
        and iri not in _RESERVED
    )


@lru_cache(maxsize=10_000)
def _split(predicate: str) -> tuple[str, str]:
    """Give the namespace and the local name of a predicate.

    :raises NotInXmlError: if it has no end that is a name
    """
    local = "" if predicate in _SYNTAX else _local_name(predicate)
    while local and predicate[: -len(local)] in _RESERVED:
        local = _local_name(predicate, len(predicate) - len(local) + 1)
    if not local:
        raise NotInXmlError(
            f"RDF/XML can't hold the predicate <{predicate}>, whose end is no name of XML.",
            "Ask for Turtle, N-Triples, JSON-LD, TriG or N-Quads.",
        )
    return predicate[: -len(local)], local


def _local_name(iri: str, start: int = 1) -> str:
    """Give the longest end of an IRI that is a name, nothing if there is none."""
    iri = iri[start:]
    if plain := iri[len(iri.rstrip(_ASCII)) :].lstrip(_NO_BEGINNING):
        return plain
    # From behind, as to look for an end from each place takes time by the square of the length.
    end = _WIDE.match(iri[::-1])
    wide = iri[len(iri) - (end.end() if end else 0) :]
    beginning = _NO_WIDE_BEGINNING.match(wide)
    wide = wide[beginning.end() if beginning else 0 :]
    return wide if wide and _is_name(wide) else ""


def _is_name(local: str) -> bool:
    try:
        expat.ParserCreate().Parse(f"<{local}/>".encode(), True)
    except expat.ExpatError:
        return False
    return True
