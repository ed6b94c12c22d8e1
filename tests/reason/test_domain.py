"""Domain rules: what a file may hold, and what the shipped ones conclude from residues."""

from __future__ import annotations

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.reason.graphs import domain_rules, reasoned
from tests.shared import need
from tests.shipped import shipped_release
from tzgraph.errors import InputUnreadableError
from tzgraph.reason import load_domain_rules
from tzgraph.reason.domain import parse_rule
from tzgraph.reason.rule import Rule
from tzgraph.vocabulary import ID, RDF, TZ, Graphs


def _construct(where: str, head: str = "?x :q ?y") -> str:
    return f"PREFIX : <http://e/>\nCONSTRUCT {{ {head} }} WHERE {{ {where} }}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT * WHERE { ?x ?p ?y }", "as CONSTRUCT"),
        ("", "as CONSTRUCT"),
        ("CONSTRUCT WHERE { ?x <x:p> ?y }", "apart from what it constructs"),
        ("CONSTRUCT { ?x <x:p> ?y } FROM <x:g> WHERE { ?x <x:p> ?y }", "as CONSTRUCT"),
        (_construct("?x :p"), "as CONSTRUCT"),
        (_construct("?x unknown:p ?y"), "2:44"),
        (_construct("?x :p ?y BIND(1 AS ?y)"), "2:56"),
        (_construct("GRAPH ?g { ?x :p ?y }"), "GRAPH"),
        (_construct("?x :p ?y FILTER NOT EXISTS { GRAPH ?g { ?x :r ?y } }"), "GRAPH"),
        (_construct("SERVICE <http://s/> { ?x :p ?y }"), "SERVICE"),
        (_construct("?x :p ?y FILTER EXISTS { SERVICE <http://s/> { ?x :p ?y } }"), "SERVICE"),
        (_construct("?x :p+ ?y"), "path"),
        (_construct("?x :p/:r ?y"), "path"),
        (_construct("?x :p ?y FILTER NOT EXISTS { ?x ^:p ?y }"), "path"),
        (_construct("?x :p ?y , [ :r ?y ]"), "blank node"),
        (_construct("?x :p ?y", "?x :q [ :r ?y ]"), "blank node"),
        (_construct("?x :p ?y") + " LIMIT 1", "LIMIT 1"),
    ],
)
def test_a_file_that_is_no_rule_is_refused(text: str, why: str) -> None:
    with pytest.raises(InputUnreadableError, match=r"^The rule bad\.rq can't be used") as caught:
        parse_rule("bad", text)
    assert why in caught.value.message


def test_a_rule_has_title_premises_and_what_must_be_absent() -> None:
    rule = parse_rule(
        "some-name",
        "#+ title: A title\n#+ description: What it means.\n"
        + _construct("?x :p ?y ; :r ?z OPTIONAL { ?x :s ?z } FILTER NOT EXISTS { ?y :t ?x }"),
    )
    assert (rule.name, rule.title, rule.axiom) == ("some-name", "A title", "What it means.")
    assert {str(p) for p in rule.head} == {"?x <http://e/q> ?y ."}
    assert {str(p) for p in rule.body} == {
        *("?x <http://e/p> ?y .", "?x <http://e/r> ?z .", "?x <http://e/s> ?z ."),
    }
    assert {str(p) for p in rule.absent} == {"?y <http://e/t> ?x ."}
    assert {str(p) for p in rule.optional} == {"?x <http://e/s> ?z ."}


def _keys(rule: Rule, *kinds: str) -> list[list[str]]:
    """The local names of the predicates of a rule's patterns, by kind, in their order."""
    return [[p.predicate.split("/")[-1][:-1] for p in getattr(rule, kind)] for kind in kinds]


