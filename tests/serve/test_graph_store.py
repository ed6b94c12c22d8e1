"""The graph store protocol: conditions of changes, and data that are refused."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.parsing.hostile import ENTITIES, deep_json, deep_turtle, deep_xml
from tests.serve.helpers import problem
from tzgraph.serve.isolation import is_supported

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")

TURTLE = {"Content-Type": "text/turtle"}
XML = {"Content-Type": "application/rdf+xml"}


@pytest.fixture
def graph(writer: httpx.Client) -> Iterator[str]:
    """The path of a graph of one triple."""
    path = "/graphs/tested"
    assert put(writer, path, "<x:a> <x:b> 1 .").status_code == 201
    yield path
    writer.delete(path)


def put(client: httpx.Client, path: str, data: str | bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.put(path, content=data, headers={**TURTLE, **named})


def held(client: httpx.Client, path: str) -> str:
    """Give the triples of a graph, sorted, empty if there is none."""
    response = client.get(path, headers={"Accept": "application/n-triples"})
    return "".join(sorted(response.text.splitlines())) if response.status_code == 200 else ""


def test_a_graph_is_only_made_if_there_is_none(writer: httpx.Client, graph: str) -> None:
    before = held(writer, graph)
    refused = put(writer, graph, "<x:a> <x:b> 2 .", If_None_Match="*")
    assert str(problem(refused, 412)["type"]).endswith("#precondition-failed")
    assert held(writer, graph) == before
    assert put(writer, "/graphs/other", "<x:a> <x:b> 2 .", If_None_Match="*").status_code == 201
    problem(put(writer, "/graphs?default", "", If_None_Match="*"), 412)
    assert writer.delete("/graphs/other").status_code == 204


def test_a_graph_is_only_changed_if_there_is_one(writer: httpx.Client, graph: str) -> None:
    problem(put(writer, "/graphs/other", "<x:a> <x:b> 2 .", If_Match="*"), 412)
    assert writer.get("/graphs/other").status_code == 404
    assert put(writer, graph, "<x:a> <x:b> 2 .", If_Match="*").status_code == 204
    assert '"2"' in held(writer, graph)
    assert writer.delete(graph, headers={"If-Match": "*"}).status_code == 204


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_weak_tags_never_match(writer: httpx.Client, graph: str, method: str) -> None:
    """If-Match compares strongly (RFC 9110, 13.1.1), and all tags here are weak."""
    before, tag = held(writer, graph), writer.get(graph).headers["etag"]
    for shown in (tag, '"other"', f'"other", {tag}', "no tag"):
        headers = {**TURTLE, "If-Match": shown}
        response = writer.request(method, graph, headers=headers, content=b"<x:a> <x:b> 3 .")
        problem(response, 412)
    assert held(writer, graph) == before


def test_a_tag_that_is_not_wanted(writer: httpx.Client, graph: str) -> None:
    tag = writer.get(graph).headers["etag"]
    problem(put(writer, graph, "<x:a> <x:b> 4 .", If_None_Match=f'"x", {tag}'), 412)
    assert put(writer, graph, "<x:a> <x:b> 4 .", If_None_Match='"x"').status_code == 204
    assert put(writer, graph, "<x:a> <x:b> 5 .", If_None_Match=tag).status_code == 204
    assert put(writer, graph, "", If_None_Match=tag, Accept="text/csv").status_code == 204


def test_what_is_wrong_otherwise_is_said_first(writer: httpx.Client, graph: str) -> None:
    """A condition counts only where the request would do something (RFC 9110, 13.2.1)."""
    problem(put(writer, graph, "<x:a>", If_None_Match="*"), 400)
    problem(put(writer, graph, "", If_Match='"x"', Authorization="Bearer x"), 401)
    problem(writer.delete("/graphs/other", headers={"If-Match": "*"}), 404)


def test_a_part_does_not_replace_the_whole(writer: httpx.Client, graph: str) -> None:
    before = held(writer, graph)
    problem(put(writer, graph, "<x:a> <x:b> 2 .", Content_Range="bytes 0-14/30"), 400)
    assert held(writer, graph) == before


@pytest.mark.parametrize("charset", ["utf-16", "iso-8859-1", "klingon"])
def test_data_are_utf_8(writer: httpx.Client, graph: str, charset: str) -> None:
    before = held(writer, graph)
    typed = f"text/turtle; charset={charset}"
    problem(put(writer, graph, "<x:a> <x:b> 2 .", Content_Type=typed), 415)
    part = ("a", b"<x:a> <x:b> 2 .", typed)
    problem(writer.post(graph, files={"a": part}), 415)
    assert held(writer, graph) == before
    for fine in ('text/turtle; charset="UTF-8"', "text/turtle;charset=us-ascii"):
        assert put(writer, graph, "<x:a> <x:b> 2 .", Content_Type=fine).status_code == 204


_PART = b"--b\r\nContent-Type: text/turtle\r\n\r\n<x:a> <x:b> %d .\r\n"


def test_parts_of_a_form_are_added(writer: httpx.Client, graph: str) -> None:
    files = [("a", ("a", b"<x:a> <x:b> 2 .\n", "text/turtle"))]
    files += [("b", ("b", b'{"@id": "x:a", "x:b": "--b"}', "application/ld+json"))]
    assert writer.post(graph, files=files).status_code == 204
    found = held(writer, graph)
    assert '"2"' in found
    assert '"--b"' in found
    quoted = {"Content-Type": 'multipart/form-data; charset=utf-8; boundary="b"'}
    body = b"before\r\n" + _PART % 4 + b"--b--\r\nbehind"
    assert writer.post(graph, content=body, headers=quoted).status_code == 204
    assert '"4"' in held(writer, graph)


@pytest.mark.parametrize(
    ("header", "body", "status"),
    [
        ("boundary=b", b"", 400),
        ("boundary=b", b"--b--\r\n", 400),
        ("boundary=b", _PART % 2, 400),
        ("boundary=b", _PART % 2 * 1001 + b"--b--", 400),
        ("boundary=b", b"--b\r\nContent-Type\r\n\r\n\r\n--b--", 400),
        ("boundary=b", b"--b\r\n" + b"X: y\r\n" * 100_000 + b"\r\n\r\n--b--", 400),
        ("boundary=b", b"--b\r\nContent-Type: " + b"(" * 5_000 + b"\r\n\r\n\r\n--b--", 415),
        (
            "boundary=b",
            (_PART % 2).replace(b"Con", b"Content-Transfer-Encoding: base64\r\nCon"),
            415,
        ),
        ("boundary=" + "b" * 71, b"", 400),
        ("(" * 20_000, b"", 400),
        ("boundary=a;" * 2_000, b"", 400),
        ('boundary="' + '\\"' * 10_000, b"", 400),
    ],
)
def test_forms_that_are_refused(
    writer: httpx.Client, graph: str, header: str, body: bytes, status: int
) -> None:
    """Each at once: Python's reader of mail fails on some of them, or takes minutes."""
    before = held(writer, graph)
    typed = {"Content-Type": f"multipart/form-data; {header}"}
    problem(writer.post(graph, content=body, headers=typed, timeout=20), status)
    assert held(writer, graph) == before


