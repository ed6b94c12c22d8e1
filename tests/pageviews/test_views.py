"""Views of pages: what ships, what a mistake is told as, and that validation leaves them alone."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from tests.cli.commands import Sources, tzgraph
from tzgraph.errors import DamagedReleaseError, InputUnreadableError
from tzgraph.ontology_graph import OntologyGraph, load_ontology
from tzgraph.pageviews import (
    VIEWS,
    Layer,
    Panel,
    ValueRole,
    Views,
    load_views,
    views_as_json,
    views_from_json,
)
from tzgraph.resources import shipped
from tzgraph.vocabulary import OWL, RDF, RDFS, SH, SKOS, TZ

FILES = sorted((shipped("ontology") / VIEWS).glob("*.ttl"))
HEAD = """
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix tz: <https://w3id.org/tzgraph/ontology#> .
@prefix view: <https://w3id.org/tzgraph/view#> .
ex:facts a sh:PropertyGroup ; rdfs:label "Facts" ; sh:order 3 .
"""
VIEW = """ex:drug a view:View ; view:of tz:Drug ;
    sh:property [ sh:path tz:targets ; sh:group ex:facts ] ."""
#: A facet in it.
LIST = 'view:facet [ sh:path tz:phase ; sh:name "Phase" ] ;'
VIEW = VIEW.replace("view:of tz:Drug ;", f"view:of tz:Drug ; {LIST}")
#: What is written instead of part of a right view, and what is said of it.
MISTAKES = [
    ("tz:targets", "tz:target", "own.ttl: drug names the property target, which the ontology does"),
    ("tz:targets", "tz:target", "Did you mean targets?"),
    ("tz:Drug", "tz:Drog", "own.ttl: drug names the class Drog, which the ontology does not have"),
    ("view:of", "view:off", "own.ttl: drug uses view:off, which there is not"),
    ("view:of tz:Drug ;", "", "own.ttl: drug is a view without view:of"),
    (
        "ex:facts ]",
        "ex:fact ]",
        "own.ttl: drug names the section fact, which is no sh:PropertyGroup",
    ),
    ("sh:group ex:facts", "", "own.ttl: drug has no one sh:group for targets"),
    ("sh:path tz:targets ;", "", "own.ttl: drug has a sh:property without one sh:path"),
    ("sh:path tz:targets", "sh:path ( tz:targets )", "a property or sh:inversePath of one"),
    ("sh:path", "sh:order 'first' ; sh:path", "own.ttl: drug has the sh:order 'first', no number"),
    ("sh:path", "view:role view:Claims ; sh:path", "view:role that is none of view:Value, "),
    ("sh:path", "view:link 'javascript:{}' ; sh:path", "no web address with one {}"),
    (
        "sh:property [",
        "sh:property [ sh:path tz:targets ; sh:group ex:facts ] , [",
        "two shapes for",
    ),
    ("ex:drug a", "[] a", "is the class of a node without a name"),
    (' rdfs:label "Facts" ;', "", "own.ttl: facts is a section without rdfs:label"),
    ("sh:order 3 .", "sh:order 3 ", "own.ttl can't be read as Turtle: "),
    (LIST, LIST.replace("tz:phase", "tz:phas"), "names the property phas, which the ontology does"),
    (LIST, LIST.replace(' ; sh:name "Phase"', ""), "has a view:facet without a sh:name of its own"),
    (LIST, LIST.replace("Phase", "sort"), "has a view:facet without a sh:name of its own (none of"),
    (LIST, LIST.replace("Phase", "!"), "has a view:facet without a sh:name of its own"),
    (LIST, LIST.replace("sh:path tz:phase", "sh:path 'x'"), "no property and no path of SHACL"),
    (LIST, LIST.replace("sh:path tz:phase", "sh:path [ ]"), "no property and no path of SHACL"),
    (LIST, LIST.replace("sh:path tz:phase ; ", ""), "has a view:facet 'Phase' without one sh:path"),
    (LIST, LIST.replace("tz:phase", f"( {'tz:phase ' * 5})"), "no list of up to 4 steps"),
    (
        LIST,
        LIST.replace("tz:phase", "[ sh:inversePath " * 10 + "tz:phase" + " ]" * 10),
        "no path of",
    ),
    (LIST, LIST.replace("]", "] , [ sh:path tz:phase ; sh:name 'phase' ]"), "two of view:facet"),
]


@pytest.fixture(scope="module")
def ontology() -> OntologyGraph:
    """The shipped ontology."""
    return load_ontology(shipped("ontology"))


@pytest.fixture(scope="module")
def views(ontology: OntologyGraph) -> Views:
    """The shipped views."""
    return load_views(FILES, ontology)


def own(folder: Path, text: str) -> Path:
    """Write a file of views."""
    path = folder / "own.ttl"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "kind",
    [
        *("Drug", "Target", "Epitope", "Pathway", "ResistanceMechanism", "TargetVariant"),
        *("Alteration", "Biomarker", "Disease", "Trial", "TrialArm", "Regimen", "Publication"),
        *("Claim", "Evidence"),
    ],
)
def test_a_class_has_a_view_of_its_own(views: Views, kind: str) -> None:
    """With sections in order, and none that leads nowhere."""
    chosen = views.of([TZ + kind])
    assert chosen.named
    orders = [section.order for section in chosen.sections]
    assert orders == sorted(orders)
    known = {section.iri for section in chosen.sections}
    for shown in chosen.properties.values():
        assert shown.section in known or shown.role is not ValueRole.VALUE


def test_narrower_classes_have_the_view_and_unknown_ones_the_general_one(views: Views) -> None:
    """Whether or not it is inferred that an antibody is a drug."""
    drug, antibody = views.of([TZ + "Drug"]), views.of([TZ + "MonoclonalAntibody"])
    assert antibody == drug
    other = views.of(["http://example.org/Other"])
    assert not other.named
    assert other.properties[SKOS + "definition", False].role is ValueRole.DEFINITION
    assert Panel.CLAIMS in [section.panel for section in other.sections]
    assert views.narrowest([TZ + "Drug", TZ + "MonoclonalAntibody"]) == [TZ + "MonoclonalAntibody"]


def test_predictions_are_declared(views: Views) -> None:
    """What rules propose is no fact, at either end."""
    drug, mechanism = (views.of([TZ + name]).properties for name in ("Drug", "ResistanceMechanism"))
    for properties, inverse in ((drug, True), (mechanism, False)):
        assert properties[TZ + "predictedResistanceTo", inverse].layer is Layer.PREDICTED
        assert properties[TZ + "candidateFor", not inverse].layer is Layer.PREDICTED
        assert properties[TZ + "confersResistanceTo", inverse].layer is None


def test_what_repeats_is_read_from_the_ontology(views: Views) -> None:
    assert TZ + "targets" in views.above[TZ + "inhibitsTarget"]
    assert TZ + "targetedBy" in views.inverses[TZ + "targets"]


def test_views_are_written_and_read(views: Views) -> None:
    """The same views as the same text."""
    text = views_as_json(views)
    assert views_from_json(text) == views
    assert views_as_json(views_from_json(text)) == text
    for damaged in ("", "[]", "{}", text.replace('"role": "Value"', '"role": "Valve"', 1)):
        with pytest.raises(DamagedReleaseError):
            views_from_json(damaged)


def test_no_view_is_a_shape_to_validate_by() -> None:
    """Views have no target, their own class, and stand where no shapes are read."""
    from tzgraph.validate import load_shapes

    read = Graph()
    for path in FILES:
        read.parse(path)
    targets = [p for _, p, _ in read if str(p).startswith(SH + "target")]
    classes = {str(o) for _, p, o in read if str(p) == RDF + "type"}
    assert not targets
    assert not classes & {SH + "NodeShape", SH + "PropertyShape", RDFS + "Class", OWL + "Class"}
    shapes = {str(s) for s, _, _ in load_shapes(shipped("shapes"))}
    assert not shapes & {str(s) for s, _, _ in read if not str(s).startswith("n")}


def test_validation_by_views_finds_nothing() -> None:
    """Even if somebody gives the files to a validator."""
    pyshacl = pytest.importorskip("pyshacl")
    read, data = Graph(), Graph()
    for path in FILES:
        read.parse(path)
    data.parse(data=f"<http://x/d> a <{TZ}Drug> ; <{TZ}targets> 1, 2 .", format="turtle")
    assert pyshacl.validate(data, shacl_graph=read)[0]


def test_the_ontology_does_not_hold_them(ontology: OntologyGraph) -> None:
    """Nor does what is reasoned over."""
    assert not ontology.subjects(RDF + "type", ox.NamedNode(SH + "PropertyGroup"))


@pytest.mark.parametrize(("instead", "written", "said"), MISTAKES)
def test_a_mistake(
    tmp_path: Path, ontology: OntologyGraph, instead: str, written: str, said: str
) -> None:
    """One error that names the file, and what in it."""
    text = (HEAD + VIEW).replace(instead, written)
    assert text != HEAD + VIEW
    with pytest.raises(InputUnreadableError) as caught:
        load_views([own(tmp_path, text)], ontology)
    assert said in f"{caught.value}"


def test_an_empty_file_and_a_right_one(tmp_path: Path, ontology: OntologyGraph) -> None:
    assert load_views([own(tmp_path, "")], ontology).views == ()
    added = load_views([*FILES, own(tmp_path, HEAD + VIEW.replace("ex:drug", "ex:zz"))], ontology)
    assert "Facts" not in [s.title for s in added.of([TZ + "Target"]).sections]
    missing = tmp_path / "none.ttl"
    with pytest.raises(
        InputUnreadableError, match=r"none\.ttl can't be read as Turtle: No such file"
    ):
        load_views([missing], ontology)


def test_a_section_in_two_files(tmp_path: Path, ontology: OntologyGraph) -> None:
    one, other = tmp_path / "one.ttl", tmp_path / "two.ttl"
    for path in (one, other):
        path.write_text(HEAD, encoding="utf-8")
    with pytest.raises(InputUnreadableError, match=r"two\.ttl: facts is declared in another file"):
        load_views([one, other], ontology)


def test_build_takes_views_and_tells_a_mistake(tmp_path: Path) -> None:
    """They are part of the release, and change its id; a mistake changes nothing."""
    sources = Sources(tmp_path / "sources")
    folder = tmp_path / "build"
    arguments = ("build", "--sources", sources.folder, "--dir", folder)
    path = own(tmp_path, HEAD + VIEW.replace("tz:targets", "tz:target"))
    failed = tzgraph(*arguments, "--views", path)
    assert failed.returncode == 2
    assert "own.ttl: drug names the property target" in failed.stderr
    assert not (folder / "current").exists()
    own(tmp_path, HEAD + VIEW)
    done = tzgraph(*arguments, "--views", path)
    assert done.returncode == 0, done.stderr
    written = next(folder.glob("releases/*/views.json"))
    assert '"Facts"' in written.read_text(encoding="utf-8")


def test_facets_and_columns_of_lists(tmp_path: Path, ontology: OntologyGraph) -> None:
    """Paths of SHACL are written as those of SPARQL; the narrowest view of a class decides."""
    text = """ex:all a view:View ; view:of owl:Thing ;
        view:column [ sh:path rdfs:label ; sh:name "l" ] .
        ex:trial a view:View ; view:of tz:Trial ; rdfs:label "Trials" ; rdfs:comment "Of drugs." ;
        view:facet
          [ sh:path ( tz:studiesCondition [ sh:zeroOrMorePath tz:subtypeOf ] ) ; sh:name "b c!" ;
            sh:order 2 ] ,
          [ sh:path tz:phase ; sh:name "a" ; sh:order 1 ] ,
          [ sh:path [ sh:alternativePath ( tz:phase [ sh:inversePath tz:givesDrug ] ) ] ;
            sh:name "d" ; sh:order 3 ; view:layer view:Predicted ] ."""
    views = load_views([own(tmp_path, HEAD + text)], ontology)
    found = views.listing(TZ + "Trial")
    assert found is not None
    assert (found.title, found.note) == ("Trials", "Of drugs.")
    assert [(facet.key, facet.name, facet.literal) for facet in found.facets] == [
        ("a", "a", True),
        ("b-c", "b c!", False),
        ("d", "d", False),
    ]
    assert [facet.sparql for facet in found.facets] == [
        f"<{TZ}phase>",
        f"<{TZ}studiesCondition>/(<{TZ}subtypeOf>)*",
        f"(<{TZ}phase>|^<{TZ}givesDrug>)",
    ]
    assert [len(facet.steps) for facet in found.facets] == [1, 2, 1]
    assert found.facets[2].layer is Layer.PREDICTED
    other = views.listing(TZ + "Drug")
    assert other is not None
    assert [column.key for column in other.columns] == ["l"]
    assert views_from_json(views_as_json(views)) == views
    assert Views().listing(TZ + "Drug") is None
