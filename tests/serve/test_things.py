"""``/id/…`` and ``/graph/…``: pages and RDF, what is not there, and links between pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.commands import Sources
from tests.serve.helpers import make_release, problem, serving
from tests.serve.test_pages import BROWSER, Page
from tzgraph.release import build_release
from tzgraph.release.build import BuildOptions
from tzgraph.serve.app import create_app
from tzgraph.serve.messages.links import link, local_path
from tzgraph.vocabulary import GRAPH, ID, OWL, RDF, RDFS, SKOS, TZ

FORMATS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
}
RECORD = "/id/mapping/drug-trastuzumab-exact-drugbank-db00072"
MANY = "".join(f"<{ID}odd/n{number:04}> <{TZ}near> <{ID}odd/hub> .\n" for number in range(1200))
ODD = f"""
<{ID}odd/a.b-c_d> <{RDFS}label> "<script>alert(1)</script>" .
<{ID}odd/a.b-c_d> <{RDFS}label> "<b>odd</b>"@en <{GRAPH}source/s> .
<{ID}odd/a.b-c_d> <{SKOS}definition> "\\"quoted\\" & <i>marked</i>" .
<{ID}odd/a.b-c_d> <{RDF}type> <{TZ}Odd> .
<{ID}odd/a.b-c_d> <{TZ}near> <javascript:alert(1)> .
<{ID}odd/a.b-c_d> <{TZ}near> <{ID}odd/only-mentioned> .
<{ID}odd/a.b-c_d> <{TZ}near> <{ID}odd/x/y> .
<{ID}odd/gone> <{OWL}deprecated> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<{ID}odd/gone> <http://purl.org/dc/terms/isReplacedBy> <{ID}odd/a.b-c_d> .
<{ID}odd/hub> <{RDFS}label> "hub" .
<{GRAPH}source/s> <{RDFS}label> "source s" <{GRAPH}metadata> .
{MANY}"""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server on things with odd names and contents."""
    release = make_release(
        tmp_path_factory.mktemp("odd"),
        ODD,
        sources=({"slug": "s", "graph": f"{GRAPH}source/s", "label": "<u>s</u>"},),
    )
    with (
        serving(create_app(release, library={})) as url,
        httpx.Client(base_url=url, headers={"Accept": "*/*"}, timeout=60) as client,
    ):
        yield client


def triples(response: httpx.Response, form: ox.RdfFormat = ox.RdfFormat.TURTLE) -> set[ox.Triple]:
    """Give the triples of a document."""
    assert response.status_code in (200, 410), response.text
    return {quad.triple for quad in ox.parse(response.content, format=form)}


def test_a_mapping_record_is_a_thing(shipped: httpx.Client) -> None:
    """What explanations and ``derived_from`` name can be looked up."""
    path = "/id/mapping/disease-gastric-carcinoma-exact-mondo-0004950"
    record = ox.NamedNode(f"{ID}mapping/{path.rpartition('/')[2]}")
    for suffix, (_, form) in FORMATS.items():
        said = {
            (triple.predicate.value, str(triple.object))
            for triple in triples(shipped.get(f"{path}.{suffix}"), form)
            if triple.subject == record
        }
        assert said >= {
            (f"{OWL}annotatedSource", f"<{ID}disease/gastric-carcinoma>"),
            (f"{OWL}annotatedTarget", "<http://purl.obolibrary.org/obo/MONDO_0004950>"),
            ("https://w3id.org/sssom/object_label", '"gastric carcinoma"'),
        }
    page = shipped.get(path, headers=BROWSER)
    assert page.status_code == 200
    assert "gastric carcinoma" in page.text
    assert shipped.get("/id/mapping/disease-gastric-carcinoma-exact-nothing").status_code == 404
    members = triples(shipped.get("/id/mappingset/mondo"))
    assert any(triple.object == record for triple in members)


def test_records_of_the_sets_of_others_are_things(tmp_path: Path) -> None:
    sources = Sources(tmp_path / "sources")
    theirs = tmp_path / "x.sssom.tsv"
    theirs.write_text(
        "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
        "mondo:0004950\tskos:exactMatch\tdoid:5517\tsemapv:ManualMappingCuration\n"
    )
    options = BuildOptions(sources=sources.folder, mappings=(theirs,))
    release = build_release(tmp_path / "build", options)
    with (
        serving(create_app(release)) as url,
        httpx.Client(base_url=url, headers={"Accept": "*/*"}, timeout=60) as client,
    ):
        path = "/id/mapping/x-mondo-0004950-exact-doid-5517"
        found = {str(triple.object) for triple in triples(client.get(path))}
    assert "<http://purl.obolibrary.org/obo/DOID_5517>" in found


