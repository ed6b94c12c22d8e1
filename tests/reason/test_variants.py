"""Changes of proteins that nobody here has seen: what rules conclude, and what they leave open."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reason.made import Made, made
from tzgraph.vocabulary import RDF

_VARIANTS = """
tz:TargetVariant|rdf:type|rdfs:label|tz:variantOf|tz:hgvsProtein|tz:hasRange|source
m-l755s||made L755S|her2|p.Leu755Ser||curation
m-i613v||made I613V|her2|p.I613V||curation
m-s310f||made S310F|her2|P04626:p.(Ser310Phe)||curation
m-d16||made delta-16|her2|p.Cys634_Ser649del||curation
m-611|Truncation|made 611|her2||m-611-1255|curation
m-648|Truncation|made 648|her2||m-648-1255|curation
m-649|Truncation|made 649|her2||m-649-1255|curation
m-kdel||made deletion in the kinase|her2|NP_004439.2:p.Leu755_Thr759del||curation
m-dup||made duplication|her2|p.Tyr772_Ala775dup||curation
m-ins1||made insertion|her2|p.Ala775_Gly776insTyrValMetAla||curation
m-ins2||made other insertion|her2|E770_A771insAYVM||curation
m-v659e||made V659E|her2|p.Val659Glu||curation
m-delins||made exchange of contacts|her2|p.Ser310_Cys311delinsPheAla||curation
m-shorter||made exchange of a domain for one residue|her2|p.Thr218_Val341delinsGly||curation
m-inscontact||made insertion between contacts|her2|p.Asp582_Gln583insGly||curation
m-fs||made frameshift|her2|p.Cys630fs||curation
m-stop||made stop|her2|p.Arg47Ter||curation
m-edge||made loss of half an epitope|her2|p.Lys591_Ile613del||curation
m-fusion|Fusion|made fusion|her2|||curation
m-isoform||made change of an isoform|her2|NP_001005862:p.Leu725Ser||curation
m-gap||made gap|her2||m-1-612&m-614-1255|curation
m-start||made change of the start|her2|p.Met1Val||curation
m-startdel||made loss of the start|her2|p.Met1del||curation
m-g12d||made G12D|kras|p.Gly12Asp||curation
m-e17k||made E17K|akt1|p.Glu17Lys||curation
"""
_RANGES = """
tz:ResidueRange|rdfs:label|tz:firstResidue|tz:lastResidue|tz:rangeOn|source|tz:checkStatus
m-611-1255|611 on|611|1255|her2|curation|Recalled
m-648-1255|648 on|648|1255|her2|curation|Seen
m-649-1255|649 on|649|1255|her2|curation|Recalled
m-1-612|to 612|1|612|her2|curation|Recalled
m-614-1255|614 on|614|1255|her2|curation|Recalled
"""
_NAMES = [line.split("|")[0] for line in _VARIANTS.strip().splitlines()[1:]]
_HER2 = [name for name in _NAMES if name not in ("m-g12d", "m-e17k")]
_ALTERATIONS = """
tz:Alteration|rdf:type|rdfs:label|tz:alterationOf|source
m-kd-mutation||made mutation of the kinase|erbb2|curation
m-amplification|Amplification|made amplification|erbb2|curation
m-egfr||made alteration of EGFR|egfr|curation
m-mutation|Mutation|made mutation|erbb2|curation
"""
_MECHANISMS = (
    "tz:ResistanceMechanism|rdfs:label|tz:involvesVariant|tz:involvesLossOf|tz:activates|source|tz:reportedIn\n"
    + "".join(f"r-{n}|mechanism of {n}|{n}||tztarget:her2|curation|scaltriti-2007\n" for n in _HER2)
    + "r-g12d|mechanism of G12D|m-g12d||tztarget:kras|curation|scaltriti-2007\n"
    + "r-e17k|mechanism of E17K|m-e17k||pi3k-akt-mtor|curation|scaltriti-2007\n"
    + "r-kd|of the kinase|tzalteration:m-kd-mutation||tztarget:her2|curation|scaltriti-2007\n"
    + "r-her2-loss|made loss of HER2||tzalteration:m-amplification||curation|scaltriti-2007\n"
    + "r-her2-gone|made absence of HER2||tztarget:her2||curation|scaltriti-2007\n"
    + "r-egfr-loss|made loss of EGFR||tzalteration:m-egfr||curation|scaltriti-2007\n"
    + "r-clone-loss|made loss of a mutant clone||tzalteration:m-mutation||curation|scaltriti-2007\n"
    + "r-top1-loss|made loss of TOP1||tztarget:top1||curation|scaltriti-2007\n"
    + "r-rumour|mechanism without evidence|||tztarget:egfr|curation|scaltriti-2007\n"
    + "r-egfr|mechanism by EGFR|||tztarget:egfr|curation|scaltriti-2007\n"
    + "r-egfr-resisted|by EGFR, resisting one|||tztarget:egfr|curation|scaltriti-2007\n"
)
_MECHANISMS += "r-amplified|by amplification|tzalteration:m-amplification||tztarget:her2|"
_MECHANISMS += "curation|scaltriti-2007\n"
_DRUGS = """
tz:Drug|rdf:type|rdfs:label|tz:targets|tz:inhibitsTarget|tz:deliversPayloadTo|tz:bindsDomain|tz:hasComponent|source
m-old|CytotoxicDrug|made old drug||||||curation
m-tki|KinaseInhibitor|made inhibitor||her2||her2-kinase||curation
m-tki-nowhere|KinaseInhibitor|made inhibitor of unknown site||her2||||curation
m-sotorasib|KinaseInhibitor|made KRAS inhibitor||kras||||curation
m-adc|AntibodyDrugConjugate|made conjugate|||her2||trastuzumab&deruxtecan|curation
m-two|BispecificAntibody|made engager|her2&pd-1|||||curation
m-onearm|BispecificAntibody|made antibody with one known arm|her2|||her2-domain-ii||curation
m-twoarms|BispecificAntibody|made antibody on domains|her2|||her2-domain-ii&her2-domain-iv||curation
m-othertarget|BispecificAntibody|made antibody on two proteins|her2&pd-1|||her2-domain-ii||curation
m-onedomain|MonoclonalAntibody|made antibody on domain II||||her2-domain-ii||curation
m-egfr-a|KinaseInhibitor|made EGFR inhibitor||egfr||||curation
m-egfr-b|KinaseInhibitor|made other EGFR inhibitor||egfr||||curation
"""
_BINDINGS = """
tz:Drug|tz:bindsEpitope|source
trastuzumab|her2-trastuzumab|pdb-1n8z
pertuzumab|her2-pertuzumab|franklin-2004
zanidatamab|her2-zanidatamab-domain-ii&her2-zanidatamab-domain-iv|pdb-1n8z
"""
_ESTABLISHED = [f"r-{n}" for n in _HER2] + ["r-g12d", "r-e17k", "r-kd", "r-egfr", "r-amplified"]
_EVIDENCE = (
    "tz:Evidence|rdfs:label|rdf:subject|rdf:predicate|rdf:object|tz:direction|tz:evidenceType|"
    "tz:evidenceLevel|tz:reportedIn|source\n"
    + "".join(
        f"e-{n}|evidence on {n}|tzmechanism:{n}|tz:confersResistanceTo|tzdrug:m-old|Supports|"
        "eco:0007122|LevelD|scaltriti-2007|curation\n"
        for n in _ESTABLISHED
    )
    + "e-two|evidence on EGFR|tzmechanism:r-egfr-resisted|tz:confersResistanceTo|"
    "tzdrug:m-egfr-a|Supports|eco:0007122|LevelD|scaltriti-2007|curation\n"
    + "e-against|evidence against|tzmechanism:r-m-611|tz:confersResistanceTo|"
    "tzdrug:trastuzumab-emtansine|Refutes|eco:0007122|LevelD|scaltriti-2007|curation\n"
)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The made-up rows, built once."""
    tables = {
        "variants": _VARIANTS,
        "ranges": _RANGES,
        "alterations": _ALTERATIONS,
        "mechanisms": _MECHANISMS,
        "drugs": _DRUGS,
        "bindings": _BINDINGS,
        "evidence": _EVIDENCE,
    }
    return made(tmp_path_factory.mktemp("made"), tables)