def test_place_in_xml(writer: httpx.Client, graph: str) -> None:
    """The engine says no place for XML; one that is not known is not made up."""
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ill = f"<rdf:RDF {rdf}>\n <rdf:Description>\n </rdf:Descriptio>\n</rdf:RDF>"
    document = problem(put(writer, graph, ill, **XML), 400)
    assert str(document["type"]).endswith("#data-syntax")
    assert (document["line"], document["column"]) == (3, 4)
    no_rdf = f'<rdf:RDF {rdf}><rdf:Description rdf:about="x:a" rdf:nodeID="b"/></rdf:RDF>'
    document = problem(put(writer, graph, no_rdf, **XML), 400)
    assert str(document["type"]).endswith("#data-syntax")
    assert "line" not in document
    assert '"1"' in held(writer, graph)


HOSTILE = {
    "triple terms": ("text/turtle", b"# a line\n" + deep_turtle(50_000), 2),
    "objects": ("application/ld+json", b"\n" + deep_json(5_000), 2),
    "elements": ("application/rdf+xml", b"<!-- \n -->" + deep_xml(50_000, padding=100_000), 2),
    **{way: ("application/rdf+xml", data, None) for way, data in ENTITIES.items()},
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_data_that_no_parser_survives_change_nothing(
    writer: httpx.Client, graph: str, method: str, what: str
) -> None:
    media_type, data, line = HOSTILE[what]
    before, pid = held(writer, graph), writer.get("/healthz").json()
    response = writer.request(method, graph, content=data, headers={"Content-Type": media_type})
    told = problem(response, 400)
    code = "rdf12" if what == "triple terms" else "data-syntax"
    assert str(told["type"]).endswith(f"#{code}")
    assert line is None or told["line"] == line
    assert held(writer, graph) == before
    assert writer.get("/healthz").json() == pid
    assert put(writer, graph, "<x:a> <x:b> 1 .").status_code == 204


@pytest.mark.parametrize(
    "form", ["INSERT DATA { %s }", "DELETE DATA { %s }", "INSERT { %s } WHERE {}"]
)
def test_updates_nested_too_deeply_change_nothing(writer: httpx.Client, form: str) -> None:
    text = "\n" + form % deep_turtle(5_000).decode()
    told = problem(writer.post("/update", data={"update": text}), 400)
    assert told["line"] == 2
    assert put(writer, "/graphs/after", "<x:a> <x:b> 1 .").status_code == 201
    assert writer.delete("/graphs/after").status_code == 204
