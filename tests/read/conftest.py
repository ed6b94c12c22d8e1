"""Fixtures of the tests of reading."""

from pathlib import Path

import pytest

from tests.read.tables import Workshop

__all__ = ["workshop"]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A tiny graph that describes two gears."""
    made = Workshop.at(tmp_path / "workshop")
    made.table(
        "gears.tsv",
        "tz:Gear\trdfs:label\tsource",
        "g1\tSmall gear\tdesk",
        "g2\tLarge gear\tdesk",
    )
    return made