@pytest.mark.parametrize(
    ("where", "body", "absent", "spared"),
    [
        ("?x :p ?y . ?y :a ?x ; :b 1 , 'c'", "p a b b", "", ""),
        ("{ ?x :p ?y } UNION { ?x :a ?y }", "p a", "", ""),
        ("?x :p ?y MINUS { ?x :a ?y }", "p", "a", ""),
        ("?x :p ?y FILTER EXISTS { ?x :a ?y }", "p a", "", ""),
        ("?x :p ?y FILTER NOT EXISTS { ?x :a ?y }", "p", "a", ""),
        ("?x :p ?y FILTER(! EXISTS { ?x :a ?y })", "p", "a", ""),
        ("?x :p ?y FILTER(?x = 1 || EXISTS { ?x :a ?y })", "p", "a", ""),
        ("?x :p ?y FILTER(?x = 1 || NOT EXISTS { ?x :a ?y })", "p", "a", ""),
        ("?x :p ?y FILTER(?x = 1 && EXISTS { ?x :a ?y })", "p a", "", ""),
        (
            "?x :p ?y FILTER NOT EXISTS { ?x :a ?y FILTER NOT EXISTS { ?x :b ?y } }",
            *("p", "a", "b"),
        ),
        ("{ SELECT ?x (COUNT(?z) AS ?y) { ?x :p ?z } GROUP BY ?x }", "p", "p", ""),
        ("?x :q ?y { SELECT (MAX(?z) + 1 AS ?y) { ?x :p ?z } }", "q p", "p", ""),
        ("{ SELECT ?x ?y { ?x :p ?y } }", "p", "", ""),
        ("?x :p ?y FILTER NOT EXISTS { { SELECT ?x { ?x :a ?y } } }", "p", "a", ""),
    ],
)
def test_what_a_rule_waits_for(where: str, body: str, absent: str, spared: str) -> None:
    rule = parse_rule("a", _construct(where))
    expected = [kind.split() for kind in (body, absent, spared)]
    assert _keys(rule, "body", "absent", "spared") == expected


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("1", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("-1.50", '"-1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("true", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ("'a\\tb'@en", '"a\\tb"@en'),
        ("'x'^^:t", '"x"^^<http://e/t>'),
        ("a", f"<{RDF}type>"),
        (":b", "<http://e/b>"),
    ],
)
def test_terms_are_kept_as_n_triples_has_them(written: str, term: str) -> None:
    verb, value = (written, "?y") if written == "a" else (":p", written)
    (pattern,) = parse_rule("a", _construct(f"?x {verb} {value}")).body
    assert term in (pattern.predicate, pattern.object)


def test_what_must_not_hold_in_what_must_not_hold_is_not_denied() -> None:
    where = "?x :p ?y FILTER NOT EXISTS { ?x :a ?y FILTER NOT EXISTS { ?x :b ?y } }"
    ((denied,),) = parse_rule("a", _construct(where)).denied
    assert denied.predicate == "<http://e/a>"


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT { ?x :q ?y } WHERE { ?x :p ?y } # ends here }",
        "# As CONSTRUCT { } WHERE { it is.\nCONSTRUCT { ?x :q ?y } WHERE { ?x :p ?y }",
        "CONSTRUCT { ?x :q ?y } # the head {\nWHERE { ?x :p ?y }",
        "construct { ?x :q ?y } { ?x :p ?y }",
    ],
)
def test_comments_and_omitted_words_change_no_rule(text: str) -> None:
    rule = parse_rule("a", "PREFIX : <http://e/>\n" + text)
    assert (rule.where.strip(), rule.prologue) == ("?x :p ?y", "PREFIX : <http://e/>\n")


def test_braces_in_a_text_are_no_part_of_the_query() -> None:
    rule = parse_rule("a", "CONSTRUCT { ?x <x:q> '}' } WHERE { ?x <x:p> '} {' }")
    assert rule.where.strip() == "?x <x:p> '} {'"


def test_rules_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "c", "a"):
        (tmp_path / f"{name}.rq").write_text(_construct("?x :p ?y"), encoding="utf-8")
    assert [rule.name for rule in load_domain_rules(tmp_path)] == ["a", "b", "c"]


def test_shipped_rules_have_titles_and_descriptions() -> None:
    rules = domain_rules()
    assert rules
    assert all(rule.title != rule.name and rule.axiom for rule in rules)


# -- epitopes --------------------------------------------------------------------------------

_KEPT = ("retainsEpitope", "partlyRetainsEpitope", "losesEpitope")


def _ranges(thing: str, ranges: str, protein: str = ":protein") -> str:
    turtle = ""
    for number, one in enumerate(ranges.split()):
        first, last = one.split("-")
        node = f":{thing}-{number}"
        turtle += (
            f":{thing} tz:hasRange {node} . {node} tz:rangeOn {protein} ;"
            f" tz:firstResidue {first} ; tz:lastResidue {last} ."
        )
    return turtle


def _kept(
    variant: str, epitope: str, *, other: str = ":protein", variant_of: str = ":protein"
) -> set[str]:
    """What is concluded of a form and an epitope with these ranges."""
    turtle = (
        f":variant tz:variantOf {variant_of} . :epitope tz:epitopeOf :part ."
        + _ranges("variant", variant)
        + _ranges("epitope", epitope, other)
    )
    found = _fates(turtle)
    assert {(subject, obj) for subject, _, obj in found} <= {("variant", "epitope")}
    return {predicate.removeprefix(TZ) for _, predicate, _ in found}