_TRASTUZUMAB = "her2-trastuzumab"
_TRASTUZUMABS = {"trastuzumab", "margetuximab", "trastuzumab-deruxtecan", "m-adc"}
_KINASE_CHANGES = ["m-l755s", "m-kdel", "m-dup", "m-ins1", "m-ins2"]


@pytest.mark.parametrize(
    ("variant", "kinds"),
    [
        ("m-l755s", {"Substitution"}),
        ("m-d16", {"Deletion"}),
        ("m-kdel", {"Deletion"}),
        ("m-dup", {"Duplication", "Insertion"}),
        ("m-ins1", {"Insertion"}),
        ("m-ins2", {"Insertion"}),
        ("m-delins", {"DeletionInsertion"}),
        ("m-fs", {"Frameshift", "Truncation"}),
        ("m-stop", {"Truncation"}),
    ],
)
def test_the_kind_is_read_from_the_notation(graph: Made, variant: str, kinds: set[str]) -> None:
    assert graph.store is not None
    rows = graph.store.query(
        f"SELECT ?c {{ <https://w3id.org/tzgraph/id/variant/{variant}> <{RDF}type> ?c }}"
    )
    found = {str(row[0])[1:-1].split("#")[-1] for row in rows}  # type: ignore[union-attr]
    assert found - {"TargetVariant", "NamedIndividual"} == kinds


