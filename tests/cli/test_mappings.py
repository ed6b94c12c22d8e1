"""Mapping sets of others: ``tzgraph link compare`` and ``tzgraph build --mappings``."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.commands import Sources, tzgraph
from tests.release.folders import check_whole, snapshot
from tzgraph.vocabulary import GRAPH

HEAD = "subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification\n"
WHY = "semapv:ManualMappingCuration"


def others(folder: Path, *rows: str, name: str = "mondo_others.sssom.tsv") -> Path:
    """Write a mapping set of another project: subject, predicate, object, label of the object."""
    path = folder / name
    lines = ["\t".join([*row.split("|"), WHY]) + "\n" for row in rows]
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return path


def values(folder: Path, query: str) -> list[str]:
    """Give the rows of a query as CSV, without its header."""
    path = folder / "query.rq"
    path.write_text(query, encoding="utf-8")
    run = tzgraph("query", path, "--format", "csv", "--dir", folder / "build")
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()[1:]


def test_links_that_differ_are_told_and_those_that_agree_on_demand(
    shipped_dir: Path, tmp_path: Path
) -> None:
    theirs = others(
        tmp_path,
        "MONDO:0004950|skos:exactMatch|DOID:10538|stomach body cancer",
        "mondo:0006244|skos:exactMatch|doid:0060079|Her2-receptor positive breast cancer",
        "mondo:0006244|skos:exactMatch|medgen:1234|HER2",
        "mondo:0000001|skos:exactMatch|doid:4|disease",
    )
    arguments = ("link", "compare", theirs, "--dir", shipped_dir)
    run = tzgraph(*arguments)
    assert run.returncode == 0
    assert run.stderr == "1 agree; --agreed lists them.\n"
    lines = [" ".join(line.split()) for line in run.stdout.splitlines()]
    assert lines[0] == "thing by way of there here"
    assert (
        "differ tzdisease:gastric-carcinoma mondo:0004950 skos:exactMatch doid:10538 "
        "skos:exactMatch doid:5517"
    ) in lines
    assert (
        "only there tzdisease:her2-positive-breast-cancer mondo:0006244 skos:exactMatch medgen:1234"
    ) in lines
    assert "doid:0060079" not in run.stdout
    told = json.loads(tzgraph(*arguments, "--agreed", "-f", "json").stdout)
    agreed = [one for one in told if one["outcome"] == "agree"]
    assert agreed == [
        {
            "outcome": "agree",
            "thing": "tzdisease:her2-positive-breast-cancer",
            "via": "mondo:0006244",
            "theirs": "skos:exactMatch doid:0060079",
            "ours": "skos:exactMatch doid:0060079",
            "line": 3,
        }
    ]


def test_a_comparison_goes_into_a_file_and_sets_may_be_packed(
    shipped_dir: Path, tmp_path: Path
) -> None:
    theirs = others(tmp_path, "mondo:0004950|skos:exactMatch|doid:5517|x")
    packed = tmp_path / "packed.sssom.tsv.gz"
    packed.write_bytes(gzip.compress(theirs.read_bytes()))
    output = tmp_path / "found.json"
    arguments = ("--agreed", "-f", "json", "-o", output, "--dir", shipped_dir)
    run = tzgraph("link", "compare", packed, *arguments)
    assert (run.returncode, run.stdout) == (0, "")
    found = json.loads(output.read_text(encoding="utf-8"))
    assert ("agree", "tzdisease:gastric-carcinoma") in {(c["outcome"], c["thing"]) for c in found}
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!DOCTYPE html><html></html>\n", "web page"),
        ("", "empty"),
        ("[Term]\nid: MONDO:1\nname: a\n", "takes SSSOM files"),
        ("subject_id,predicate_id,object_id,mapping_justification\n", "tab"),
        (HEAD + "MONDO:0004950\tskos:exactMatch\tDOID:1\t\t\n", "no-justification"),
    ],
)
def test_what_is_no_mapping_set_can_not_be_compared(
    shipped_dir: Path, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "x.sssom.tsv"
    path.write_text(text, encoding="utf-8")
    output = tmp_path / "out"
    run = tzgraph("link", "compare", path, "-o", output, "--dir", shipped_dir)
    assert run.returncode in (1, 2)
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert not output.exists()


def test_a_comparison_needs_a_release_and_a_known_format(tmp_path: Path) -> None:
    theirs = others(tmp_path, "mondo:0004950|skos:exactMatch|doid:5517|x")
    run = tzgraph("link", "compare", theirs, "--dir", tmp_path / "none")
    assert run.returncode == 2
    assert "There is no built graph" in run.stderr
    run = tzgraph("link", "compare", theirs, "--format", "sssom")
    assert run.returncode == 2
    assert "There is no format" in run.stderr


def test_sets_of_others_stand_in_a_graph_of_their_own_and_are_not_stated(
    sources: Sources, tmp_path: Path
) -> None:
    theirs = others(
        tmp_path,
        "mondo:0004950|skos:exactMatch|doid:5517|stomach carcinoma",
        "mondo:0004950|skos:broadMatch|efo:0000178|gastric carcinoma",
    )
    arguments = ("--sources", sources.folder, "--dir", tmp_path / "build")
    run = tzgraph("build", *arguments, "--mappings", theirs)
    assert run.returncode == 0, run.stderr
    assert "2 links in 1 sets of others" in run.stderr
    check_whole(tmp_path / "build")
    graph = f"<{GRAPH}mappings/mondo-others>"
    link = "obo:MONDO_0004950 skos:exactMatch|skos:broadMatch ?o"
    assert values(tmp_path, f"SELECT ?o {{ GRAPH {graph} {{ {link} }} }} ORDER BY ?o") == [
        "http://purl.obolibrary.org/obo/DOID_5517",
        "http://www.ebi.ac.uk/efo/EFO_0000178",
    ]
    assert values(tmp_path, f"SELECT ?o {{ {link} }}") == []
    record = "?r a sssom:Mapping ; owl:annotatedTarget doid:5517 ; sssom:object_label ?l"
    assert values(
        tmp_path,
        "PREFIX doid: <http://purl.obolibrary.org/obo/DOID_> "
        f"SELECT ?l {{ GRAPH {graph} {{ {record} }} }}",
    ) == ["stomach carcinoma"]


def test_a_set_of_others_that_can_not_be_read_changes_nothing(
    sources: Sources, tmp_path: Path
) -> None:
    arguments = ("--sources", sources.folder, "--dir", tmp_path / "build")
    assert tzgraph("build", *arguments).returncode == 0
    before = snapshot(tmp_path / "build")
    page = tmp_path / "page.sssom.tsv"
    page.write_text("<!DOCTYPE html><html></html>\n", encoding="utf-8")
    bare = others(tmp_path, "mondo:0004950|skos:exactMatch|doid:5517|x", name="bare.sssom.tsv")
    bare.write_text(bare.read_text().replace(WHY, ""), encoding="utf-8")
    for path, code, said in (
        (page, 2, "page.sssom.tsv:1"),
        (tmp_path / "none.sssom.tsv", 2, "No such file"),
        (tmp_path, 2, "directory"),
        (bare, 1, "no-justification"),
    ):
        run = tzgraph("build", *arguments, "--mappings", path)
        assert run.returncode == code, (path, run.stderr)
        assert said in run.stderr
        assert "Traceback" not in run.stderr
        assert snapshot(tmp_path / "build") == before


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('#license: "http://x/ y"', "license"),
        ("#mapping_provider: http://[x/", "mapping_provider"),
        ("#see_also:\n#  - https://example.org/\n#  - https:/\\", "see_also"),
        ("#mapping_set_id: 'http://x/<y>'", "mapping_set_id"),
    ],
)
def test_an_address_that_is_no_iri_is_a_finding(
    sources: Sources, tmp_path: Path, line: str, name: str
) -> None:
    theirs = others(tmp_path, "mondo:0004950|skos:exactMatch|doid:5517|stomach carcinoma")
    theirs.write_text(f"{line}\n{theirs.read_text(encoding='utf-8')}", encoding="utf-8")
    arguments = ("--sources", sources.folder, "--dir", tmp_path / "build")
    run = tzgraph("build", *arguments, "--mappings", theirs)
    assert run.returncode == 1, run.stderr
    assert f"{theirs.name}:1: violation malformed-iri: The {name}, “" in run.stdout + run.stderr
    assert "internal-error" not in run.stderr
