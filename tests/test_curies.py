"""CURIEs: every door reads every spelling, and there is one form to write."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.commands import environment
from tests.serve.helpers import make_release, serving
from tzgraph.curies import Curies, IriError
from tzgraph.errors import UsageError
from tzgraph.explain.terms import Terms
from tzgraph.link.identifiers.curies import converter, expand
from tzgraph.query.binding import bind
from tzgraph.query.library import parse_query
from tzgraph.query.table import show
from tzgraph.read.index import Index
from tzgraph.read.naming import CellNames
from tzgraph.read.values import BadValueError, Resolver
from tzgraph.release import Release
from tzgraph.resources import shipped
from tzgraph.schema import Schema, load_schema
from tzgraph.serve.app import create_app
from tzgraph.vocabulary import RDFS

OBO = "http://purl.obolibrary.org/obo/"
QUERY = parse_query("#+ title: t\n#+ param: v iri\nSELECT ?v {}", name="echo")

Door = Callable[[str], str]


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load_schema(shipped("ontology"))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory, schema: Schema) -> Release:
    """A release of nothing, with the prefixes of the shipped ontology."""
    folder = tmp_path_factory.mktemp("release")
    return make_release(folder, "", prefixes=dict(schema.prefixes))


@pytest.fixture(scope="module")
def doors(schema: Schema, release: Release) -> Iterator[dict[str, Door]]:
    """What reads IRIs, by name; each raises an error where it refuses a text."""
    see_also = schema.properties[RDFS + "seeAlso"]
    names = CellNames(list, list, schema.curies)
    library = {QUERY.name: QUERY}
    with (
        Index() as index,
        serving(create_app(release, library=library)) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):

        def ask(path: str, **values: str) -> str:
            answer = client.get(path, params=values, headers={"Accept": "text/csv"})
            if answer.status_code == 400:
                detail = answer.json()["detail"]
                if read := re.search(r"'v': (\S+) is unknown: it is described nowhere", detail):
                    return read[1]  # it tells as what it has read the value
                raise UsageError(detail, "")
            return answer.text.splitlines()[1]

        yield {
            "table": lambda text: Resolver(schema, index, names).iri(text, see_also),
            "query": lambda text: str(
                bind(QUERY, {"v": text}, release.manifest.curies, {})[ox.Variable("v")]
            )[1:-1],
            "explain": lambda text: Terms(release.manifest.curies).node(text)[1:-1],
            "/queries": lambda text: ask("/queries/echo.csv", v=text),
            "/sparql": lambda text: ask("/sparql", query="SELECT ?v {}", **{"$v": text}),
            "link": lambda text: expand(text) or "",
        }


@pytest.mark.parametrize("door", ["table", "query", "explain", "/queries", "/sparql", "link"])
@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("mondo:0001056", OBO + "MONDO_0001056"),
        ("MONDO:0001056", OBO + "MONDO_0001056"),
        ("Mondo:MONDO:0001056", OBO + "MONDO_0001056"),
        ("GO:0001837", OBO + "GO_0001837"),
        ("go:GO:0001837", OBO + "GO_0001837"),
        ("pmid:20728210", "http://identifiers.org/pubmed/20728210"),
        ("PMID:20728210", "http://identifiers.org/pubmed/20728210"),
        ("pubmed:20728210", "http://identifiers.org/pubmed/20728210"),
        ("PubMed:20728210", "http://identifiers.org/pubmed/20728210"),
        ("DOI:10.1016/S0140-6736(10)61121-X", "https://doi.org/10.1016/S0140-6736(10)61121-X"),
        ("UniProtKB:P04626", "http://purl.uniprot.org/uniprot/P04626"),
        ("uberon:0000945", OBO + "UBERON_0000945"),  # declared nowhere
    ],
)
def test_every_door_reads_every_spelling(
    doors: dict[str, Door], door: str, text: str, iri: str
) -> None:
    assert doors[door](text) == iri


@pytest.mark.parametrize("door", ["table", "query", "explain", "/queries", "/sparql"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MONDOO:1", "“mondo”"),
        ("TZDRG:trastuzumab", "“tzdrug”"),
        ("nobody:1", "The prefix “nobody” of “nobody:1” is not known"),
        ("go:", "go:"),
        ("go:1 2", "go:1 2"),
    ],
)
def test_every_door_refuses_what_names_nothing(
    doors: dict[str, Door], door: str, text: str, said: str
) -> None:
    with pytest.raises((UsageError, BadValueError)) as raised:
        doors[door](text)
    error = raised.value
    assert isinstance(error, UsageError | BadValueError)
    assert said in f"{error} {error.hint}"


def test_there_is_one_form_to_write(schema: Schema, release: Release) -> None:
    """As a table for people, as an explanation, and as a link; SPARQL takes it, or the IRI."""
    for iri, text in {
        "http://identifiers.org/pubmed/20728210": "pmid:20728210",
        OBO + "MONDO_0006244": "mondo:0006244",
        "https://doi.org/10.1016/S0140-6736(10)61121-X": "doi:10.1016/S0140-6736(10)61121-X",
        "https://w3id.org/tzgraph/id/drug/trastuzumab": "tzdrug:trastuzumab",
        "https://w3id.org/tzgraph/id/drug/": None,
        "https://w3id.org/tzgraph/id/drug/a/b": None,
        "https://w3id.org/tzgraph/graph/source/bang-2010#class": None,
        "http://purl.uniprot.org/uniprot/P04626#x": None,
    }.items():
        assert show(ox.NamedNode(iri), schema.curies) == (text or f"<{iri}>")
        assert Terms(release.manifest.curies).compact(f"<{iri}>") == (text or f"<{iri}>")
        assert converter().compress(iri) == text
        assert schema.curies.iri(text or f"<{iri}>") == iri


@pytest.mark.parametrize(
    ("iri", "curie"),
    [
        ("https://identifiers.org/drugbank/DB00072", "drugbank:DB00072"),
        ("https://pubmed.ncbi.nlm.nih.gov/20728210", "pmid:20728210"),
        ("http://identifiers.org/hgnc/3430", "hgnc:3430"),
        ("https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/HGNC:3430", "hgnc:3430"),
        ("http://semanticscience.org/resource/SIO_000994", "sio:000994"),
        (OBO + "XYZ_1", None),
    ],
)
def test_an_iri_in_any_of_its_forms_has_one_curie(iri: str, curie: str | None) -> None:
    assert converter().compress(iri) == curie


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("SIO:SIO_000300", "sio:000300"),
        ("HGNC:HGNC:3430", "hgnc:3430"),
        ("Chembl.Compound:CHEMBL1201585", "chembl.compound:CHEMBL1201585"),
        ("reactome:R-HSA-1227986", "reactome:R-HSA-1227986"),
        ("tzdrug:tzdrug_1", "tzdrug:tzdrug_1"),
    ],
)
def test_a_curie_has_one_form(written: str, normal: str) -> None:
    assert converter().normalise(written) == normal


@pytest.mark.parametrize("text", ["0001837", "nobody:1", "go:", ":1", ""])
def test_what_has_no_known_prefix_is_no_curie(text: str) -> None:
    assert converter().normalise(text) is None
    assert converter().expand(text) is None


def test_what_is_declared_goes_before_the_bioregistry() -> None:
    own = Curies({"go": "http://example.org/go#", "EX": "http://example.org/EX/", "ex": "urn:ex:"})
    assert own.iri("GO:1") == "http://example.org/go#1"
    assert own.compress(OBO + "GO_0001837") is None
    assert (own.iri("EX:1"), own.iri("ex:1")) == ("http://example.org/EX/1", "urn:ex:1")
    renamed = Curies({"papers": "https://pubmed.ncbi.nlm.nih.gov/"})
    assert renamed.normalise("PMID:1") == "papers:1"
    for iri in ("http://identifiers.org/pubmed/1", "https://pubmed.ncbi.nlm.nih.gov/1"):
        assert renamed.compress(iri) == "papers:1"
    assert renamed.iri("pubmed:1") == "https://pubmed.ncbi.nlm.nih.gov/1"


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_what_is_written_is_read(local: str) -> None:
    known = Curies({"ex": "http://example.org/", "doi": "https://doi.org/"})
    for base in known.prefixes.values():
        try:
            iri = known.iri(f"<{base}{local}>")
        except IriError:
            continue
        assert known.iri(known.compact(iri)) == iri


def test_no_two_prefixes_share_a_name_or_an_iri(schema: Schema) -> None:
    vocabularies = schema.curies.vocabularies.values()
    assert len(vocabularies) > 150
    names = [n for v in vocabularies for n in {v.prefix.casefold(), *map(str.casefold, v.names)}]
    assert len(names) == len(set(names))
    iris = [iri for v in vocabularies for iri in {v.namespace, *v.iris}]
    assert len(iris) == len(set(iris))


def test_patterns_tell_right_ids_from_wrong_ones() -> None:
    for curie, fits in (
        ("clinicaltrials:NCT01041404", True),
        ("clinicaltrials:NCT0104140", False),
        ("mondo:6244", False),
        ("NCIT:C53556", True),
        ("pubmed:PMC1", False),
    ):
        prefix, _, local = curie.partition(":")
        expected = converter().pattern(prefix)
        assert expected is not None
        assert bool(expected.fullmatch(local)) is fits


def test_declared_prefixes_need_no_package(tmp_path: Path) -> None:
    """To import ``curies`` takes longer than a query; reading and writing CURIEs does without."""
    program = (
        "import sys; from tzgraph.curies import Curies; c = Curies({'tz': 'http://e.org/'});"
        "c.iri('tz:a'), c.iri('MONDO:1'), c.compact('http://e.org/a#b');"
        "assert 'curies' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, env=environment())