@pytest.mark.parametrize(
    ("variant", "form"),
    [
        ("m-i613v", "p.Ile613Val"),
        ("m-s310f", "p.Ser310Phe"),
        ("m-kdel", "p.Leu755_Thr759del"),
        ("m-ins2", "p.Glu770_Ala771insAlaTyrValMet"),
        ("m-delins", "p.Ser310_Cys311delinsPheAla"),
        ("m-fs", "p.Cys630fs"),
        ("m-stop", "p.Arg47Ter"),
    ],
)
def test_each_spelling_has_one_normal_form(graph: Made, variant: str, form: str) -> None:
    assert graph.objects(variant, "hgvsNormalForm") == {form}
    assert graph.objects(variant, "referenceCheck") == {"Checked"}


def test_a_change_in_the_kinase_alters_it_and_makes_nothing_a_candidate(graph: Made) -> None:
    for variant in _KINASE_CHANGES:
        fates = {"m-kdel": "partlyRetainsDomain"}
        assert "her2-kinase" in graph.objects(variant, fates.get(variant, "altersDomain"))
        assert graph.subjects("candidateFor", f"r-{variant}") == set()
        assert graph.objects(f"r-{variant}", "predictedResistanceTo") == set()


def test_one_contact_that_is_replaced_only_alters_the_epitope(graph: Made) -> None:
    for variant in ("m-i613v", "m-inscontact"):
        assert graph.objects(variant, "altersEpitope") == {_TRASTUZUMAB}
        for fate in ("losesEpitope", "partlyRetainsEpitope"):
            assert graph.objects(variant, fate) == set()
        assert _TRASTUZUMAB not in graph.objects(variant, "retainsEpitope")
        assert graph.objects(f"r-{variant}", "predictedResistanceTo") == set()
    assert graph.objects("m-s310f", "altersEpitope") == {"her2-pertuzumab"}
    assert graph.objects("m-delins", "altersEpitope") == {"her2-pertuzumab"}
    assert graph.objects("r-m-delins", "predictedResistanceTo") == set()


def test_only_inhibitors_whose_kinase_is_shown_to_be_whole_are_candidates(graph: Made) -> None:
    """Not antibodies, nor an inhibitor of which nobody says where it binds."""
    whole = graph.subjects("bindsDomain", "her2-kinase")
    assert {"lapatinib", "tucatinib", "poziotinib", "m-tki"} <= whole
    shown = ["m-611", "m-648", "m-649", "m-d16", "m-i613v", "m-s310f", "m-v659e", "m-inscontact"]
    for variant in _HER2:
        expected = whole if variant in [*shown, "m-delins", "m-shorter", "m-edge"] else set()
        if variant == "m-gap":
            expected = whole
        found = graph.subjects("candidateFor", f"r-{variant}")
        assert found == expected, variant


