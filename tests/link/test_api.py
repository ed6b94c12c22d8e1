from pathlib import Path

import pytest

import tzgraph
from tests.link.small import obo
from tzgraph.errors import UsageError
from tzgraph.link.check import LinkStatus


def test_links_are_checked_and_suggested_in_python(shipped_dir: Path, tmp_path: Path) -> None:
    graph = tzgraph.open(shipped_dir)
    obo(
        tmp_path,
        "id: EFO:1000294|name: obsolete old|is_obsolete: true|replaced_by: MONDO:0006244",
        'id: EFO:9000001|name: Herceptin|def: "A drug." []',
        name="efo.obo",
    )
    report = graph.check_links(tmp_path / "efo.obo")
    wrong = [c for c in report.checked if c.status is LinkStatus.OBSOLETE]
    assert {c.mapping.object_id for c in wrong} == {"efo:1000294"}
    (found,) = graph.suggest_links(str(tmp_path / "efo.obo"))
    assert (found.subject_id, found.object_id) == ("tzdrug:trastuzumab", "efo:9000001")
    with pytest.raises(UsageError, match="no mapping set"):
        graph.check_links(mappings=tmp_path / "efo.obo")
