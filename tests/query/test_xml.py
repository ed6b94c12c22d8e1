"""What is XML is XML: well-formed for a parser that knows nothing of us, or refused by name."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from tzgraph.query.formats import FORMATS
from tzgraph.query.run import run, serialize
from tzgraph.query.xml import NotInXmlError, XmlOutput, write_rdfxml
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.paging import write_part
from tzgraph.terms import NO_XML
from tzgraph.vocabulary import RDF, XSD

FORMS = {form.name: form for form in FORMATS}
N = ox.NamedNode
A, OTHER = N("http://e.org/a"), N("http://e.org/o")
PREFIXES = {
    "e": "http://e.org/",
    "rdf": "http://e.org/not-rdf",
    "1x": "http://e.org/1x",
    "xmlx": "http://e.org/xml",
    "xml": "http://www.w3.org/XML/1998/",
    "a.b-c": "http://e.org/dotted#",
    "é": "http://e.org/wide#",
}
UNFIT = ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff"]
FIT = [
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufffd",
    "\ufeff",
    "\uff01",
    "\U0001f600",
]


def rdfxml(*triples: ox.Triple, prefixes: dict[str, str] = PREFIXES) -> bytes:
    out = io.BytesIO()
    write_rdfxml(triples, out, prefixes)
    return out.getvalue()


def read_back(data: bytes) -> list[tuple[str, str, str]]:
    """Read RDF/XML with rdflib, which reads XML with expat."""
    graph = rdflib.Graph().parse(data=data, format="xml")
    return sorted((str(s), str(p), str(o)) for s, p, o in graph)


def xml_of(query: str, most: int = 0) -> bytes:
    out = io.BytesIO()
    serialize(run(ox.Store(), query), FORMS["xml"], out, most=most)
    return out.getvalue()


GOOD = [
    *("http://e.org/p", "http://e.org/#1abc", "http://e.org/a:b", "urn:a", "http://e.org/a."),
    *("http://e.org/é", "http://e.org/日本", "http://e.org/\U00010000a", "http://e.org/a\u203fb"),
    *("http://e.org/a'b&c", "http://e.org/xmlns", "http://e.org/dotted#p", "http://e.org/wide#p"),
    *(RDF + "_1", RDF + "type", RDF + "value", "http://www.w3.org/2000/xmlns/foo"),
    *("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/XML/1998/namespacelang"),
]
BAD = [
    *("http://snomed.info/id/116680003", "http://e.org/", "x:1", "x:-", "http://e.org/a%20"),
    *("http://e.org/\U00010000", "http://e.org/a/\u00b7", "http://www.w3.org/2000/xmlns/f"),
    *(RDF + name for name in ("li", "Description", "ID", "about", "RDF", "bagID", "parseType")),
]


@pytest.mark.parametrize("iri", GOOD)
def test_predicates_that_end_in_a_name(iri: str) -> None:
    triples = [ox.Triple(A, N(iri), OTHER), ox.Triple(A, N(iri), ox.Literal("x"))]
    expected = sorted([(A.value, iri, OTHER.value), (A.value, iri, "x")])
    assert read_back(rdfxml(*triples)) == expected
    assert read_back(rdfxml(*triples, prefixes={})) == expected


@pytest.mark.parametrize("iri", BAD)
def test_predicates_that_do_not_are_refused_by_name(iri: str) -> None:
    with pytest.raises(NotInXmlError) as caught:
        rdfxml(ox.Triple(A, N(iri), OTHER))
    assert f"<{iri}>" in caught.value.message
    assert "Turtle" in caught.value.hint
    assert (caught.value.code, caught.value.status) == ("not-in-xml", 406)


@pytest.mark.parametrize("iri", BAD)
def test_as_class_or_object_they_are_written(iri: str) -> None:
    """The engine makes elements of classes, too, and writes <oxprefix:>."""
    triple = ox.Triple(A, N(RDF + "type"), N(iri))
    assert read_back(rdfxml(triple)) == [(A.value, RDF + "type", iri)]


@pytest.mark.parametrize("sign", FIT)
def test_characters_come_back(sign: str) -> None:
    literal = ox.Literal(f"a{sign}b<&>\"'", language="en")
    ((_, _, value),) = read_back(rdfxml(ox.Triple(A, A, literal)))
    assert value == literal.value
    escaped = "".join(f"\\U{ord(char):08X}" for char in f"a{sign}b")
    for most in (0, 10):
        result = ElementTree.fromstring(xml_of(f'SELECT ("{escaped}" AS ?x) {{}}', most))  # noqa: S314 - our own
        assert [e.text for e in result.iter() if e.tag.endswith("}literal")] == [f"a{sign}b"]


@pytest.mark.parametrize("sign", UNFIT)
def test_characters_that_xml_can_not_hold_are_refused(sign: str) -> None:
    named = f"U+{ord(sign):04X}"
    with pytest.raises(NotInXmlError, match=re.escape(named)):
        rdfxml(ox.Triple(A, A, ox.Literal(f"a{sign}b")))
    query = f'SELECT ("a\\u{ord(sign):04X}b" AS ?x) {{}}'
    for most in (0, 10):
        with pytest.raises(NotInXmlError, match=re.escape(named)):
            xml_of(query, most)
    with pytest.raises(NotInXmlError, match=re.escape(named)):
        write_part(run(ox.Store(), query), FORMS["xml"], io.BytesIO(), Window(0, 5), 0)
    for other in ("json", "csv", "tsv"):
        serialize(run(ox.Store(), query), FORMS[other], io.BytesIO())


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode), st.integers(1, 9))
def test_pieces_do_not_matter(data: bytes, size: int) -> None:
    """A character may be cut where the engine's pieces end."""
    out = io.BytesIO()
    looked = XmlOutput(out)
    try:
        for at in range(0, len(data), size):
            looked.write(data[at : at + size])
    except NotInXmlError:
        assert re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]", data)
    else:
        assert out.getvalue() == data.replace(b"\r", b"&#xD;")
        assert not NO_XML.search(data.decode("utf-8", "replace"))


IRIS = st.from_regex(r"http://e\.org/[a-z0-9_.:/&'()é\u65e5-]{0,8}", fullmatch=True).map(N)
LITERALS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10).map(ox.Literal),
    st.text(st.sampled_from("a \r\n\t<>&\"']"), max_size=10).map(
        lambda text: ox.Literal(text, language="en-gb")
    ),
    st.sampled_from(["1", "x<&"]).map(lambda text: ox.Literal(text, datatype=N(XSD + "integer"))),
)
BLANKS = st.sampled_from(["a", "0a", "b.0a", "b.3061", "a-b", "é"]).map(ox.BlankNode)


@given(st.lists(st.builds(ox.Triple, IRIS | BLANKS, IRIS, IRIS | BLANKS | LITERALS), max_size=8))
def test_a_graph_comes_back_or_is_refused(triples: list[ox.Triple]) -> None:
    try:
        data = rdfxml(*triples)
    except NotInXmlError:
        return
    read = ox.Dataset(ox.parse(data, format=ox.RdfFormat.RDF_XML))
    meant = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    for dataset in (read, meant):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert set(read) == set(meant)
    assert len(rdflib.Graph().parse(data=data, format="xml")) == len(meant)


def test_the_engine_would_have_written_what_is_no_xml() -> None:
    """If it does not by now, less of this is needed."""
    predicate = N("http://snomed.info/id/116680003")
    data = ox.serialize([ox.Triple(A, predicate, OTHER)], format=ox.RdfFormat.RDF_XML)
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(data or b"")  # noqa: S314 - the engine's