def test_every_format_says_the_same(shipped: httpx.Client) -> None:
    """By suffix and by negotiation, and each document says where the others are."""
    path = "/id/drug/trastuzumab"
    expected = triples(shipped.get(path))
    for suffix, (media_type, form) in FORMATS.items():
        asked = shipped.get(path, headers={"Accept": media_type})
        direct = shipped.get(f"{path}.{suffix}", headers=BROWSER)
        assert asked.content == direct.content
        assert triples(direct, form) == expected
        assert direct.headers["content-type"].partition(";")[0] == media_type
        assert asked.headers["content-location"] == f"{path}.{suffix}"
        assert "content-location" not in direct.headers
        assert "Accept" in asked.headers["vary"]
        links = asked.headers["link"]
        for other in {*FORMATS, "html"} - {suffix}:
            assert f'<{path}.{other}>; rel="alternate"' in links
        assert f'<{path}.{suffix}>; rel="alternate"' not in links


def test_a_description_holds_both_directions_and_labels(shipped: httpx.Client) -> None:
    """As the default view has them; the host stands nowhere in it."""
    response = shipped.get("/id/drug/trastuzumab.ttl")
    node = f"<{ID}drug/trastuzumab>"
    query = (
        f"CONSTRUCT {{ ?s ?p ?o . ?s rdfs:label ?l . ?o rdfs:label ?m }} WHERE {{ ?s ?p ?o"
        f" FILTER(?s = {node} || ?o = {node}) OPTIONAL {{ ?s rdfs:label ?l }}"
        f" OPTIONAL {{ ?o rdfs:label ?m }} }}"
    )
    answer = shipped.get("/sparql", params={"query": query, "format": "ntriples"})
    assert triples(response) == triples(answer, ox.RdfFormat.N_TRIPLES)
    assert shipped.base_url.host not in response.text
    assert "@prefix tzdrug:" in response.text
    assert "@prefix tzepitope:" in response.text
    assert "@prefix tzassay:" not in response.text


def test_links_of_a_thing(shipped: httpx.Client) -> None:
    """Its permanent IRI, its classes and the licence of those who state it."""
    links = shipped.get("/id/drug/trastuzumab").headers["link"]
    assert f'<{ID}drug/trastuzumab>; rel="canonical"' in links
    assert '</id/drug/trastuzumab.ttl>; rel="describedby"; type="text/turtle"' in links
    assert f'<{TZ}MonoclonalAntibody>; rel="type"; anchor="{ID}drug/trastuzumab"' in links
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in links


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html;q=0.9, text/turtle;q=0.5", "text/html"),
        ("text/html;q=0.3, application/rdf+xml;q=0.5", "application/rdf+xml"),
        ("application/json", "application/json"),
        (BROWSER["Accept"], "text/html"),
        ("*/*", "text/turtle"),
    ],
)
def test_negotiation(shipped: httpx.Client, accept: str, media_type: str) -> None:
    """Weights decide; Turtle where the client takes anything."""
    response = shipped.get("/id/target/her2", headers={"Accept": accept})
    assert response.headers["content-type"].partition(";")[0] == media_type
    assert (
        response.headers["content-type"]
        == (shipped.head("/id/target/her2", headers={"Accept": accept}).headers["content-type"])
    )


def test_not_acceptable(shipped: httpx.Client) -> None:
    """What there is is listed; a suffix needs no negotiation."""
    headers = {"Accept": "image/png"}
    document = problem(shipped.get("/id/target/her2", headers=headers), 406)
    available = document["available"]
    assert isinstance(available, list)
    assert {"text/turtle", "text/html"} <= set(available)
    assert shipped.get("/id/target/her2.nt", headers=headers).status_code == 200


def test_page_of_a_drug(shipped: httpx.Client) -> None:
    """What a reader wants to know, with links to other pages, sources and explanations."""
    response = shipped.get("/id/drug/trastuzumab", headers=BROWSER)
    page, text = Page(response.text), unescape(response.text)
    assert "<title>trastuzumab (" in text
    assert "Herceptin" in text
    links = [str(a["href"]) for a in page.all("a")]
    for path in ("/id/target/her2", "/graph/source/bang-2010", RECORD):
        assert path in links
        assert shipped.get(path, headers=BROWSER).status_code == 200
    assert not [href for href in links if href.startswith(ID)]
    why = next(h for h in links if "predicate=tz%3Atargets" in h and "object=tztarget%3Aher2" in h)
    assert shipped.get(why).json()["status"] in ("asserted", "inferred")
    assert not page.strange_scripts
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"rel": "canonical", "href": ID + "drug/trastuzumab"} in page.all("link")


