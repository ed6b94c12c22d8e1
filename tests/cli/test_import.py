"""`tzgraph import`: modules come, change and go, and nothing else does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.commands import Sources, tzgraph
from tests.link.test_module import DISEASES as SHORT
from tests.release.folders import check_whole
from tzgraph.release import open_release
from tzgraph.vocabulary import GRAPH

#: With ids as Mondo has them.
DISEASES = re.sub(r"MONDO:(\d)", r"MONDO:000000\1", SHORT)
ABOVE = (
    "SELECT ?label { tzdisease:stomach-cancer skos:exactMatch/rdfs:subClassOf*/rdfs:label ?label }"
    " ORDER BY ?label"
)


@pytest.fixture
def built(tmp_path: Path, sources: Sources) -> Path:
    """A release in which a disease is linked to MONDO:3."""
    sources.write(
        "diseases.tsv",
        "tz:Disease\trdfs:label\tskos:exactMatch\tsource\ttz:checkStatus\ttz:checkedAt",
        "stomach-cancer\tstomach cancer\tmondo:0000003\tdesk\tSeen\thttps://example.org/",
    )
    done = tzgraph("build", "--sources", sources.folder, "--dir", tmp_path / "build")
    assert done.returncode == 0, done.stderr
    return tmp_path / "build"


def write(folder: Path, text: str = DISEASES, name: str = "x.obo") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def labels(build: Path) -> list[str]:
    query = write(build.parent, ABOVE, "above.rq")
    return tzgraph("query", query, "--format", "csv", "--dir", build).stdout.split("\n")[1:-1]


def test_a_module_comes_changes_and_goes(built: Path, tmp_path: Path) -> None:
    before = open_release(built).manifest
    assert labels(built) == []
    file = write(tmp_path)

    dry = tzgraph("import", file, "--module", "--dry-run", "--dir", built)
    assert dry.returncode == 0
    assert "mondo 2026-02-03: 3 of 8 terms, 1 of them linked" in dry.stdout
    assert open_release(built).manifest == before
    assert not (built / "imports").exists()

    first = tzgraph("import", file, "--module", "--dir", built)
    assert first.returncode == 0, first.stderr
    assert labels(built) == ["disease", "gastric cancer", "gastric carcinoma"]
    with_it = check_whole(built).manifest
    assert with_it.graphs[f"{GRAPH}import/mondo"] > 10
    assert {n for n in with_it.graphs if n not in before.graphs} == {f"{GRAPH}import/mondo"}
    assert with_it.sources == before.sources, "the sources it was built from are kept"

    again = tzgraph("import", file, "--module", "--dir", built)
    assert "This is imported already." in again.stdout
    assert open_release(built).manifest == with_it

    assert (
        "mondo: 3 terms of mondo · 2026-02-03 · https://creativecommons.org"
        in tzgraph("import", "--list", "--dir", built).stdout
    )

    newer = DISEASES.replace("2026-02-03", "2026-03-04").replace("gastric cancer", "stomach cancer")
    second = tzgraph("import", write(tmp_path, newer), "--module", "--dir", built)
    assert "1 relabelled:" in second.stdout
    assert "MONDO_0000002 “gastric cancer” → “stomach cancer”" in second.stdout
    assert labels(built) == ["disease", "gastric carcinoma", "stomach cancer"]

    gone = tzgraph("import", "--remove", "mondo", "--dir", built)
    assert gone.returncode == 0, gone.stderr
    assert open_release(built).manifest == before, "as if it had never been there"


def test_a_build_takes_imports_in_and_gives_the_same_bytes(
    built: Path, tmp_path: Path, sources: Sources
) -> None:
    tzgraph("import", write(tmp_path), "--module", "--dir", built)
    imported = open_release(built).manifest
    other = tmp_path / "other"
    (other / "imports").mkdir(parents=True)
    file = built / "imports" / "mondo.nq"
    (other / "imports" / "mondo.nq").write_bytes(file.read_bytes())
    done = tzgraph("build", "--sources", sources.folder, "--dir", other)
    assert done.returncode == 0, done.stderr
    assert open_release(other).manifest == imported


def test_a_failed_build_puts_the_import_back(built: Path, tmp_path: Path, sources: Sources) -> None:
    before = open_release(built).manifest
    sources.drugs("examplumab\tNonsense\texamplumab\tdesk\tSeen\thttps://example.org/")
    done = tzgraph("import", write(tmp_path), "--module", "--dir", built)
    assert done.returncode == 1
    assert "drugs.tsv" in done.stderr
    assert list((built / "imports").iterdir()) == []
    assert open_release(built).manifest == before


def test_sources_that_are_gone_are_named(built: Path, tmp_path: Path, sources: Sources) -> None:
    sources.folder.rename(tmp_path / "elsewhere")
    done = tzgraph("import", write(tmp_path), "--module", "--dir", built)
    assert done.returncode == 2
    assert f"built from {sources.folder}, which is gone" in done.stderr


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (DISEASES.replace("MONDO:", "OTHER:"), 1, "nothing-linked"),
        ("<html><body>404</body></html>", 2, "html"),
        ("", 2, "empty-file"),
    ],
)
def test_a_file_that_is_no_use_changes_nothing(
    built: Path, tmp_path: Path, text: str, code: int, said: str
) -> None:
    before = open_release(built).manifest
    done = tzgraph("import", write(tmp_path, text), "--module", "--dir", built)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert open_release(built).manifest == before
    assert not (built / "imports").exists()


def test_a_damaged_import_stops_a_build_and_is_named(built: Path, sources: Sources) -> None:
    (built / "imports").mkdir()
    file = built / "imports" / "mondo.nq"
    for text, code in (
        ("<http://e.org/a> <http://e.org/b> nonsense .\n", "unreadable-file"),
        (
            f"<http://e.org/a> <http://e.org/b> <http://e.org/c> <{GRAPH}ontology> .\n",
            "foreign-graph",
        ),
        (
            f"<http://e.org/a> <http://e.org/b> <http://e.org/c> <{GRAPH}metadata> .\n",
            "foreign-graph",
        ),
    ):
        file.write_text(text)
        done = tzgraph("build", "--sources", sources.folder, "--dir", built)
        assert done.returncode == 2
        assert f"mondo.nq:1: violation {code}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give FILE, --remove or --list"),
        (["x.obo"], "Add --module"),
        (["x.obo", "--module", "--name", "A B"], "can't be the name"),
        (["--remove", "none"], "There is no import “none”"),
        (["x.obo", "--module"], "no built graph"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = tzgraph("import", *arguments, "--dir", tmp_path / "none", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("licence", "iri"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", ""),
        ("wikidata:Q6938433", "http://www.wikidata.org/entity/Q6938433"),
    ],
)
def test_a_licence_is_an_iri_or_a_curie(
    built: Path, tmp_path: Path, licence: str, iri: str
) -> None:
    unlicensed = "".join(
        line for line in DISEASES.splitlines(keepends=True) if "license" not in line
    )
    file = write(tmp_path, unlicensed)
    done = tzgraph("import", file, "--module", "--licence", licence, "--dir", built)
    assert done.returncode == 0, done.stderr
    text = (built / "imports" / "mondo.nq").read_text(encoding="utf-8")
    assert f"<http://purl.org/dc/terms/license> <{iri or licence}> " in text


@pytest.mark.parametrize(
    "licence", ["javascript:alert(1)", "http://x/ y", "CC0", "data:text/html,x", "nowhere:x"]
)
def test_what_is_no_licence_is_refused(built: Path, tmp_path: Path, licence: str) -> None:
    file = write(tmp_path)
    done = tzgraph("import", file, "--module", "--licence", licence, "--dir", built)
    assert done.returncode == 2, done.stderr
    assert "is no licence" in done.stderr
    assert not (built / "imports").exists()
