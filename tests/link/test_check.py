from pathlib import Path

import pytest

from tests.link.small import mapping, obo, sets, thing
from tzgraph.errors import Severity
from tzgraph.link.check import CheckReport, LinkStatus, check_links
from tzgraph.link.check.output import summary
from tzgraph.link.graph.judge import kind_factor
from tzgraph.link.graph.things import Thing
from tzgraph.link.inputs.closure import references_of
from tzgraph.link.ontology.kinds import EntityKind, knowledge
from tzgraph.link.ontology.model import Ontology
from tzgraph.link.read import read_ontology
from tzgraph.link.sssom.reader import MappingSet, SssomMapping

EFO_OLD = "id: EFO:1000294|name: HER2 Positive Breast Carcinoma"
EFO_NEW = (
    "id: EFO:1000294|name: obsolete HER2 Positive Breast Carcinoma|is_obsolete: true"
    "|replaced_by: MONDO:0006244"
)


def check(
    *mappings: SssomMapping,
    files: tuple[Ontology, ...] = (),
    others: tuple[MappingSet, ...] = (),
    things: tuple[Thing, ...] = (),
) -> CheckReport:
    return check_links(sets(*mappings, source="ours"), files, others, things)


def statuses(report: CheckReport) -> list[LinkStatus]:
    return [one.status for one in report.checked]


def test_a_mapping_that_is_right_is_ok(tmp_path: Path) -> None:
    efo = obo(tmp_path, EFO_OLD)
    report = check(
        mapping("a:1", "efo:1000294", label="HER2-positive breast carcinoma"), files=(efo,)
    )
    assert statuses(report) == [LinkStatus.OK]
    assert report.checked[0].found_in == "small.obo"
    assert report.exit_code(strict=True) == 0


def test_a_label_that_differs_is_a_warning(tmp_path: Path) -> None:
    efo = obo(tmp_path, EFO_OLD)
    report = check(mapping("a:1", "efo:1000294", label="gastric carcinoma"), files=(efo,))
    (problem,) = report.checked[0].problems
    assert (problem.status, problem.severity) == (LinkStatus.LABEL, Severity.WARNING)
    assert "“HER2 Positive Breast Carcinoma”" in problem.message
    assert (report.exit_code(), report.exit_code(strict=True)) == (0, 1)


def test_a_label_with_more_names_behind_it_is_the_same(tmp_path: Path) -> None:
    table = obo(
        tmp_path, "id: uniprot:P31749|name: RAC-alpha kinase, EC 2.7.11.1 (Protein kinase B)"
    )
    report = check(mapping("a:1", "uniprot:P31749", label="RAC-alpha kinase"), files=(table,))
    assert statuses(report) == [LinkStatus.OK]


def test_an_obsolete_term_is_told_with_its_replacement(tmp_path: Path) -> None:
    efo = obo(tmp_path, EFO_NEW)
    (one,) = check(mapping("a:1", "efo:1000294", label="old"), files=(efo,)).checked
    assert one.status is LinkStatus.OBSOLETE
    assert one.problems[0].replacement == "mondo:0006244"


@pytest.mark.parametrize("newest_first", [True, False])
def test_what_is_live_in_an_older_file_and_obsolete_in_a_newer_is_obsolete(
    tmp_path: Path, newest_first: bool
) -> None:
    files = (obo(tmp_path, EFO_OLD, name="3.82.obo"), obo(tmp_path, EFO_NEW, name="3.90.obo"))
    report = check(mapping("a:1", "efo:1000294"), files=files[::-1] if newest_first else files)
    assert statuses(report) == [LinkStatus.OBSOLETE]


def test_a_file_has_no_say_over_the_terms_of_others(tmp_path: Path) -> None:
    terms = [f"id: PW:000000{n}|name: term {n}" for n in range(9)]
    stub = "id: GO:0000001|is_obsolete: true|name: gone|replaced_by: PW:0000001"
    pw = obo(tmp_path, *terms, stub, name="pw.obo")
    go = obo(tmp_path, "id: GO:0000001|name: here", name="go.obo")
    assert statuses(check(mapping("a:1", "go:0000001"), files=(go, pw))) == [LinkStatus.OK]