def test_links_to_other_ontologies_have_curie_label_and_record(shipped: httpx.Client) -> None:
    """The label is the one that the mapping set gives; the description as RDF keeps to the view."""
    text = shipped.get("/id/drug/trastuzumab", headers=BROWSER).text
    assert re.search(
        r'>drugbank:DB00072</a> <span class="label"><bdi>Trastuzumab</bdi></span> '
        r'<span class="note">'
        rf'<a href="{RECORD}"[^>]*>mapping</a>',
        text,
    )
    shown = re.findall(r">(mesh:D000068878|ncit:C1647|pharmgkb.drug:PA451743)</a>", text)
    assert shown == ["mesh:D000068878", "ncit:C1647", "pharmgkb.drug:PA451743"]
    assert '"Trastuzumab"' not in shipped.get("/id/drug/trastuzumab.nt").text


def test_records_of_links_and_their_sets_are_described(shipped: httpx.Client) -> None:
    """They are in the graph of mappings alone."""
    text = unescape(shipped.get(RECORD, headers=BROWSER).text)
    title = "tzdrug:trastuzumab skos:exactMatch drugbank:DB00072 (Trastuzumab)"
    assert f"<h1><bdi>{title}</bdi></h1>" in text
    assert "sssom:mapping_justification" in text
    assert "/id/mappingset/drugbank" in text
    described = triples(shipped.get(RECORD + ".ttl"))
    assert any(t.predicate.value == OWL + "annotatedTarget" for t in described)
    text = shipped.get("/id/mappingset/drugbank", headers=BROWSER).text
    assert f'href="{RECORD}"' in text
    problem(shipped.get("/id/mapping/no-such"), 404)


def test_page_of_a_graph_has_tables_of_what_it_holds(shipped: httpx.Client) -> None:
    """The nodes that hold its counts are no lines of their own."""
    text = unescape(shipped.get("/graph/mappings", headers=BROWSER).text)
    assert re.search(r"<td><a[^>]*>Links of tzgraph to DrugBank</a></td>", text)
    assert re.search(r">sssom:Mapping</a></td><td[^>]*><span[^>]*>\d+</span></td>", text)
    assert "Partition" not in text
    text = unescape(shipped.get("/graph/source/bang-2010", headers=BROWSER).text)
    assert "Mapping sets" not in text
    assert 0 < text.index("What is said of it") < text.index(">Properties</h2>")


def test_order_and_blank_nodes_of_a_page(shipped: httpx.Client) -> None:
    """Numbers stand in their order; nodes without a name are left out."""
    text = unescape(shipped.get("/id/target/her2", headers=BROWSER).text)
    assert 0 < text.index("HER2 residues 23 to 217") < text.index("HER2 residues 218 to 341")
    assert "_:" not in text


def test_every_explanation_link_can_be_followed(shipped: httpx.Client) -> None:
    """Also of literals: no statement on a page is unknown to the explainer."""
    for path in ("/id/trial/toga", "/id/range/her2-domain-iv", "/graph/source/bang-2010"):
        response = shipped.get(path, headers=BROWSER)
        if response.status_code == 404:
            continue
        for href in {str(a["href"]) for a in Page(response.text).all("a")}:
            if href.startswith("/explain?"):
                answer = shipped.get(href)
                assert answer.status_code == 200, href
                assert path.startswith("/graph") or answer.json()["status"] != "absent", href


def test_page_of_a_trial_has_its_figures(shipped: httpx.Client) -> None:
    """Design, all drugs of the arms, the primary endpoint first, and digits as reported."""
    text = unescape(shipped.get("/id/trial/toga", headers=BROWSER).text)
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text))
    for words in (
        "phase 3 · first line · advanced disease setting · randomised · open label",
        "Overall survival: met. 13.8 months with trastuzumab and chemotherapy against 11.1 months"
        " with chemotherapy; hazard ratio 0.74 (95 % CI 0.60 to 0.91); p = 0.0046 (primary analysis"
        " set, data up to 2009-01-07).",
        "Gives cisplatin and trastuzumab",
        "one of: capecitabine or fluorouracil",
        "Control · 296 participants",
        "0.74 (0.60–0.91)",
        "95 % CI 0.60 to 0.91",
        "What documents say of it",
    ):
        assert words in plain
    assert 'href="https://clinicaltrials.gov/study/NCT01041404"' in text
    assert 'href="https://doi.org/10.1016/S0140-6736(10)61121-X"' in text
    results = text[text.index(">Results<") :]
    order = ("overall survival", "disease control rate", "objective response rate")
    places = [results.index(f">{name}</a>") for name in order]
    assert places == sorted(places)
    comparisons = plain[plain.index("All comparisons") :]
    assert comparisons.index("primary analysis set") < comparisons.index("subgroup")


