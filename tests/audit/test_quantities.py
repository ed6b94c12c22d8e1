"""What a number as written may stand for, and when two numbers are the same."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.audit.figures import DOCUMENT, REPORT, add, cell, intervals, quoting
from tzgraph.audit.quantities import Interval, interval


def _meet(one: Interval, other: Interval) -> bool:
    return one.low < other.high and other.low < one.high


def _value(turtle: str) -> Interval:
    """The interval of the value of one figure."""
    return _quantity(turtle, "value")[0]


def _quantity(turtle: str, kind: str) -> tuple[Interval, str]:
    return intervals(quoting(f":figure tz:endpoint :survival ; {turtle} ."))["figure", kind]


# -- digits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "low", "high"),
    [
        ("20.1", "20.05", "20.15"),
        ("20.0", "19.95", "20.05"),
        ("20", "19.5", "20.5"),
        ("0.0046", "0.00455", "0.00465"),
        ("-3.5", "-3.55", "-3.45"),
        ("0", "-0.5", "0.5"),
    ],
)
def test_a_number_is_as_exact_as_its_digits(number: str, low: str, high: str) -> None:
    assert interval(number) == Interval(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("number", "low", "high"),
    [
        ("18", "17", "19"),  # a unit, which is more than a twentieth
        ("100", "95", "105"),  # a twentieth, which is more than a unit
        ("13.8", "13.11", "14.49"),
        ("-100", "-105", "-95"),
    ],
)
def test_about_is_wider(number: str, low: str, high: str) -> None:
    assert interval(number, about=True) == Interval(Decimal(low), Decimal(high))


@pytest.mark.parametrize("number", ["", "many", "12,5", "20.1 months", "17–19", "1/2"])
def test_what_is_no_number_has_no_interval(number: str) -> None:
    with pytest.raises(ArithmeticError):
        interval(number)


@given(st.decimals(-999, 999, places=4), st.integers(0, 3))
def test_a_number_is_the_same_as_it_rounded(number: Decimal, places: int) -> None:
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    # However few its digits are, a number stands for nothing that is far off.
    assume(not rounded or abs(rounded - number) < abs(rounded) * Decimal("0.15"))
    assert _meet(interval(str(number)), interval(str(rounded)))


@given(st.decimals(-999, 999, places=1))
def test_the_next_number_is_another_one(number: Decimal) -> None:
    assert not _meet(interval(str(number)), interval(str(number + Decimal("0.1"))))


def test_zeros_that_the_store_drops_are_kept_in_provenance() -> None:
    for text, low in (("20.0", "19.95"), ("20", "19.5"), ("20.00", "19.995")):
        store = quoting(":said tz:endpoint :survival ; tz:value 20.1 ; tz:unit tz:Month .")
        figure = f":figure tz:endpoint :survival ; tz:value {text} ; tz:unit tz:Month ."
        add(store, figure)
        add(store, figure, REPORT)
        cell(store, "figure", "value", text)
        found = intervals(store)
        assert found["figure", "value"][0].low == Decimal(low)
        assert found["said", "value"][0].low == Decimal("20.05")


def test_digits_of_a_document_are_kept_too() -> None:
    store = quoting(":said tz:endpoint :survival ; tz:value 20.0 ; tz:unit tz:Month .")
    cell(store, "said", "value", "20.0", DOCUMENT)
    assert intervals(store)["said", "value"][0] == Interval(Decimal("19.95"), Decimal("20.05"))


# -- ranges, bounds ----------------------------------------------------------------------------


def test_a_range_goes_from_end_to_end() -> None:
    assert _value("tz:valueFrom 3.3 ; tz:valueTo 4.8") == Interval(Decimal("3.25"), Decimal("4.85"))


@pytest.mark.parametrize("end", ["tz:valueFrom 3.3", "tz:valueTo 4.8"])
def test_half_a_range_says_nothing(end: str) -> None:
    assert intervals(quoting(f":figure tz:endpoint :survival ; {end} .")) == {}


def test_bounds_are_open() -> None:
    below, above = _value("tz:valueBelow 12"), _value("tz:valueAbove 12")
    assert below.high == above.low == 12
    assert not _meet(below, above)
    assert _meet(below, interval("11.1"))
    assert not _meet(below, interval("12.5"))
    assert _meet(above, interval("12.5"))
    assert not _meet(above, interval("11.1"))


def test_a_number_stands_before_a_range_or_bound() -> None:
    assert _value("tz:value 5 ; tz:valueFrom 1 ; tz:valueTo 2 ; tz:valueBelow 3") == interval("5")


def test_about_makes_the_value_wider_and_not_its_limits() -> None:
    turtle = ":figure tz:endpoint :survival ; tz:value 14 ; tz:ciLower 12 ; tz:approximate true ."
    found = intervals(quoting(turtle))
    assert found["figure", "value"][0] == interval("14", about=True)
    assert found["figure", "ciLower"][0] == interval("12")
    assert _value("tz:value 14 ; tz:approximate false") == interval("14")


# -- units -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("30 ; tz:unit tz:Week", "6.9 ; tz:unit tz:Month", True),
        ("30 ; tz:unit tz:Week", "7.2 ; tz:unit tz:Month", False),
        ("11 ; tz:unit tz:Week", "2.5 ; tz:unit tz:Month", True),
        ("1.5 ; tz:unit tz:Year", "18.0 ; tz:unit tz:Month", True),
        ("1.5 ; tz:unit tz:Year", "19.3 ; tz:unit tz:Month", False),
        ("420 ; tz:unit tz:Day", "13.8 ; tz:unit tz:Month", True),
        ("420 ; tz:unit tz:Day", "60 ; tz:unit tz:Week", True),
        ("420 ; tz:unit tz:Day", "14.2 ; tz:unit tz:Month", False),
    ],
)
def test_times_are_compared_in_months(one: str, other: str, *, same: bool) -> None:
    found, unit = _quantity(f"tz:value {one}", "value")
    beside, second = _quantity(f"tz:value {other}", "value")
    assert unit == second == "Month"
    assert _meet(found, beside) is same


def test_months_are_left_as_they_are() -> None:
    assert _quantity("tz:value 13.8 ; tz:unit tz:Month", "value") == (interval("13.8"), "Month")


def test_units_that_are_not_converted_are_one() -> None:
    assert _quantity("tz:value 13.8", "value")[1] == "One"
    assert _quantity("tz:value 13.8 ; tz:unit :furlong", "value")[1] == "One"


# -- hazard ratios and p-values -----------------------------------------------------------------


def test_a_hazard_ratio_and_its_limits_are_numbers_of_their_own() -> None:
    turtle = ":c tz:comparesArm :a ; tz:hazardRatio 0.74 ; tz:ciLower 0.61 ; tz:ciUpper 0.91 ."
    found = intervals(quoting(turtle))
    assert found == {
        ("c", "hazardRatio"): (interval("0.74"), "One"),
        ("c", "ciLower"): (interval("0.61"), "One"),
        ("c", "ciUpper"): (interval("0.91"), "One"),
    }


@pytest.mark.parametrize(
    ("stated", "reported", "same"),
    [
        ("tz:pValue 0.0046", "tz:pValue 0.0046", True),
        ("tz:pValue 0.005", "tz:pValue 0.0046", True),  # rounded
        ("tz:pValue 0.004", "tz:pValue 0.0046", True),  # cut off
        ("tz:pValue 0.002", "tz:pValue 0.0046", False),
        ("tz:pValueBelow 0.01", "tz:pValue 0.0046", True),
        ("tz:pValueBelow 0.001", "tz:pValue 0.0046", False),
        ("tz:pValueBelow 0.001", "tz:pValueBelow 0.0001", True),
    ],
)
def test_p_values_may_be_cut_off_or_bounds(stated: str, reported: str, *, same: bool) -> None:
    found = _quantity(stated, "pValue")[0]
    assert _meet(found, _quantity(reported, "pValue")[0]) is same


def test_only_figures_have_quantities() -> None:
    assert intervals(quoting(":widget tz:value 5 .")) == {}
    assert (
        intervals(quoting(":figure tz:endpoint :survival ; tz:valueStatus tz:NotReached .")) == {}
    )
    assert set(intervals(quoting(":c tz:comparesRegimen :r ; tz:hazardRatio 0.7 ."))) == {
        ("c", "hazardRatio")
    }
