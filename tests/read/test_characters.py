"""Characters that deceive: a warning with file, row, column and code point; real names pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.read.tables import Workshop
from tzgraph.errors import Severity
from tzgraph.read.characters import look_alikes, unseen
from tzgraph.resources import shipped

REAL = [
    "TNF-α",
    "TNFα",
    "β-catenin",
    "γδ T cell",
    "HER2Δ16",
    "Δ16HER2",
    "NFκB",
    "IκBα",
    "PI3Kα",
    "GABA(A) receptor \u03c11",
    "CD3ε",
    "µg",
    "μm",
    "Ångström",
    "naïve Köhler Čech Łódź",
    "²H",
    "5′-UTR",
    "трастузумаб",
    "trastuzumab (трастузумаб)",
    "Герцептин HER2",
    "トラスツズマブ",
    "曲妥珠单抗",
    "\u0391-ομάδα",
    "ΔΨm",
]


@pytest.mark.parametrize("name", REAL)
def test_real_names_pass(name: str) -> None:
    assert look_alikes(name) == []
    assert unseen(name) == []


@pytest.mark.parametrize(
    ("name", "strange"),
    [
        ("tr\u0430stuzumab", ["\u0430"]),
        ("\u0410TM", ["\u0410"]),
        ("HER\u04012", ["\u0401"]),
        ("\u0391KT1", ["\u0391"]),
        ("bamuzutsart \u043f\u043ebox", ["\u043f", "\u043e"]),
        ("lapatinib \u0410\u0421\u0415", ["\u0410", "\u0421", "\u0415"]),
        ("\U0001d42drastuzumab", ["\U0001d42d"]),
    ],
)
def test_letters_that_look_latin_are_found(name: str, strange: list[str]) -> None:
    assert look_alikes(name) == strange


UNSEEN = ["\u200b", "\u200f", "\u2060", "\ufeff", "\u202a", "\u202e", "\u2066", "\u2069", "\u00ad"]


@pytest.mark.parametrize("sign", [*UNSEEN, "\u0430"])
def test_a_warning_names_place_and_code_point(tmp_path: Path, sign: str) -> None:
    workshop = Workshop.at(tmp_path)
    workshop.widgets(["rdfs:label", "tz:code"], ["w1", "plain", "x"], ["w2", f"na{sign}me", "y"])
    reading = workshop.read()
    (finding,) = reading.result.findings
    code = "look-alike-character" if sign == "\u0430" else "invisible-character"
    assert (finding.severity, finding.code) == (Severity.WARNING, code)
    assert (finding.file, finding.row, finding.column) == ("widgets.tsv", 3, 2)
    assert f"U+{ord(sign):04X} (" in finding.message
    assert not reading.result.failed


@pytest.mark.parametrize("sign", ["\u0080", "\u0085", "\u009f", "\u007f"])
def test_control_characters_are_violations(tmp_path: Path, sign: str) -> None:
    workshop = Workshop.at(tmp_path)
    workshop.widgets(["rdfs:label"], ["w", f"na{sign}me"])
    reading = workshop.read()
    finding = reading.finding("control-character")
    assert (finding.row, finding.column, finding.severity) == (2, 2, Severity.VIOLATION)
    assert f"U+{ord(sign):04X}" in finding.message


def test_no_shipped_cell_deceives() -> None:
    for path in sorted(shipped("sources").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert [path.name, *unseen(line), *look_alikes(line)] == [path.name]
