"""What a server takes and gives is RDF 1.1, and what is XML is XML: every door of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import pyoxigraph as ox
import pytest

from tests.serve.helpers import problem, publish
from tests.serve.writable import writable
from tzgraph.release import open_release
from tzgraph.release.updates import Updates
from tzgraph.serve.federation.remote import Reply
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.isolation.fetching import check_result

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")

XSD = "http://www.w3.org/2001/XMLSchema#"
SNOMED = "http://snomed.info/id/116680003"
STRICT = {"Prefer": "handling=strict"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server that takes updates, of a release that an older version updated."""
    directory = tmp_path_factory.mktemp("build")
    publish(directory, 1)
    older(directory, '<x:a> <x:b> "bell\\u0007", "line\\r" . <x:a> <x:b> "wide\\uFFFF" .')
    with writable(directory) as client:
        yield client


def older(directory: Path, turtle: str) -> None:
    """Add to the graph what no update adds any more."""
    release = open_release(directory)
    updates = Updates(directory, release.manifest.id)
    with updates.writing(10):
        store, _ = updates.open_copy()
        store.load(turtle.encode(), format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("x:older"))
        updates.publish(store)
    release.close()


def state(client: httpx.Client) -> object:
    return client.get("/healthz").json()["state"]


def update(client: httpx.Client, text: str, **headers: str) -> httpx.Response:
    typed = {"Content-Type": "application/sparql-update", **headers}
    return client.post("/update", content=text.encode(), headers=typed)


RDFXML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    '<rdf:Description rdf:about="x:a"><e:p rdf:parseType="Triple">'
    '<rdf:Description rdf:about="x:s"><e:p>1</e:p></rdf:Description>'
    "</e:p></rdf:Description></rdf:RDF>"
)
BODIES = [
    ("text/turtle", "<x:a> <x:b> 1 {| <x:c> 2 |} .", 15),
    ("text/turtle", '<x:a> <x:b> "x"@ar--rtl .', 19),
    ("application/n-triples", "<x:a> <x:b> <<( <x:a> <x:b> <x:c> )>> .", 13),
    ("application/rdf+xml", RDFXML, RDFXML.index("<e:p rdf") + 1),
    (
        "application/ld+json",
        '{"x:b": {"@value": "v", "@language": "ar", "@direction": "rtl"}}',
        44,
    ),
]


@pytest.mark.parametrize(("media_type", "data", "column"), BODIES)
def test_no_graph_is_written_in_rdf_1_2(
    server: httpx.Client, media_type: str, data: str, column: int
) -> None:
    before = state(server)
    typed = {"Content-Type": media_type}
    for method, path in (("PUT", "/graphs/g"), ("POST", "/graphs/g"), ("POST", "/graphs?default")):
        told = problem(server.request(method, path, content=data, headers=typed), 400)
        assert str(told["type"]).endswith("#rdf12")
        assert (told["line"], told["column"]) == (1, column)
    files = [
        ("a", ("a", b"<x:a> <x:b> 1 .", "text/turtle")),
        ("b", ("b", data.encode(), media_type)),
    ]
    assert str(problem(server.post("/graphs/g", files=files), 400)["type"]).endswith("#rdf12")
    assert state(server) == before


def test_no_update_writes_it(server: httpx.Client) -> None:
    before = state(server)
    for text in (
        "INSERT DATA {\n << <x:a> <x:b> <x:c> >> <x:says> 'me' }",
        "INSERT { <x:a> <x:b> ?t } WHERE\n { BIND(TRIPLE(<x:a>, <x:b>, 1) AS ?t) }",
    ):
        for response in (update(server, text), server.post("/update", data={"update": text})):
            told = problem(response, 400)
            assert str(told["type"]).endswith("#rdf12")
            assert told["line"] == 2
    assert state(server) == before


@pytest.mark.parametrize("accept", ["*/*", "application/ld+json", "text/turtle", "text/html"])
def test_no_query_gives_it(server: httpx.Client, accept: str) -> None:
    for text in (
        "CONSTRUCT { <a:a> <a:b> <<( <a:s> <a:p> <a:o> )>> } WHERE {}",
        "SELECT (STRLANGDIR('a', 'en', 'ltr') AS ?x) {}",
    ):
        response = server.get("/sparql", params={"query": text}, headers={"Accept": accept})
        assert response.status_code == 400
        assert "RDF 1.2" in response.text
    value = '<<( <x:a> <x:b> "c" )>>'
    bound = server.get(
        "/sparql", params={"query": "SELECT ?x { VALUES ?x { UNDEF } }", "$x": value}
    )
    assert bound.status_code == 400
    bound = server.get("/sparql", params={"query": "SELECT ?x {}", "$x": '"a"@en--ltr'})
    assert bound.status_code == 400


