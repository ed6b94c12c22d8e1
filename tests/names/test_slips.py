"""What passes for a slip of the hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzgraph.names.slips import is_slip


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("herceptn", "herceptin"),
        ("herceptinn", "herceptin"),
        ("hercetpin", "herceptin"),
        ("herseptin", "herceptin"),
        ("trastuzumap", "trastuzumab"),
        ("perjetta", "perjeta"),
        ("lapatinb", "lapatinib"),
    ],
)
def test_one_slip(written: str, meant: str) -> None:
    assert is_slip(written, meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("herceptin", "herceptin"),
        ("hrceptn", "herceptin"),  # two
        ("erceptin", "herceptin"),  # the first letter
        ("erbb3", "erbb2"),
        ("pik3cb", "pik3ca"),
        ("krras", "kras"),
        ("carboplatin", "cisplatin"),
        ("pertuzumab", "trastuzumab"),
        ("ipilimumab", "nivolumab"),
        ("apatinib", "lapatinib"),
        ("apatinib", "afatinib"),
        ("axitinib", "afatinib"),
        ("oxaliplatinx", "oxaliplatin1"),
        ("", "herceptin"),
    ],
)
def test_no_slip(written: str, meant: str) -> None:
    assert not is_slip(written, meant)


_WORDS = st.text("abc", min_size=5, max_size=9)


@given(_WORDS, _WORDS)
def test_is_a_distance_of_one(written: str, meant: str) -> None:
    """Where length and first letters are right, it is the distance of optimal alignment."""
    one, other = f"qqqqqq{written}", f"qqqqqq{meant}"
    assert is_slip(one, other) == (_distance(one, other) == 1)


def _distance(one: str, other: str) -> int:
    """Optimal string alignment, by the matrix of the textbook."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
