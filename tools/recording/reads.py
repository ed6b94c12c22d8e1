"""What is asked of a server that takes no updates: routes, methods, formats, wrong requests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlencode

from tools.recording.cases import FORM, UPDATE, Case, case, raw, request

__all__ = ["ASK", "CONSTRUCT", "LARGE", "SELECT", "reading", "sparql"]

SELECT = "SELECT ?p ?o { tzdrug:trastuzumab ?p ?o } ORDER BY ?p ?o"
ASK = "ASK { tzdrug:trastuzumab a tz:Drug }"
CONSTRUCT = "CONSTRUCT { tzdrug:trastuzumab ?p ?o } WHERE { tzdrug:trastuzumab ?p ?o }"
DESCRIBE = "DESCRIBE tzdrug:trastuzumab"
#: Of several chunks; blank nodes have other names in each server.
LARGE = """SELECT ?s ?p ?o { ?s ?p ?o FILTER(!ISBLANK(?s) && !ISBLANK(?o)) }
ORDER BY ?s ?p ?o LIMIT 2000"""
_VALUES = "SELECT ?x ?y { VALUES (?x ?y) { (1 <a:b>) (UNDEF 'é\\n\"<&'@en) (1.50 '𝄞') } }"
_DIRECT = "application/sparql-query"
_GRAPH = "https://w3id.org/tzgraph/graph/"
_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]

_TYPES = """application/sparql-results+json application/json application/sparql-results+xml
application/xml text/xml text/csv text/tab-separated-values text/turtle application/x-turtle
application/n-triples application/rdf+xml application/ld+json application/n-quads
application/trig text/n3 text/html application/xhtml+xml text/plain application/problem+json
image/png"""
_RANGES = (
    *("*/*", "text/*", "application/*", _BROWSER, "", ";;", "nonsense", "TEXT/CSV"),
    "text/csv;q=0.5, text/html;q=0.2",
    "application/sparql-results+json;q=0, */*;q=0.1",
    "application/*;q=0.3, text/turtle;q=0.9",
    "text/csv;q=2, text/turtle",
    "text/html;q=1.000, application/json;q=0.999",
    "text/html;q=0, application/json;q=0, text/turtle;q=0",
    'application/json;profile="a,b;q=0";q=0.4, text/turtle;q=0.3',
    "application/ld+json;q=1.0000, text/*;q=.5",
    ", ".join(["application/x-a"] * 40 + ["text/csv"]),
)

#: A path of each route, and of none.
_PATHS = """/ /sparql /explain /queries /queries/arms /queries/nothing /id/drug/trastuzumab
/id/drug/nothing /graph/source/uniprot /graph/import/nothing /graph/ontology /update
/graphs?default /graphs /graphs/mine /ontology /ontology.ttl /ontology/2000-01-01
/.well-known/void /openapi.json /healthz /healthz/live /healthz/ready /metrics
/static/tzgraph.css /static/nothing.css /nothing /sparql/ /id/drug /id/drug/a/b"""

#: A thing of each kind.
_THINGS = """
agent/tzgraph-curators alteration/egfr-alteration approval/pembrolizumab-gastric-us-2021
arm/aio-lapatinib-alone assay/ctdna-sequencing assessment/sun-c001-curator
biomarker/amnesia-panel cell/agents.tsv celltype/cancer-associated-fibroblast
choice/capecitabine-or-fluorouracil claim/sun-c001
comparison/destiny-gastric01-orr-shitara-2020 disease/advanced-solid-tumour
domain/her2-cytoplasmic drug/trastuzumab drugclass/antibody-drug-conjugate
epitope/her2-gb235 evidence/alpelisib-proposed-pi3k-activation-editors gene/akt1
journal/annals-of-oncology mapping/alteration-egfr-alteration-narrow-civic-vid-190
mappingset/atc mechanism/rm-autophagy overlap/p95her2--her2-pertuzumab pathway/autophagy
population/cgog1001-itt position/her2-1255 process/adcc publication/bang-2010
quantity/comparison-destiny-gastric01-orr-shitara-2020-pvalue range/her2-218-341
reference/sun-c030-reference regimen/alpelisib-capecitabine
result/aio-lapatinib-alone-orr-lorenzen-2015 rule/another-disease
statedapproval/sun-c061-approval statedcomparison/sun-c004-comparison statedresult/sun-c010
target/her2 testoutcome/ctdna-gain teststep/her2-ihc trial/toga variant/p95her2"""

#: Queries that are wrong, or refused, or whose results are odd.
_ODD = """nonsense
SELECT
SELECT * {
SELECT ?x { ?x nope:a ?y }
ASK { ?s ?p }
SELECT * { SERVICE <http://example.org/sparql> { ?s ?p ?o } }
SELECT * { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }
INSERT DATA { <a:b> <a:b> <a:b> }
CLEAR ALL
LOAD <file:///etc/passwd>
DROP ALL
DELETE WHERE { ?s ?p ?o }
SELECT ?x FROM <file:///etc/passwd> { ?x ?y ?z }
SELECT ?s FROM <{graph}ontology> { ?s a tz:Nothing }
SELECT ?s FROM NAMED <{graph}nothing> { GRAPH ?g { ?s ?p ?o } }
SELECT (1/0 AS ?x) {}
SELECT (<x:f>(1) AS ?x) {}
DESCRIBE <a:b>
CONSTRUCT { <a:s> <a:p> 'é' } WHERE {}
SELECT ?é { ?é a tz:Drug } LIMIT 0
SELECT (COUNT(*) AS ?n) { ?s ?p ?o }
SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }
SELECT (REGEX('a', '(') AS ?x) {}"""

_QUERIES = sorted(path.stem for path in Path(__file__).parents[2].glob("queries/*.rq"))


def sparql(text: str, **more: str) -> str:
    """Give the target that asks a query."""
    return f"/sparql?{urlencode({'query': text, **more}, quote_via=quote)}"


def reading() -> Iterator[Case]:
    """Give all cases."""
    for path, method in product(_PATHS.split(), _METHODS):
        yield case(method, path)
    yield from _negotiated()
    yield from _things()
    yield from _library()
    yield from _explained()
    yield from _protocol()
    yield from _wrong_queries()
    yield from _conditional()
    yield from _compressed()
    yield from _origins()


def _negotiated() -> Iterator[Case]:
    every = [sparql(one) for one in (SELECT, ASK, CONSTRUCT)]
    every += ["/sparql", "/queries", "/queries/drugs-on-target", "/queries/arms?limit=3"]
    every += ["/id/drug/trastuzumab", "/graph/source/uniprot"]
    every += ["/explain?subject=tzdrug:trastuzumab&predicate=tz:targets&object=tztarget:her2"]
    every += ["/sparql?query=SELECT", "/nothing"]
    for target, accept in product(every, (*_TYPES.split(), *_RANGES)):
        yield case("GET", target, Accept=accept)
    some = ("text/turtle", "application/ld+json", "text/html", "image/png", _BROWSER)
    every = [sparql(DESCRIBE), "/", "/ontology", "/graph/ontology", "/graphs?default", "/explain"]
    every += ["/openapi.json", "/.well-known/void", "/healthz", sparql(_VALUES)]
    every += [f"/graphs?graph={_GRAPH}ontology"]
    for target, accept in product(
        every,
        some,
    ):
        yield case("GET", target, Accept=accept)
    names = "json xml csv tsv table turtle ntriples nquads trig jsonld rdfxml n3 html text JSON x"
    for target, name in product((SELECT, ASK, CONSTRUCT), names.split()):
        yield case("GET", sparql(target, format=name))
    for name in ("json", "csv", "turtle", "html"):
        yield case("GET", sparql(SELECT, format=name, download="1"), Accept=_BROWSER)
        yield case("GET", sparql(CONSTRUCT, format=name, download=""))
        yield case("GET", sparql(_VALUES, format=name))
        yield case("HEAD", sparql(SELECT, format=name))
    yield case("GET", sparql(SELECT, download="1"), Accept=_BROWSER)
    yield case("GET", sparql(SELECT, download="no"), Accept=_BROWSER)


def _things() -> Iterator[Case]:
    for thing in _THINGS.split():
        for suffix in ("", ".html", ".ttl"):
            yield case("GET", f"/id/{thing}{suffix}")
    for path in ("/id/drug/trastuzumab", "/id/mapping/x", "/graph/source/uniprot", "/ontology"):
        for suffix in (".nt", ".jsonld", ".rdf", ".html", ".ttl", ".json", ".csv", ".", ".TTL"):
            yield case("GET", path + suffix)
            yield case("HEAD", path + suffix, Accept="text/html")
        yield case("GET", path + ".ttl", Accept="text/html")
        yield case("GET", path + ".html", Accept="text/turtle;q=0.1")
    for path in ("/id/drug/%20", "/id/drug/a%2Fb", "/id/drug/%C3%A9", "/id/drug/%FF", "/id/a%00/b"):
        yield case("GET", path)
        yield case("GET", path, Accept="text/html")
    yield case("GET", "/id/drug/" + "a" * 3000)
    for path in [
        "metadata",
        "mappings",
        "audit",
        "provenance",
        "inferred",
        "source/sun-review",
        "import/x",
    ]:
        yield case("GET", f"/graph/{path}")
        yield case("GET", f"/graph/{path}.ttl")
        yield case("GET", f"/graph/{path}", Accept="text/html")


def _library() -> Iterator[Case]:
    for name in _QUERIES:
        yield case("GET", f"/queries/{name}")
        yield case("GET", f"/queries/{name}.html")
        yield case("GET", f"/queries/{name}?limit=2&offset=1", Accept="text/csv")
        yield case("GET", f"/?query={name}")
    for suffix in ("json", "csv", "tsv", "xml", "ttl", "nt", "jsonld", "rdf", "html", "x", ""):
        yield case("GET", f"/queries/drugs-on-target.{suffix}?target=her2")
        yield case("HEAD", f"/queries/drugs-on-target.{suffix}?target=her2")
    parameters = {
        "drugs-on-target": "target",  # a class
        "trials-of-drug": "drug",
        "where-from": "subject",  # an IRI
        "what-there-is": "kind",  # an IRI that may be left out
        "data-cutoffs": "trial",
        "trials-in-kind-of-disease": "kind",
    }
    values = """her2 tztarget:her2 trastuzumab tzdrug:trastuzumab toga tztrial:toga HER2 her3x
    https://w3id.org/tzgraph/id/target/her2 <https://w3id.org/tzgraph/id/drug/trastuzumab> tz:Unit
    obo:MONDO_0004950 MONDO:0001056 nope:a a:b:c _:b 5 %22a%22 %22a%22@en a%20b %7D %FF"""
    for (name, parameter), value in product(parameters.items(), ["", *values.split()]):
        yield case("GET", f"/queries/{name}?{parameter}={value}")
    for value in ("her3x", "nope:a", "", "a%20b"):
        yield case("GET", f"/queries/drugs-on-target?target={value}", Accept=_BROWSER)
    oddities = """
    limit=0 limit=1 limit=-1 limit=x limit=1e3 limit=99999999999 limit=10000 limit=10001
    offset=1 offset=999999 offset=-1 offset=x limit=&offset= format=csv format=html format=nope
    format=turtle nothing=1 limit=1&limit=2 target=her2&target=her2 query=x %24target=her2
    target"""
    for more in oddities.split():
        yield case("GET", f"/queries/drugs-on-target?{more}")
        yield case("GET", f"/queries/drugs-on-target?{more}", Accept="text/html")
    yield case("GET", "/queries/drugs-on-target?target=" + "a" * 65_000)
    yield case("GET", "/queries/drug-on-target")
    yield case("GET", "/?query=nothing")
    yield case("GET", "/?query=nothing", Accept="text/html")


def _explained() -> Iterator[Case]:
    triples = (
        "tzdrug:trastuzumab tz:targets tztarget:her2",
        "tzdrug:trastuzumab rdf:type tz:Drug",
        "tzdrug:trastuzumab rdfs:label trastuzumab",
        'tzdrug:trastuzumab rdfs:label "trastuzumab"@en',
        "tzdrug:trastuzumab tz:targets tztarget:egfr",
        "tzdrug:pertuzumab tz:candidateFor tzmechanism:rm-p95her2",
        "tzvariant:p95her2 tz:losesEpitope tzepitope:her2-trastuzumab",
        "tzmechanism:rm-autophagy tz:predictedResistanceTo tzdrug:trastuzumab",
        "tztrial:toga rdf:type tz:TrialWithSurvivalBenefit",
        "tzdrug:nothing tz:targets tztarget:her2",
        "nope:a tz:targets tztarget:her2",
        "tzdrug:trastuzumab tz:nope tztarget:her2",
        "trastuzumab targets her2",
        "tzclaim:sun-c001 - -",
        "tzclaim:sun-c010 - -",
        "tzclaim:nothing - -",
        "tzdrug:trastuzumab - -",
        "tzdrug:trastuzumab tz:targets -",
        "- tz:targets -",
    )
    for triple, form in product(triples, ("json", "text", "html")):
        terms = dict(zip(("subject", "predicate", "object"), triple.split(" ", 2), strict=True))
        given = {name: value for name, value in terms.items() if value != "-"}
        yield case("GET", f"/explain?{urlencode({**given, 'format': form})}")
    for more in ("subject=a&subject=b", "format=nope", "subject=%FF", "subject=&object=x", "x=1"):
        yield case("GET", f"/explain?{more}")
        yield case("GET", f"/explain?{more}", Accept="text/html")
    yield case("GET", "/explain?subject=" + "a" * 65_000)


def _protocol() -> Iterator[Case]:
    form = urlencode({"query": SELECT}).encode()
    for kind in (
        *(FORM, f"{FORM}; charset=utf-8", f'{FORM};charset="UTF-8"', FORM.upper(), _DIRECT),
        *(f"{_DIRECT}; charset=latin-1", f"{_DIRECT};charset=utf-16", f"{_DIRECT};charset=nope"),
        *(UPDATE, "text/plain", "application/json", "", None, "multipart/form-data; boundary=x"),
    ):
        yield case("POST", "/sparql", form, Content_Type=kind)
        yield case("POST", "/sparql", SELECT.encode(), Content_Type=kind)
    for accept in ("text/csv", "text/html", _BROWSER, "image/png", "text/turtle"):
        yield case("POST", "/sparql", form, Content_Type=FORM, Accept=accept)
        yield case("POST", "/sparql", CONSTRUCT.encode(), Content_Type=_DIRECT, Accept=accept)
    for body in (b"", b"query=", b"x=1", b"query=%FF", b"query=%zz", b"query=ASK{}&query=ASK{}"):
        yield case("POST", "/sparql", body, Content_Type=FORM)
    yield case("POST", "/sparql?query=ASK%7B%7D", b"query=ASK{}", Content_Type=FORM)
    yield case("POST", "/sparql", b"ASK { ?s ?p '\xff' }", Content_Type=_DIRECT)
    yield case("POST", "/sparql", b"update=CLEAR%20ALL", Content_Type=FORM)
    yield case("POST", "/sparql", form, Content_Type=FORM, Content_Encoding="gzip")
    yield case("POST", "/sparql", form, Content_Type=FORM, Content_Encoding="identity")
    yield case("POST", "/sparql", b"#" * 1_100_000, Content_Type=_DIRECT)
    yield case("POST", "/sparql", b"query=" + b"%23" * 1_100_000, Content_Type=FORM)
    yield case("GET", "/sparql?query=" + "%23" * 30_000 + quote("\n" + ASK))
    yield case("GET", "/sparql?query=" + "%23" * 1_050_000)
    yield case("GET", "/sparql?" + "&".join(["a=1"] * 1001))
    graphs = ("ontology", "source/uniprot", "nothing")
    for name, graph in product(("default-graph-uri", "named-graph-uri"), graphs):
        for text in ("ASK { ?s a tz:Target }", "ASK { GRAPH ?g { ?s a tz:Target } }"):
            yield case("GET", f"{sparql(text)}&{name}={_GRAPH}{graph}")
    yield case("GET", f"/sparql?default-graph-uri={_GRAPH}ontology")
    yield case("GET", sparql(ASK) + "&default-graph-uri=relative")
    yield case("GET", sparql(ASK) + "&default-graph-uri=")
    yield case("GET", sparql(ASK) + "&unknown=1&query2=x")
    pattern = "SELECT ?p { ?thing ?p ?x } ORDER BY ?p LIMIT 3"
    typed = f"#+ title: T\n#+ param: thing tz:Drug = trastuzumab -- a drug\n{pattern}"
    for value in (
        "tzdrug:trastuzumab",
        "trastuzumab",
        "<a:b>",
        "a:b",
        '"a"',
        '"a"@en',
        "5",
        "",
        "_:b",
    ):
        yield case("GET", sparql(pattern, **{"$thing": value}))
        yield case("GET", sparql(typed, **{"$thing": value}))
    yield case("GET", sparql(pattern) + "&%24thing=a%3Ab&%24thing=a%3Ab")
    yield case("GET", sparql(pattern, **{"$no name": "a:b", "$": "x", "$nothing": "a:b"}))


def _wrong_queries() -> Iterator[Case]:
    nested = "ASK " + "{" * 300 + "}" * 300
    several = "PREFIX tz: <a:> ASK { ?s a tz:b }\n\n}"
    texts = ["", " ", nested, several, *_ODD.replace("{graph}", _GRAPH).splitlines()]
    for text, accept in product(texts, (None, "text/html", "text/csv")):
        yield case("GET", sparql(text), Accept=accept)
    for accept in ("text/csv", "text/html", None):
        yield case("GET", sparql(LARGE), Accept=accept)
        yield case("HEAD", sparql(LARGE), Accept=accept)


def _conditional() -> Iterator[Case]:
    targets = [sparql(SELECT), sparql(SELECT) + "#x", "/", "/queries", "/id/drug/trastuzumab"]
    targets += ["/.well-known/void", "/openapi.json", "/static/tzgraph.css", "/healthz", "/explain"]
    targets += ["/queries/drugs-on-target", "/graphs?graph=urn:g", "/ontology.html"]
    targets += ["/graph/ontology", f"/graphs?graph={_GRAPH}source/uniprot"]
    for target, value in product(targets, ("*", '"x"', 'W/"x", "y"', "nonsense")):
        yield case("GET", target, If_None_Match=value)
    for target in targets:
        for value in ("{etag}", '"x", {etag}'):
            tagged = request("GET", target, If_None_Match=value)
            yield raw(f"GET {target} and again if not {value}", request("GET", target), tagged)
        yield case("HEAD", target, If_None_Match="*")
        yield case("GET", target, If_Modified_Since="Thu, 01 Jan 2099 00:00:00 GMT")
        yield case("GET", target, If_Match='"x"')
        yield case("GET", target, Range="bytes=0-9")
    yield case("POST", "/sparql", b"query=ASK{}", Content_Type=FORM, If_None_Match="*")
    yield case("GET", sparql("SELECT (STRLEN(STR(NOW())) > 1 AS ?t) {}"))


def _compressed() -> Iterator[Case]:
    accepted = ["gzip", "zstd", "br", "gzip, zstd", "*", "identity;q=0", "gzip;q=0"]
    accepted += ["x-gzip", "GZIP", "deflate", ";"]
    accepted += ["zstd;q=0.5, gzip;q=0.4, identity;q=0.1", "gzip;q=0.5, identity"]
    for target, coding in product((sparql(SELECT), "/", "/id/drug/trastuzumab.nt"), accepted):
        yield case("GET", target, Accept_Encoding=coding)
    for coding in ("gzip", "zstd", "gzip;q=0"):
        # Results that are kept already come whole.
        yield case("GET", sparql(f"{LARGE} # {coding}"), Accept_Encoding=coding)
    targets = [sparql(ASK), sparql(LARGE), sparql(SELECT, format="html"), "/static/tzgraph.css"]
    targets += ["/sparql?query=SELECT", "/openapi.json", "/healthz", "/queries/arms.csv"]
    for target, coding in product(
        targets,
        ("gzip", "zstd", "gzip, deflate, br, zstd"),
    ):
        yield case("GET", target, Accept_Encoding=coding)
        yield case("HEAD", target, Accept_Encoding=coding)


def _origins() -> Iterator[Case]:
    for path in _PATHS.split():
        yield case("GET", path, Origin="https://example.org")
        for method in ("POST", "PUT", "NOPE"):
            yield case(
                "OPTIONS",
                path,
                Origin="https://example.org",
                Access_Control_Request_Method=method,
                Access_Control_Request_Headers="authorization, content-type",
            )
    yield case("OPTIONS", "*")
    for identifier in ("mine", "a b", "é", "x" * 128, "x" * 129, ""):
        yield case("GET", "/healthz", X_Request_Id=identifier)
        yield case("GET", sparql(ASK), X_Request_Id=identifier)
    yield case("GET", sparql(ASK), Authorization="Bearer nonsense", Cookie="a=b", DNT="1")