def test_each_test_of_a_primary_endpoint_has_its_own_outcome(shipped: httpx.Client) -> None:
    """What one arm met says nothing of the other; figures stand with the outcome of their test."""
    text = unescape(shipped.get("/id/trial/herizon-gea-01", headers=BROWSER).text)
    told = re.findall(r'<p class="primary"><bdi>(.*?)</bdi>', text)
    overall = [sentence for sentence in told if sentence.startswith("Overall survival")]
    assert len(overall) == 2
    assert overall[0].startswith("Overall survival: not yet met. 24.4 months with zanidatamab and")
    assert "0.80 (95 % CI 0.64 to 1.01)" in overall[0]
    assert overall[1].startswith(
        "Overall survival: met. 26.4 months with zanidatamab, tislelizumab"
    )
    assert "0.72 (95 % CI 0.57 to 0.90)" in overall[1]
    text = unescape(shipped.get("/id/trial/jacob", headers=BROWSER).text)
    assert "Overall survival: missed. 17.5 months with pertuzumab" in text


def test_cutoffs_come_in_the_order_of_time(shipped: httpx.Client) -> None:
    """And no picture has a style, which the policy would forbid."""
    text = unescape(shipped.get("/id/trial/destiny-gastric01", headers=BROWSER).text)
    first, second = text.index("<strong>2019-11-08</strong>"), text.index("<strong>2020-06-03<")
    assert 0 < first < second < text.index("<svg")
    assert "0.60 (0.42–0.86)" in text
    assert "0.47 (no interval)" in text
    assert not re.search(r"<style|style=", text)
    assert "trastuzumab deruxtecan</a> <strong>against</strong>" in text


def test_a_figure_has_its_digits_on_its_own_page(shipped: httpx.Client) -> None:
    text = shipped.get("/id/comparison/toga-os-bang-2010", headers=BROWSER).text
    assert "<bdi" in text
    assert re.search(r">0\.60</bdi>", text)


def test_a_trial_has_all_claims_about_it(shipped: httpx.Client) -> None:
    """As many as the query of the library counts, and as the audit finds, the worst first."""
    rows = shipped.get("/queries/misquoted-trials.json").json()["results"]["bindings"]
    counts = {row["trial"]["value"]: int(row["claims"]["value"]) for row in rows}
    for name in ("keynote-811", "destiny-gastric01"):
        text = shipped.get(f"/id/trial/{name}", headers=BROWSER).text
        assert text.count('<q class="said">') == counts[f"{ID}trial/{name}"]
        assert f'href="/audit?about={quote(f"{ID}trial/{name}", safe="")}"' in text
        verdicts = re.findall(r'</span> (\w+)</span>.{0,99}<q class="said">', text)
        order = ["Contradicted", "Imprecise", "Supported", "Unverified"]
        assert verdicts == sorted(verdicts, key=order.index) != []


def test_questions_about_a_thing(shipped: httpx.Client) -> None:
    """Queries that take a thing of its class have it as their value."""
    page = Page(shipped.get("/id/trial/toga", headers=BROWSER).text)
    links = [str(a["href"]) for a in page.all("a") if str(a["href"]).startswith("/queries/")]
    assert "/queries/trial-results?trial=tztrial%3Atoga" in links
    for link_ in links:
        assert shipped.get(link_).status_code == 200


def test_page_of_a_claim_leads_to_its_explanation(shipped: httpx.Client) -> None:
    """The verdict stands on top."""
    response = shipped.get("/id/claim/sun-c065", headers=BROWSER)
    text = unescape(response.text)
    badge = text.index(
        '<span class="badge contradicted"><span aria-hidden="true">✗</span> Contradicted'
    )
    assert (
        badge < text.index("17.5 months") < text.index("14.2 months") < text.index("figure-differs")
    )
    assert "reference does not say so" in text
    assert {"rel": "next", "href": "/id/claim/sun-c066"} in Page(response.text).all("a")
    assert {"rel": "prev", "href": "/id/claim/sun-c064"} in Page(response.text).all("a")
    why = next(
        str(a["href"])
        for a in Page(response.text).all("a")
        if "tz%3Averdict" in str(a["href"]) and "sun-c065" in str(a["href"])
    )
    assert "was reported" in shipped.get(why, headers=BROWSER).text