_JSON = b'{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": %s}]}}'
_TERM = b'{"type": "uri", "value": "x:a"}'
_XML_REPLY = (
    b'<sparql xmlns="http://www.w3.org/2005/sparql-results#" xmlns:its="http://www.w3.org/2005/11/its">'
    b'<head><variable name="x"/></head><results><result><binding name="x">%s</binding></result>'
    b"</results></sparql>"
)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (
            "json",
            _JSON
            % (
                b'{"type": "triple", "value": {"subject": %s, "predicate": %s, "object": %s}}'
                % (_TERM, _TERM, _TERM)
            ),
        ),
        (
            "json",
            _JSON % b'{"type": "literal", "value": "a", "xml:lang": "ar", "its:dir": "rtl"}',
        ),
        (
            "xml",
            _XML_REPLY
            % b"<triple><subject><uri>x:a</uri></subject><predicate><uri>x:a</uri></predicate>"
            b"<object><uri>x:a</uri></object></triple>",
        ),
        ("xml", _XML_REPLY % b'<literal xml:lang="ar" its:dir="rtl">a</literal>'),
    ],
)
def test_no_reply_of_another_endpoint_brings_it(media_type: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"RDF 1\.2"):
        check_result(Reply(f"application/sparql-results+{media_type}", body))


def test_literals_that_can_not_be_read_back_are_refused(server: httpx.Client) -> None:
    before = state(server)
    turtle = {"Content-Type": "text/turtle"}
    for sign in ("\\u0001", "\\b", "\\uFFFE", "\x02"):
        told = problem(update(server, f"INSERT DATA {{\n<x:a> <x:b> '{sign}' }}"), 400)
        assert told["line"] == 2
        assert "XML" in str(told["detail"])
        data = f'<x:a> <x:b> "{sign}" .'.encode()
        told = problem(server.put("/graphs/g", content=data, headers=turtle), 400)
        assert "<x:b> of <x:a>" in str(told["detail"])
    untagged = (
        "INSERT DATA { <x:a> <x:b> 'a'^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString> }"
    )
    assert "language tag" in str(problem(update(server, untagged), 400)["detail"])
    assert state(server) == before
    # What is there from before can be deleted.
    assert (
        update(server, "DELETE DATA { GRAPH <x:no> { <x:a> <x:b> '\\u0001' } }").status_code == 204
    )


# -- literals that change ----------------------------------------------------------------------


def test_literals_that_change_are_told_at_the_write(server: httpx.Client) -> None:
    done = update(server, "INSERT DATA { <x:n> <x:b> 007, 7, 'é'@en-GB }")
    assert done.status_code == 204
    told = json.loads(done.headers["literals-changed"])
    assert told["count"] == 2
    done = update(server, "INSERT DATA { <x:n> <x:b> 7 }")
    assert "literals-changed" not in done.headers
    data = f'<x:a> <x:b> "300"^^<{XSD}byte>, "1.50"^^<{XSD}decimal>, 2, "a"@de-AT .'
    typed = {"Content-Type": "text/turtle"}
    for method in ("PUT", "POST"):
        done = server.request(method, "/graphs/changed", content=data, headers=typed)
        assert done.status_code in (201, 204)
        told = json.loads(done.headers["literals-changed"])
        assert told == {
            "count": 3,
            "written": f'"300"^^<{XSD}byte>',
            "stored": f'"300"^^<{XSD}integer>',
        }
    found = server.get("/graphs/changed", headers={"Accept": "application/n-triples"}).text
    assert f'"300"^^<{XSD}integer>' in found
    assert '"a"@de-at' in found
    assert server.delete("/graphs/changed").status_code == 204


def test_who_asks_for_it_is_refused_instead(server: httpx.Client) -> None:
    before = state(server)
    told = problem(update(server, "INSERT DATA { <x:n> <x:b> 1e2 }", **STRICT), 400)
    assert str(told["type"]).endswith("#literals-change")
    assert '"100"' in str(told["detail"])
    typed = {"Content-Type": "text/turtle", **STRICT}
    told = problem(server.put("/graphs/s", content=b"<x:a> <x:b> 1e2 .", headers=typed), 400)
    assert str(told["type"]).endswith("#literals-change")
    assert state(server) == before
    done = update(server, "INSERT DATA { <x:n> <x:b> 1 }", Prefer="wait=5, Handling = Strict")
    assert (done.status_code, done.headers["preference-applied"]) == (204, "handling=strict")
    done = update(server, "INSERT DATA { <x:n> <x:b> 01 }", Prefer="handling=lenient")
    assert done.status_code == 204
    assert "preference-applied" not in done.headers


# -- XML ---------------------------------------------------------------------------------------

ALL = "SELECT ?o { GRAPH <x:older> { ?s ?p ?o } } ORDER BY ?o"
XML = {"Accept": "application/sparql-results+xml"}