def test_a_deletion_beside_an_epitope_leaves_it_and_changes_the_domain(graph: Made) -> None:
    assert _TRASTUZUMAB in graph.objects("m-d16", "retainsEpitope")
    assert graph.objects("m-d16", "partlyRetainsDomain") == {"her2-domain-iv"}
    assert graph.objects("r-m-d16", "predictedResistanceTo") == set()
    # Where in domain IV it binds is not known.
    fates = ("retainsEpitope", "partlyRetainsEpitope", "losesEpitope", "altersEpitope")
    assert not any("her2-hlx22" in graph.objects("m-d16", fate) for fate in fates)


def test_each_form_of_p95her2_stands_on_its_own(graph: Made) -> None:
    gone = {"her2-pertuzumab", "her2-zanidatamab-domain-ii", "her2-gb235"}
    assert graph.objects("m-611", "losesEpitope") == gone
    assert graph.objects("m-611", "partlyRetainsEpitope") == {_TRASTUZUMAB}
    rest = {_TRASTUZUMAB, "her2-hlx22", "her2-zanidatamab-domain-iv"}
    assert graph.objects("m-648", "losesEpitope") == gone | rest
    assert graph.objects("r-m-648", "predictedResistanceTo") >= _TRASTUZUMABS | {
        *("pertuzumab", "gb235", "hlx22", "zanidatamab"),
    }
    assert "hlx22" not in graph.objects("r-m-611", "predictedResistanceTo")


def _grades(graph: Made, mechanism: str, drug: str) -> set[str]:
    nodes = graph.subjects("predictionOf", mechanism) & graph.subjects("predictionAbout", drug)
    return {grade for node in nodes for grade in graph.objects(node, "predictionGrade")}


@pytest.mark.parametrize(
    ("mechanism", "drug", "grade"),
    [
        ("r-m-648", "trastuzumab", "Firm"),  # all 17 contacts, all of them known
        ("r-m-649", "trastuzumab", "Tentative"),  # all 17, by a recalled end of the form
        ("r-m-611", "trastuzumab", "Tentative"),  # 9 of 17
        ("r-m-edge", "trastuzumab", "Weak"),  # 6 of 17
        ("r-m-611", "gb235", "Tentative"),  # a whole domain with recalled borders
        ("r-m-611", "zanidatamab", "Weak"),  # its other arm may bind
        ("r-m-611", "m-onedomain", "Tentative"),
        ("r-m-611", "m-othertarget", "Tentative"),  # its other arm is for another protein
        ("r-m-611", "m-onearm", "Weak"),  # its other arm may be for the same protein
        ("r-m-611", "m-twoarms", "Weak"),  # its other arm binds a domain that is there in part
        ("r-m-648", "hlx22", "Weak"),  # 137 of 142 residues by recalled borders
        ("r-m-fs", "trastuzumab", "Tentative"),  # not held in the membrane
        ("r-her2-loss", "trastuzumab-deruxtecan", "Tentative"),
        ("r-her2-loss", "m-adc", "Tentative"),
        ("r-her2-loss", "lapatinib", "Weak"),
        ("r-her2-loss", "m-two", "Weak"),
        ("r-her2-gone", "trastuzumab", "Firm"),
        ("r-her2-gone", "tucatinib", "Firm"),
        ("r-her2-gone", "poziotinib", "Weak"),
        ("r-egfr-loss", "lapatinib", "Weak"),
        ("r-top1-loss", "trastuzumab-deruxtecan", "Weak"),  # by its payload
    ],
)
def test_a_prediction_is_as_sure_as_the_loss(
    graph: Made, mechanism: str, drug: str, grade: str
) -> None:
    assert drug in graph.objects(mechanism, "predictedResistanceTo")
    assert _grades(graph, mechanism, drug) == {grade}


def test_the_loss_of_the_target_hits_each_drug_on_it(graph: Made) -> None:
    hit = graph.objects("r-her2-loss", "predictedResistanceTo")
    assert hit == graph.subjects("targets", "her2")
    assert {"trastuzumab-emtansine", "gb235", "m-adc", "m-tki-nowhere"} <= hit
    assert graph.objects("r-clone-loss", "predictedResistanceTo") == set()
    without = graph.objects("r-egfr-loss", "predictedResistanceTo")
    assert without == graph.subjects("targets", "egfr")