def test_a_term_that_is_not_there_is_missing(tmp_path: Path) -> None:
    efo = obo(tmp_path, EFO_OLD)
    report = check(mapping("a:1", "efo:0000001"), files=(efo,))
    assert statuses(report) == [LinkStatus.MISSING]
    assert report.exit_code() == 1


def test_a_part_of_a_vocabulary_can_not_tell_what_is_missing(tmp_path: Path) -> None:
    slim = obo(tmp_path, "id: DOID:4|name: disease", name="cancer_slim.obo")
    report = check(mapping("a:1", "doid:5517"), mapping("a:2", "doid:4"), files=(slim,))
    assert statuses(report) == [LinkStatus.NOT_CHECKED, LinkStatus.OK]


def test_a_file_that_takes_in_much_of_another_vocabulary_is_no_file_of_it(tmp_path: Path) -> None:
    """The Drug Target Ontology has 6,000 terms of its own and 2,000 of DOID, of years ago."""
    own = [f"id: DTO:000000{n}|name: term {n}" for n in range(6)]
    dto = obo(tmp_path, *own, "id: DOID:4|name: disease", "id: DOID:14|name: x", name="dto.obo")
    report = check(mapping("a:1", "doid:5517"), mapping("a:2", "doid:4"), files=(dto,))
    assert statuses(report) == [LinkStatus.NOT_CHECKED, LinkStatus.OK]


def test_what_no_file_is_given_for_is_not_checked_and_counted(tmp_path: Path) -> None:
    efo = obo(tmp_path, EFO_OLD)
    report = check(mapping("a:1", "go:0001837"), mapping("a:2", "efo:1000294"), files=(efo,))
    assert report.counts == {LinkStatus.NOT_CHECKED: 1, LinkStatus.OK: 1}
    assert summary(report) == "2 mappings: 1 not checked, 1 ok\nNo file given of: go 1"


def test_an_identifier_that_is_none_needs_no_file() -> None:
    report = check(mapping("a:1", "go:1837"), mapping("a:2", "go:0001837"))
    assert statuses(report) == [LinkStatus.BAD_ID, LinkStatus.NOT_CHECKED]
    assert report.exit_code() == 1


def test_other_species_and_other_kinds_are_told(tmp_path: Path) -> None:
    files = obo(
        tmp_path,
        "id: reactome:R-MMU-1227986|name: Signaling by ERBB2",
        "id: hgnc:6171|name: ITK",
    )
    things = (thing("tzpathway:p", EntityKind.PROCESS, "ERBB2 signalling"),)
    report = check(
        mapping("tzpathway:p", "reactome:R-MMU-1227986"),
        mapping("tzpathway:p", "hgnc:6171"),
        mapping("tzpathway:p", "hgnc:6171", "skos:relatedMatch"),
        files=(files,),
        things=things,
    )
    assert statuses(report) == [LinkStatus.OTHER_SPECIES, LinkStatus.OTHER_KIND, LinkStatus.OK]


def test_a_mechanism_may_be_a_process_or_an_alteration_and_is_no_gene(tmp_path: Path) -> None:
    files = obo(
        tmp_path,
        "id: go:0001837|name: epithelial to mesenchymal transition",
        "id: hgnc:6171|name: ITK",
    )
    assert knowledge().classes["ResistanceMechanism"] is EntityKind.MECHANISM
    things = (thing("tzmechanism:m", EntityKind.MECHANISM, "EMT"),)
    linked = mapping("tzmechanism:m", "go:0001837"), mapping("tzmechanism:m", "hgnc:6171")
    report = check(*linked, files=(files,), things=things)
    assert statuses(report) == [LinkStatus.OK, LinkStatus.OTHER_KIND]
    for kind in EntityKind.PROCESS, EntityKind.ALTERATION, EntityKind.PHENOTYPE:
        assert kind_factor(EntityKind.MECHANISM, kind) > 0
    # A name alone tells nothing of a mechanism.
    assert kind_factor(EntityKind.MECHANISM, EntityKind.UNKNOWN) == 0