def test_pages_of_results_and_explanations_link_to_things(shipped: httpx.Client) -> None:
    """Wherever a thing of ours stands on a page, its page here is one click away."""
    query = "SELECT ?d { ?d tz:targets tztarget:her2 }"
    result = shipped.get("/sparql", params={"query": query}, headers=BROWSER)
    assert 'href="/id/drug/trastuzumab"' in result.text
    asked = {"subject": "tzdrug:trastuzumab", "predicate": "tz:targets", "object": "tztarget:her2"}
    assert 'href="/id/target/her2"' in shipped.get("/explain", params=asked, headers=BROWSER).text


def test_what_is_not_described(shipped: httpx.Client, odd: httpx.Client) -> None:
    """404, as a page for browsers; also for what is only mentioned."""
    document = problem(shipped.get("/id/drug/aspirin"), 404)
    assert ID + "drug/aspirin" in str(document["detail"])
    assert "<h1>" in shipped.get("/id/drug/aspirin", headers=BROWSER).text
    assert "referred" in str(problem(odd.get("/id/odd/only-mentioned"), 404)["detail"])
    problem(shipped.get("/graph/nothing"), 404)


@pytest.mark.parametrize(
    "path",
    [
        "/id/odd/..",
        "/id/../odd/gone",
        "/id/odd/%2e%2e",
        "/id/odd/..%2fgone",
        "/id/odd/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/id/odd/a%00b",
        "/id/odd/a%20b",
        "/id/odd/%3E%20%3Fs",
        "/id/odd/%22",
        "/id/odd/%C3%A9",
        "/id/odd/%ff",
        "/id/odd/.ttl",
        "/id/odd/",
        "/id/odd",
        "/graph/source/..%2f..%2f",
    ],
)
def test_odd_paths(odd: httpx.Client, path: str) -> None:
    """No path leads anywhere but to things."""
    with httpx.Client() as raw:
        request = raw.build_request("GET", odd.base_url)
        request.url = request.url.copy_with(raw_path=path.encode())
        # A slash behind a kind leads to the list of its things, which isn't there.
        problem(raw.send(request, follow_redirects=path == "/id/odd/"), 404)


@given(st.text(min_size=1, max_size=20), st.sampled_from(["", ".ttl", ".html"]))
@settings(max_examples=60)
def test_random_paths(url: str, name: str, suffix: str) -> None:
    """Nothing that stands in a path is a mistake of the server."""
    path = quote(name.encode("utf-8", "replace"), safe="") + suffix
    # A slash at the end leads to the address without it.
    assert httpx.get(f"{url}/id/odd/{path}", follow_redirects=True).status_code == 404


def test_contents_are_escaped(odd: httpx.Client) -> None:
    """Data can't put markup or script links on a page."""
    response = odd.get("/id/odd/a.b-c_d", headers=BROWSER)
    page = Page(response.text)
    assert not page.strange_scripts + page.all("i") + page.all("b") + page.all("u")
    assert "&lt;script&gt;" in response.text
    assert not any("javascript" in str(a["href"])[:12] for a in page.all("a"))


def test_removed_things(odd: httpx.Client) -> None:
    """A thing of which only the note of its removal is left is gone, and says what is in place."""
    response = odd.get("/id/odd/gone")
    assert response.status_code == 410
    assert any(t.object == ox.NamedNode(ID + "odd/a.b-c_d") for t in triples(response))
    page = odd.get("/id/odd/gone", headers=BROWSER)
    assert page.status_code == 410
    assert 'href="/id/odd/a.b-c_d"' in page.text


def test_a_hub_is_cut_and_says_so(odd: httpx.Client) -> None:
    """Things to which more refer than a page holds."""
    response = odd.get("/id/odd/hub")
    assert len(triples(response)) == 1001
    page = odd.get("/id/odd/hub", headers=BROWSER)
    assert "There is more" in page.text
    assert page.text.count('<details class="mark') == 1000


def test_local_paths() -> None:
    """Only what the routes answer gets a local link."""
    assert local_path(GRAPH + "source/bang-2010") == "/graph/source/bang-2010"
    assert local_path(ID + "drug") == "/id/drug"
    for iri in (ID + "a/b/c", ID + "a/b?c", ID + "a/..", GRAPH + "x#y", "urn:x"):
        assert local_path(iri) is None


def test_links_are_ascii() -> None:
    """Headers hold no other characters, and no end of the target."""
    assert link("http://x/é>", "type") == '<http://x/%C3%A9%3E>; rel="type"'