def test_predicted_is_never_reported(graph: Made) -> None:
    assert {drug for _, drug in graph.pairs("confersResistanceTo")} == {"m-old", "m-egfr-a"}
    assert not graph.pairs("predictedResistanceTo") & graph.pairs("candidateFor")


def test_evidence_against_resistance_takes_the_prediction_out(graph: Made) -> None:
    assert "trastuzumab-emtansine" not in graph.objects("r-m-611", "predictedResistanceTo")
    (node,) = graph.subjects("predictionAbout", "trastuzumab-emtansine") & graph.subjects(
        "predictionOf", "r-m-611"
    )
    assert graph.objects(node, "predictionContradictedBy") == {"e-against"}


def test_a_conjugate_binds_where_its_antibody_binds(graph: Made) -> None:
    assert graph.objects("m-adc", "bindsEpitope") == {_TRASTUZUMAB}


def test_what_is_not_known_is_not_concluded(graph: Made) -> None:
    for variant in ("m-fusion", "m-isoform", "m-start", "m-startdel"):
        for fate in ("retainsDomain", "losesDomain", "altersDomain", "partlyRetainsDomain"):
            assert graph.objects(variant, fate) == set()
        assert graph.objects(f"r-{variant}", "predictedResistanceTo") == set()
    assert graph.objects("m-isoform", "referenceCheck") == {"OtherSequence"}
    assert graph.objects("m-g12d", "referenceCheck") == {"Unchecked"}
    # The gap is told as a deletion, but whether it is one is asked, and nothing predicted.
    assert graph.objects("m-gap", "partlyRetainsEpitope") == {_TRASTUZUMAB}
    assert graph.objects("r-m-gap", "predictedResistanceTo") == set()


def test_a_drug_on_a_changed_protein_or_above_it_is_no_candidate(graph: Made) -> None:
    assert graph.subjects("candidateFor", "r-g12d") == set()
    assert graph.subjects("candidateFor", "r-kd") == set()
    found = graph.subjects("candidateFor", "r-e17k")
    assert "everolimus" in found  # mTOR comes after AKT1
    assert not found & {"alpelisib", "pi3k-inhibitor"}  # PI3K comes before


def test_more_of_a_protein_leaves_the_sites_on_it_as_they_are(graph: Made) -> None:
    found = graph.subjects("candidateFor", "r-amplified")
    assert {"lapatinib", "m-tki", "m-tki-nowhere"} <= found
    assert graph.objects("r-amplified", "restsOnChangeOf") == set()


def test_a_mechanism_needs_evidence_and_what_fails_is_no_candidate(graph: Made) -> None:
    assert graph.subjects("candidateFor", "r-rumour") == set()
    assert {"m-egfr-a", "m-egfr-b"} <= graph.subjects("candidateFor", "r-egfr")
    # Another inhibitor of the same target, where one is reported to fail.
    assert graph.subjects("candidateFor", "r-egfr-resisted") == set()


def test_a_shorter_exchange_of_a_whole_domain_loses_it(graph: Made) -> None:
    assert graph.objects("m-shorter", "losesDomain") == {"her2-domain-ii"}
    assert "pertuzumab" in graph.objects("r-m-shorter", "predictedResistanceTo")


def test_a_form_that_ends_before_the_membrane_misses_no_antibody(graph: Made) -> None:
    """Whatever it keeps of the epitope, it is not on the cell."""
    assert _TRASTUZUMAB in graph.objects("m-fs", "retainsEpitope")
    assert {"trastuzumab", "pertuzumab", "m-adc", "zanidatamab"} <= graph.objects(
        "r-m-fs", "predictedResistanceTo"
    )


def test_a_kind_that_the_notation_contradicts_is_told_at_its_row(tmp_path: Path) -> None:
    """Not at the sequence of the protein, which the kind of the form follows from as well."""
    rows = (
        "tz:TargetVariant|rdf:type|rdfs:label|tz:variantOf|tz:hgvsProtein|source\n"
        "m-odd|Deletion|made odd one|her2|p.Leu755Ser|curation"
    )
    found = made(tmp_path, {"variants": rows}).findings
    (finding,) = [f for f in found if f.code == "cax-adc"]
    assert (finding.file, finding.row) == ("made-variants.tsv", 2)


def test_folder_is_new(tmp_path: Path) -> None:
    assert made(tmp_path, {}).store is not None