def test_rows_that_xml_can_not_hold_are_refused(server: httpx.Client) -> None:
    told = problem(server.get("/sparql", params={"query": ALL}, headers=XML), 406)
    assert str(told["type"]).endswith("#not-in-xml")
    assert "U+0007" in str(told["detail"])
    for accept in ("application/sparql-results+json", "text/csv", "text/tab-separated-values"):
        given = server.get("/sparql", params={"query": ALL}, headers={"Accept": accept})
        assert given.status_code == 200
        assert "bell" in given.text
    text = ALL.replace("?o }", "?o FILTER(STRSTARTS(?o, 'line')) }", 1)
    given = server.get("/sparql", params={"query": text}, headers=XML)
    (literal,) = ElementTree.fromstring(given.content).iter(  # noqa: S314 - our own
        "{http://www.w3.org/2005/sparql-results#}literal"
    )
    assert literal.text == "line\r"


def test_graphs_that_xml_can_not_hold_are_refused(server: httpx.Client) -> None:
    rdfxml = {"Accept": "application/rdf+xml"}
    told = problem(server.get("/graphs?graph=x:older", headers=rdfxml), 406)
    assert "<x:b> of <x:a>" in str(told["detail"])
    text = f"CONSTRUCT {{ <x:a> <{SNOMED}> <x:b> }} WHERE {{}}"
    told = problem(server.get("/sparql", params={"query": text}, headers=rdfxml), 406)
    assert SNOMED in str(told["detail"])
    given = server.get("/sparql", params={"query": text}, headers={"Accept": "text/turtle"})
    assert SNOMED in given.text
    typed = {"Content-Type": "text/turtle"}
    data = f"<x:a> <{SNOMED}> <x:b> ; a <http://snomed.info/id/1> .".encode()
    assert server.put("/graphs/snomed", content=data, headers=typed).status_code == 201
    problem(server.get("/graphs/snomed", headers=rdfxml), 406)
    assert server.get("/graphs/snomed", headers={"Accept": "text/turtle"}).status_code == 200
    text = "CONSTRUCT { ?s a ?c } WHERE { GRAPH ?g { ?s a ?c } }"
    given = server.get("/sparql", params={"query": text}, headers=rdfxml)
    (read,) = ox.parse(given.content, format=ox.RdfFormat.RDF_XML)
    assert read.object == ox.NamedNode("http://snomed.info/id/1")


def test_documents_that_xml_can_not_hold_are_refused(server: httpx.Client) -> None:
    about = "https://w3id.org/tzgraph/id/drug/x"
    data = f"<{about}> a <x:Drug> ; <{SNOMED}> <x:b> .".encode()
    typed = {"Content-Type": "text/turtle"}
    assert server.post("/graphs?default", content=data, headers=typed).status_code == 204
    told = problem(server.get("/id/drug/x.rdf"), 406)
    assert SNOMED in str(told["detail"])
    for suffix in ("ttl", "nt", "jsonld", "html"):
        assert server.get(f"/id/drug/x.{suffix}").status_code == 200


def test_reserved_names_are_refused_by_name(server: httpx.Client) -> None:
    """The engine fails on them; it is no fault of the server."""
    text = "CONSTRUCT { <x:a> rdf:li <x:b> } WHERE {}"
    text = f"PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> {text}"
    accept = {"Accept": "application/rdf+xml"}
    told = problem(server.get("/sparql", params={"query": text}, headers=accept), 406)
    assert "rdf-syntax-ns#li" in str(told["detail"])


@pytest.mark.parametrize("form", ["select", "construct"])
def test_an_answer_that_meets_one_in_the_middle_ends_as_an_error(
    server: httpx.Client, form: str
) -> None:
    """After the first bytes there is no status left to give: the body has no end."""
    values = " ".join(f'"a longer value, number {number}"' for number in range(12_000))
    body = f'{{ VALUES ?o {{ {values} "\\u0001" }} }}'
    text = f"SELECT ?o {body}" if form == "select" else f"CONSTRUCT {{ <x:a> <x:b> ?o }} {body}"
    accept = "application/sparql-results+xml" if form == "select" else "application/rdf+xml"
    asked = server.stream("POST", "/sparql", data={"query": text}, headers={"Accept": accept})
    with asked as response:
        assert response.status_code == 200
        with pytest.raises(httpx.ReadError):
            response.read()


def test_pages_show_such_characters_as_signs(server: httpx.Client) -> None:
    page = server.get("/sparql?" + urlencode({"query": ALL}), headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert r"bell\x07" in page.text
    assert "\x07" not in page.text
    assert "\uffff" not in page.text
    asked = {"query": "SELECT * { \x01 }"}
    page = server.get("/sparql", params=asked, headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert "SELECT * { ␁ }" in page.text
    assert "\x01" not in page.text