def _fates(turtle: str) -> set[tuple[str, str, str]]:
    """What is concluded on epitopes that are kept or lost."""
    fates = {TZ + name for name in ("retainsEpitope", "partlyRetainsEpitope", "losesEpitope")}
    return {found for found in reasoned(turtle, domain_rules()).new if found[1] in fates}


@pytest.mark.parametrize(
    ("variant", "epitope", "kept"),
    [
        ("100-200", "120-130", "retainsEpitope"),
        ("100-200", "100-200", "retainsEpitope"),
        ("100-200", "100-100", "retainsEpitope"),
        ("100-200", "200-200", "retainsEpitope"),
        ("100-200", "199-201", "partlyRetainsEpitope"),
        ("100-200", "200-210", "partlyRetainsEpitope"),  # one residue
        ("100-200", "90-100", "partlyRetainsEpitope"),  # one residue
        ("100-200", "50-300", "partlyRetainsEpitope"),
        ("100-200", "201-210", "losesEpitope"),  # touches
        ("100-200", "90-99", "losesEpitope"),  # touches
        ("100-200", "1-10", "losesEpitope"),
        # Epitopes of several runs
        ("100-200", "110-110 120-122 150-160", "retainsEpitope"),
        ("100-200", "90-95 150-160", "partlyRetainsEpitope"),
        ("100-200", "90-99 201-220 300-301", "losesEpitope"),
        # Forms of several runs, such as a deletion or two domains
        ("1-50 100-200", "40-50 100-110", "retainsEpitope"),
        ("1-50 51-200", "45-55", "retainsEpitope"),
        ("1-50 100-200", "45-55", "partlyRetainsEpitope"),
        ("1-50 100-200", "60-70 80-99", "losesEpitope"),
        ("1-50 100-200", "60-70 99-100", "partlyRetainsEpitope"),
        # Without residues there is no conclusion.
        ("100-200", "", ""),
        ("", "100-200", ""),
        ("", "", ""),
    ],
)
def test_residues_decide_what_is_kept(variant: str, epitope: str, kept: str) -> None:
    assert _kept(variant, epitope) == ({kept} if kept else set())


def test_residues_of_another_protein_say_nothing() -> None:
    assert _kept("100-200", "100-200", other=":other") == set()
    assert _kept("100-200", "1-2", other=":other") == set()


def test_domains_have_ranges_and_neither_keep_nor_are_kept() -> None:
    turtle = (
        ":variant tz:variantOf :protein . :epitope tz:epitopeOf :domain ."
        ":domain tz:domainOf :protein ."
        + _ranges("variant", "100-200")
        + _ranges("epitope", "120-130")
        + _ranges("domain", "100-140")
    )
    assert _fates(turtle) == {("variant", TZ + "retainsEpitope", "epitope")}


@pytest.mark.parametrize(
    ("variant", "epitope", "shared", "size", "fraction"),
    [
        ("100-200", "120-130", 11, 11, 1),
        ("100-200", "199-202", 2, 4, 0.5),
        ("100-200", "98-100", 1, 3, 0.333),
        ("100-200", "1-10", 0, 10, 0),
        ("1-50 100-200", "41-60 100-103", 14, 24, 0.583),
    ],
)
def test_the_share_that_is_kept_is_told(
    variant: str, epitope: str, shared: int, size: int, fraction: float
) -> None:
    turtle = (
        ":variant tz:variantOf :protein . :epitope tz:epitopeOf :part ."
        + _ranges("variant", variant)
        + _ranges("epitope", epitope)
    )
    found = {
        t.predicate.value: float(t.object.value)
        for t in reasoned(turtle, domain_rules()).inferred
        if isinstance(t.object, ox.Literal) and "overlap/" in str(t.subject)
    }
    assert found == {
        TZ + "sharedResidues": shared,
        TZ + "epitopeResidues": size,
        TZ + "changedResidues": 0,
        TZ + "retainedFraction": fraction,
        TZ + "lostFraction": round(1 - fraction, 3),
    }


# -- resistance ------------------------------------------------------------------------------

_RESISTANCE = (
    ":mechanism tz:involvesVariant :variant . :variant tz:variantOf :protein ."
    " :epitope tz:epitopeOf :part . :far tz:epitopeOf :part . :near tz:epitopeOf :part ."
    " :kept tz:epitopeOf :part . :loser tz:bindsEpitope :far . :partly tz:bindsEpitope :near ."
    " :winner tz:bindsEpitope :kept . :both tz:bindsEpitope :kept , :far ."
    " :unknown tz:bindsEpitope :epitope . :nothing tz:targets :protein ."
) + "".join(
    _ranges(thing, ranges)
    for thing, ranges in {
        "variant": "100-200",
        "far": "1-10",
        "near": "90-110",
        "kept": "120-130",
    }.items()
)


