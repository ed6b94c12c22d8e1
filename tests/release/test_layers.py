"""What is only quoted never gets into the default view, whatever source a row names."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.errors import DataError
from tzgraph.release import BuildOptions, build_release
from tzgraph.vocabulary import ID, TZ

#: The paper of a trial, a review, a document without a kind that claims are taken from, a paper
#: without a kind, news.
_TABLES = {
    "sources.tsv": """\
tz:Source	rdfs:label	tz:sourceRole	source
curation	the editors	Curation	curation
paper	A paper	PrimarySource	curation
audited	An audited document	SecondarySource	curation
register	A register	ReferenceDatabase	curation
""",
    "publications.tsv": """\
tz:Publication	rdfs:label	tz:publicationKind	tz:doi	source
paper	A paper	PrimaryReport	10.1000/paper	curation
review	A review	ReviewArticle	10.1000/review	curation
news	News	NewsReport		curation
audited	An audited document			curation
unknown	A document of no known kind			curation
guideline	A guideline	Guideline		curation
""",
    "drugs.tsv": """\
tz:Drug	rdf:type	rdfs:label	source
mab	MonoclonalAntibody	mab	curation
""",
    "diseases.tsv": """\
tz:Disease	rdfs:label	source
cancer	cancer	curation
""",
}
_HEADER = (
    "tz:Evidence\trdfs:label\trdf:subject\trdf:predicate\trdf:object\ttz:direction\t"
    "tz:reportedIn\tdcterms:source\tsource"
)
_STATEMENT = (
    ox.NamedNode(ID + "drug/mab"),
    ox.NamedNode(TZ + "treats"),
    ox.NamedNode(ID + "disease/cancer"),
)


def _build(
    folder: Path, reported: str, record: str, source: str, direction: str = "Supports"
) -> ox.Store:
    sources = folder / "sources"
    sources.mkdir()
    for name, text in _TABLES.items():
        (sources / name).write_text(text, encoding="utf-8", newline="\n")
    row = "\t".join(
        ("e", "e", "tzdrug:mab", "tz:treats", "tzdisease:cancer", direction, reported, record)
    )
    table = f"{_HEADER}\n{row}\t{source}\n"
    (sources / "evidence.tsv").write_text(table, encoding="utf-8", newline="\n")
    return build_release(folder / "release", BuildOptions(sources=sources)).store()


@pytest.mark.parametrize(
    ("reported", "record", "source"),
    [
        ("paper", "", "curation"),
        ("paper", "", "paper"),
        ("review|paper", "", "curation"),
        ("", "clinicaltrials:NCT01041404", "curation"),
        ("unknown", "", "paper"),  # its source says what it is: only a warning
    ],
)
def test_what_a_primary_source_reports_is_asserted(
    tmp_path: Path, reported: str, record: str, source: str
) -> None:
    store = _build(tmp_path, reported, record, source)
    assert ox.Quad(*_STATEMENT) in store


@pytest.mark.parametrize(
    ("reported", "record", "source", "column", "told"),
    [
        ("review", "", "curation", 7, "secondary"),
        ("review|news", "", "curation", 7, "secondary"),
        ("review", "", "paper", 7, "secondary"),  # under the name of a primary source, too
        ("review", "", "register", 7, "secondary"),
        ("audited", "", "curation", 7, "secondary"),  # no kind, but its source is quoted
        ("unknown", "", "curation", 7, "not known|known to be primary"),
        ("guideline", "", "curation", 7, "guideline"),
        ("", "", "curation", None, "publication"),
        ("", "", "register", None, "publication"),
        ("", "doi:10.1000/review", "curation", 8, "database"),
    ],
)
@pytest.mark.parametrize("direction", ["Supports", "Refutes"])
def test_what_a_secondary_source_says_fails_the_build(
    tmp_path: Path,
    reported: str,
    record: str,
    source: str,
    column: int | None,
    told: str,
    direction: str,
) -> None:
    with pytest.raises(DataError) as caught:
        _build(tmp_path, reported, record, source, direction)
    wrong = [f for f in caught.value.findings if f.severity.value == "violation"]
    assert {(f.file, f.row) for f in wrong} == {("evidence.tsv", 2)}
    assert column is None or column in {f.column for f in wrong}
    assert any(word in f"{f.message} {f.hint}" for f in wrong for word in told.split("|"))
    assert all(f.hint or f.message.count(". ") for f in wrong)  # with what to do


def test_evidence_of_a_quoted_source_asserts_nothing_and_fails_nothing(tmp_path: Path) -> None:
    store = _build(tmp_path, "audited", "", "audited")
    assert ox.Quad(*_STATEMENT) not in store


def test_a_source_can_not_call_a_review_primary(tmp_path: Path) -> None:
    tables = dict(_TABLES)
    row = "other\tA review\tPrimarySource\tcuration\n"
    sources = tmp_path / "sources"
    sources.mkdir()
    tables["sources.tsv"] += row.replace("other", "review")
    for name, text in tables.items():
        (sources / name).write_text(text, encoding="utf-8", newline="\n")
    with pytest.raises(DataError) as caught:
        build_release(tmp_path / "release", BuildOptions(sources=sources))
    wrong = [f for f in caught.value.findings if f.severity.value == "violation"]
    assert [(f.file, f.row) for f in wrong] == [("sources.tsv", 6)]