def test_exact_matches_of_which_only_one_can_be_right() -> None:
    report = check(
        mapping("tz:a", "mondo:0000001"),
        mapping("tz:a", "mondo:0000002"),
        mapping("tz:b", "doid:1"),
        mapping("tz:c", "doid:1"),
        mapping("tz:d", "doid:2", "skos:broadMatch"),
        mapping("tz:d", "doid:1", "skos:broadMatch"),
    )
    assert statuses(report)[:4] == [LinkStatus.TWO_TERMS] * 2 + [LinkStatus.TWO_THINGS] * 2
    assert set(statuses(report)[4:]) == {LinkStatus.NOT_CHECKED}


def test_chains_of_other_sets_may_contradict() -> None:
    ours = (mapping("tz:a", "mondo:0000001"), mapping("tz:a", "doid:2"))
    agrees = sets(mapping("mondo:0000001", "ncit:C1"), mapping("ncit:C1", "doid:2"))
    differs = sets(mapping("mondo:0000001", "ncit:C1"), mapping("ncit:C1", "doid:3"))
    assert set(statuses(check(*ours, others=(agrees,)))) == {LinkStatus.NOT_CHECKED}
    report = check(*ours, others=(differs,))
    assert statuses(report)[0] is LinkStatus.CONTRADICTION
    assert "ncit:C1 = doid:3 (other.sssom.tsv), where ours says doid:2" in (
        report.checked[0].problems[0].message
    )
    assert report.exit_code() == 0


def test_two_things_that_a_set_makes_one_contradict() -> None:
    others = sets(mapping("mondo:0000001", "doid:2"))
    report = check(mapping("tz:a", "mondo:0000001"), mapping("tz:b", "doid:2"), others=(others,))
    assert statuses(report) == [LinkStatus.CONTRADICTION] * 2


def test_what_ours_calls_broader_and_a_set_the_same_contradicts() -> None:
    report = check(
        mapping("tz:a", "mondo:0000001"),
        mapping("tz:a", "doid:2", "skos:broadMatch"),
        others=(sets(mapping("mondo:0000001", "doid:2")),),
    )
    assert statuses(report)[1] is LinkStatus.CONTRADICTION


def test_a_set_that_denies_ours_contradicts() -> None:
    denied = sets(mapping("tz:a", "mondo:0000001", modifier="Not"))
    assert statuses(check(mapping("tz:a", "mondo:0000001"), others=(denied,))) == [
        LinkStatus.CONTRADICTION
    ]


def test_cross_references_of_an_ontology_count_as_a_set(tmp_path: Path) -> None:
    mondo = obo(tmp_path, "id: MONDO:0000001|name: x|xref: DOID:3")
    report = check(
        mapping("tz:a", "mondo:0000001"),
        mapping("tz:a", "doid:2"),
        others=(references_of(mondo),),
    )
    assert LinkStatus.CONTRADICTION in statuses(report)


def test_nothing_to_check_is_fine() -> None:
    report = check()
    assert (report.exit_code(), summary(report)) == (0, "0 mappings: nothing to check")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "interactions.tsv",
            "gene_concept_id\tgene_name\tdrug_concept_id\tdrug_name\n"
            "hgnc:3430\tERBB2\tdrugbank:DB00072\tTRASTUZUMAB\n",
        ),
        ("sets.gmt", "Signaling by ERBB2\tR-HSA-1227986\tERBB2\nX\tR-HSA-1\tGRB2\n"),
        (
            "pathway.ttl",
            "<https://identifiers.org/hgnc/3430> a <http://example.org/wp#Protein> ;\n"
            " <http://www.w3.org/2000/01/rdf-schema#label> 'ERBB2' .\n",
        ),
    ],
)
def test_what_a_file_about_more_does_not_have_is_not_missing(
    tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    file = read_ontology(path)
    assert file.partial
    report = check(
        mapping("tzgene:erbb2", "hgnc:3430"),
        mapping("tzgene:kras", "hgnc:6407"),
        mapping("tzpathway:a", "reactome:R-HSA-1227986"),
        mapping("tzpathway:b", "reactome:R-HSA-9612973"),
        files=(file,),
    )
    assert LinkStatus.OK in statuses(report)
    assert LinkStatus.MISSING not in statuses(report)
    whole = tmp_path / "whole.tsv"
    whole.write_text("hgnc_id\tsymbol\nHGNC:3430\tERBB2\n")
    again = check(mapping("tzgene:kras", "hgnc:6407"), files=(file, read_ontology(whole)))
    assert statuses(again) == [LinkStatus.MISSING]