def _resisted(turtle: str) -> set[tuple[str, str]]:
    found = reasoned(turtle, domain_rules()).new
    assert not [found for found in found if found[1] == TZ + "confersResistanceTo"]
    return {(s, o) for s, p, o in found if p == TZ + "predictedResistanceTo"}


def test_resistance_is_predicted_to_drugs_whose_epitope_the_form_lacks() -> None:
    assert _resisted(_RESISTANCE) == {
        *(("mechanism", "loser"), ("mechanism", "partly"), ("mechanism", "both")),
    }


def test_a_form_without_a_mechanism_predicts_none() -> None:
    assert _resisted(_RESISTANCE.replace("tz:involvesVariant", "tz:involves")) == set()


# -- shipped data ----------------------------------------------------------------------------


def _inferred(predicate: str) -> set[tuple[str, str]]:
    quads = (
        shipped_release()
        .store()
        .quads_for_pattern(None, ox.NamedNode(TZ + predicate), None, ox.NamedNode(Graphs.INFERRED))
    )
    return {
        (str(q.subject)[1:-1].removeprefix(ID), str(q.object)[1:-1].removeprefix(ID)) for q in quads
    }


def test_forms_of_p95her2_keep_what_the_residues_say() -> None:
    short, shorter = "variant/611-ctf", "variant/648-ctf"
    gone = {"her2-pertuzumab", "her2-zanidatamab-domain-ii", "her2-gb235"}
    rest = {"her2-trastuzumab", "her2-zanidatamab-domain-iv", "her2-hlx22"}
    # Trastuzumab touches residues 579 to 626; the longer form begins at 611.
    assert _inferred("partlyRetainsEpitope") == {(short, "epitope/her2-trastuzumab")}
    lost = _inferred("losesEpitope")
    assert {epitope for form, epitope in lost if form == short} == {f"epitope/{e}" for e in gone}
    assert {e for form, e in lost if form == shorter} == {f"epitope/{e}" for e in gone | rest}
    kept = {form for form, _ in _inferred("retainsEpitope")}
    assert not kept & {short, shorter, "variant/p95her2"}


def test_what_the_collected_facts_say_is_lacking_is_not_wholly_kept() -> None:
    with need("facts/relations.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    lacking = {row[3] for row in rows if len(row) > 3 and row[2] == "lacks_epitope"}
    names = {
        "epitope-trastuzumab-div": "epitope/her2-trastuzumab",
        "epitope-pertuzumab-dii": "epitope/her2-pertuzumab",
        "epitope-zanidatamab-ecd2": "epitope/her2-zanidatamab-domain-ii",
    }
    assert lacking == set(names)
    # The facts speak of p95HER2, of which each form is judged.
    forms = {form for form, _ in _inferred("losesEpitope")}
    stated = {(form, names[epitope]) for epitope in lacking for form in forms}
    assert stated <= _inferred("losesEpitope") | _inferred("partlyRetainsEpitope")
    assert not stated & _inferred("retainsEpitope")


def test_shipped_variants_are_read_and_checked() -> None:
    checked = {form for form, state in _inferred("referenceCheck") if state.endswith("#Checked")}
    names = ("her2-d16", "her2-s310f", "her2-l755s", "her2-v777l", "her2-t798i", "her2-v842i")
    assert checked == {f"variant/{name}" for name in names}
    assert ("variant/her2-s310f", "epitope/her2-pertuzumab") in _inferred("altersEpitope")
    for name in ("her2-l755s", "her2-v777l", "her2-t798i", "her2-v842i"):
        assert (f"variant/{name}", "domain/her2-kinase") in _inferred("altersDomain")


def test_shipped_predictions_follow_lost_sites_and_no_rule_reports() -> None:
    store = shipped_release().store()
    assert _inferred("confersResistanceTo") == set()
    sites = {s for p in ("losesEpitope", "partlyRetainsEpitope") for _, s in _inferred(p)}
    bound = {
        str(quad.subject)[1:-1].removeprefix(ID)
        for quad in store.quads_for_pattern(
            None, ox.NamedNode(TZ + "bindsEpitope"), None, ox.DefaultGraph()
        )
        if str(quad.object)[1:-1].removeprefix(ID) in sites
    }
    hit = {d for m, d in _inferred("predictedResistanceTo") if m == "mechanism/rm-p95her2"}
    assert "drug/margetuximab" in hit
    # Where evidence speaks against the resistance, the prediction is taken out.
    contradicted = {
        drug
        for node, _ in _inferred("predictionContradictedBy")
        for one, drug in _inferred("predictionAbout")
        if one == node and "rm-p95her2" in node
    }
    assert hit | contradicted == bound
    assert not hit & contradicted
