"""What is asked of servers that take updates, and of one with narrow limits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from urllib.parse import quote, urlencode

from tools.recording.cases import FORM, UPDATE, Case, case, raw, request
from tools.recording.reads import SELECT, sparql

__all__ = ["TOKEN", "limited", "writing"]

TOKEN = "recording-token"  # noqa: S105 - of a server that lives for seconds, on loopback
_AUTH = f"Bearer {TOKEN}"
_INSERT = "INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 'é' } }"
#: Without blank nodes, whose labels are new each time.
_TURTLE = "@prefix ex: <http://example.org/> . ex:a ex:p ex:b, <rel>, 'é', 1.50 ."
_ALL = "SELECT ?s ?p ?o { GRAPH <urn:g> { ?s ?p ?o } } ORDER BY ?s ?p ?o"
#: Of all graphs but the one whose name is made at random, as it would be in another place.
_COUNTS = """SELECT ?g (COUNT(*) AS ?n) {
  GRAPH ?g { ?s ?p ?o } FILTER(!REGEX(STR(?g), "/graphs/[0-9a-f]{8}-"))
} GROUP BY ?g ORDER BY ?g"""
#: More rows than a server with narrow limits gives, and quickly.
_MANY = "?s a tz:Claim ; ?p ?o FILTER(!ISBLANK(?o))"
#: The same triple in each syntax that holds triples, and in some that don't fit.
_SYNTAXES = {
    "text/turtle": "<http://a/s> <http://a/p> 'é' .",
    "text/turtle; charset=UTF-8": "<http://a/s> <http://a/p> 'é' .",
    "text/turtle; charset=latin-1": "<http://a/s> <http://a/p> 'e' .",
    "application/n-triples": '<http://a/s> <http://a/p> "é" .',
    "text/n3": "<http://a/s> <http://a/p> 'é' .",
    "application/ld+json": '{"@id": "http://a/s", "http://a/p": "é"}',
    "application/rdf+xml": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:a="http://a/"><rdf:Description rdf:about="http://a/s"><a:p>é</a:p></rdf:Description>'
    "</rdf:RDF>",
    "application/trig": "<http://a/g> { <http://a/s> <http://a/p> 'é' }",
    "application/n-quads": '<http://a/s> <http://a/p> "é" <http://a/g> .',
    "text/html": "<p>",
    "nonsense": "x",
    "": "x",
}


def writing() -> Iterator[Case]:
    """Give the cases of a server with a token, in an order in which each finds what it needs."""
    yield from _tokens()
    yield from _updates()
    yield from _wrong_updates()
    yield from _graphs()
    yield from _conditions()
    yield case("GET", sparql(_COUNTS))
    for path in ("/healthz", "/openapi.json", "/sparql", "/metrics", "/.well-known/void"):
        yield case("GET", path)
    yield case("GET", sparql(SELECT))
    yield case("GET", "/id/drug/trastuzumab.nt")


def _tokens() -> Iterator[Case]:
    shown: tuple[str | None, ...] = (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"bearer {TOKEN}",
        f"Basic {TOKEN}",
    )
    shown += (TOKEN, f"Bearer {TOKEN}x", f"Bearer  {TOKEN} ", "Bearer é")
    for value, accept in product(shown, (None, "text/html")):
        sent = {"Authorization": value, "Accept": accept}
        yield case("POST", "/update", _INSERT.encode(), Content_Type=UPDATE, **sent)
        yield case("PUT", "/graphs?graph=urn:g", b"", Content_Type="text/turtle", **sent)
    for method in ("POST", "DELETE"):
        yield case(method, "/graphs?graph=urn:g")
    yield case("DELETE", "/graphs?graph=urn:g", Authorization=_AUTH)


def _update(text: str, kind: str = UPDATE, target: str = "/update", **headers: str) -> Case:
    sent = {"Content_Type": kind, "Authorization": _AUTH, **headers}
    return case("POST", target, text.encode(), **sent)


def _look() -> Iterator[Case]:
    yield case("GET", sparql(_ALL), Accept="text/csv")


def _updates() -> Iterator[Case]:
    for text in (
        _INSERT,
        "DELETE DATA { GRAPH <urn:g> { <urn:s> <urn:p> 'é' } }",
        "INSERT { GRAPH <urn:g> { ?d <urn:p> 1 } } WHERE { ?d a tz:Drug }",
        "DELETE { GRAPH <urn:g> { ?s ?p ?o } } WHERE { GRAPH <urn:g> { ?s ?p ?o } }",
        "CREATE GRAPH <urn:g>",
        "CREATE SILENT GRAPH <urn:g>",
        "INSERT DATA { <urn:s> <urn:p> 2 } ; COPY DEFAULT TO <urn:h> ; DROP GRAPH <urn:h>",
        "DELETE DATA { <urn:s> <urn:p> 2 }",
        "DROP GRAPH <urn:nothing>",
        "DROP SILENT GRAPH <urn:nothing>",
        "",
    ):
        yield _update(text)
        yield from _look()
    yield _update(urlencode({"update": _INSERT}), FORM)
    yield from _look()
    yield _update("WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }")
    using = "INSERT { GRAPH <urn:g> { ?s a ?o } } WHERE { ?s a ?o FILTER(?o = <urn:none>) }"
    yield _update(using, target="/update?using-graph-uri=urn:g")
    yield _update(using, target="/update?using-named-graph-uri=urn:g&using-graph-uri=relative")
    yield from _look()


def _wrong_updates() -> Iterator[Case]:
    for text in (
        *("nonsense", "INSERT DATA {", "ASK {}", "INSERT DATA { ?x <urn:p> 1 }"),
        *("LOAD <http://example.org/>", "LOAD SILENT <file:///etc/passwd>"),
        "INSERT { ?s ?p ?o } WHERE { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "INSERT DATA { <urn:s> nope:p 1 }",
        "INSERT DATA { <urn:s> <urn:p> 3 } ; CREATE GRAPH <urn:g> ; nonsense",
    ):
        yield _update(text)
        yield _update(text, Accept="text/html")
    for kind in ("text/plain", "", "application/sparql-query", f"{UPDATE}; charset=utf-16"):
        yield _update(_INSERT, kind)
    for body in ("", "query=ASK{}", "update=CLEAR+ALL&update=CLEAR+ALL", "update=%FF"):
        yield _update(body, FORM)
    yield _update("update=x", FORM, "/update?update=y")
    yield _update("CLEAR ALL", UPDATE, "/update?update=CLEAR%20ALL")
    yield _update(_INSERT, Content_Encoding="gzip")
    yield _update("#" * 200_000)
    for method in ("GET", "HEAD", "OPTIONS"):
        yield case(method, "/update", Authorization=_AUTH)
    yield from _look()


def _graphs() -> Iterator[Case]:
    for number, (kind, text) in enumerate(_SYNTAXES.items()):
        target = f"/graphs?graph={quote(f'http://example.org/g{number}', safe='')}"
        yield _store("PUT", target, text, kind)
        yield _store("PUT", target, text, kind)
        yield _store("POST", target, text, kind)
        yield case("GET", target, Accept="application/n-triples")
        yield case("HEAD", target)
    yield _store("POST", "/graphs?default", _TURTLE)
    for target in ("/graphs/mine", "/graphs/a/b", "/graphs?graph=urn:g"):
        yield _store("PUT", target, _TURTLE)
        for accept in ("text/turtle", "application/ld+json", "application/trig", "image/png"):
            yield case("GET", target, Accept=accept)
    yield case("HEAD", "/graphs?default=x")
    yield from _names()
    yield _store("POST", "/graphs", "<a:s> <a:p> 1 .")
    for text in ("nonsense", "<a:s> <a:p> .", "<a:s> <a:p> <rel ative> .", "\xff"):
        yield _store("PUT", "/graphs?graph=urn:g", text)
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
        part = "--x\r\nContent-Type: text/turtle\r\n\r\n<a:s> <a:p> 1 .\r\n"
        yield _store("POST", "/graphs?graph=urn:g", f"{part}{part}--x--\r\n", kind)
    yield _store("PUT", "/graphs?graph=urn:g", "<a:s> <a:p> 1 .", Content_Range="bytes 0-3/9")
    yield _store("PUT", "/graphs?graph=urn:g", "<a:s> <a:p> 1 .", Content_Encoding="gzip")
    yield _store("PUT", "/graphs?graph=urn:g", "#" * 200_000)
    for method in ("PATCH", "OPTIONS"):
        yield case(method, "/graphs?graph=urn:g", Authorization=_AUTH)


def _names() -> Iterator[Case]:
    """Give requests that name graphs badly, or none, or those that are not there."""
    for target in (
        *("/graphs", "/graphs?graph=", "/graphs?graph=relative", "/graphs?graph=a%20b"),
        *("/graphs?graph=urn:g&default", "/graphs?graph=urn:g&graph=urn:h", "/graphs?nothing=1"),
        *("/graphs?graph=urn:nothing", "/graphs/", "/graphs/mine?graph=urn:g"),
    ):
        yield case("GET", target, Accept="text/html")
        yield _store("PUT", target, "<a:s> <a:p> 1 .")
        yield _store("DELETE", target, "")


def _store(method: str, target: str, text: str, kind: str = "text/turtle", **headers: str) -> Case:
    sent = {"Content_Type": kind, "Authorization": _AUTH, **headers}
    return case(method, target, text.encode() if text else None, **sent)


def _conditions() -> Iterator[Case]:
    targets = ("/graphs?graph=urn:g", "/graphs?graph=urn:nothing", "/graphs/mine")
    conditions = [("If_Match", value) for value in ("*", '"x"', 'W/"x"', "nonsense")]
    conditions += [("If_None_Match", value) for value in ("*", '"x"', 'W/"x", "y"', "nonsense")]
    for target, (name, value) in product(targets, conditions):
        sent = {name: value}
        yield _store("PUT", target, "<a:s> <a:p> 2 .", **sent)
        yield _store("DELETE", target, "", **sent)
        yield case("GET", target, **sent)
    for name in ("If_Match", "If_None_Match"):
        ask = request("GET", targets[0])
        sent = {name: "{etag}", "Content_Type": "text/turtle", "Authorization": _AUTH}
        yield raw(f"{name} that fits", ask, request("PUT", targets[0], b"<a:s> <a:p> 3 .", **sent))
    write = request(
        *("PUT", "/graphs?graph=urn:k", b"<a:s> <a:p> 1 ."),
        **{"Content_Type": "text/turtle", "Authorization": _AUTH},
    )
    ask = request("GET", "/graphs?graph=urn:k", Accept="application/n-triples")
    again = write.replace(b"1 .", b"2 .")
    yield raw("pipelined: write, read, write, read", (write, ask, again, ask))


def limited() -> Iterator[Case]:
    """Give the cases of a server with little time and room."""
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?i) }"
    for accept in (None, "text/html", "text/csv"):
        yield case("GET", sparql(slow), Accept=accept)
        yield case("GET", sparql(f"SELECT * {{ {_MANY} }}"), Accept=accept)
        yield case("GET", sparql(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {_MANY} }}"), Accept=accept)
        yield case("GET", "/queries/arms", Accept=accept)
    yield case("GET", "/graphs?default")
    yield _update(f"INSERT {{ <urn:s> <urn:p> ?n }} WHERE {{ {{ {slow} }} }}")
    yield _update("#" * 2_000)
    yield _store("PUT", "/graphs?graph=urn:g", "#" * 2_000)
    yield _store("PUT", "/graphs?graph=urn:g", "<a:s> <a:p> 1 .")
    head = "POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
    yield raw("a head that does not end", head.encode())
    yield raw("a body that does not come", f"{head}Content-Length: 99\r\n\r\nASK".encode())
    yield raw("nothing but the first letters", b"GE")
