"""Numbers as meant: the notation of a column follows from all its values, or is asked about."""

# pyarrow ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.populations.checking import FINE, MISSING, NOT_A_NUMBER, read_numbers
from agentverse.populations.far_values import find_far_values
from agentverse.populations.number_formats import Decimal, Marks, NumberFormat


def marks_of(values: list[str]) -> Marks:
    marks = Marks()
    marks.add(pa.array(values), np.arange(2, 2 + len(values), dtype=np.int64))
    return marks


def read(values: list[str], decimal: Decimal | None = None) -> list[float | None]:
    """The numbers of a column as its own values tell, None where one is refused or missing."""
    notation, ambiguity = marks_of(values).decide(decimal)
    assert ambiguity is None
    numbers, faults = read_numbers(pa.array(values), notation)
    return [
        number if fault == FINE else None
        for number, fault in zip(numbers.tolist(), faults.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("values", "meant"),
    [
        (["1.5", "2.25", "1.215"], [1.5, 2.25, 1.215]),
        (["1,5", "2,25", "1,215"], [1.5, 2.25, 1.215]),
        (["0.125", "1.215"], [0.125, 1.215]),
        (["1234.567", "1.215"], [1234.567, 1.215]),
        (["1.234.567", "1.215", "645"], [1234567, 1215, 645]),
        (["1,234,567", "1,215"], [1234567, 1215]),
        (["1.215,50", "1.898", "602"], [1215.5, 1898, 602]),
        (["1,215.50", "1,898", "602"], [1215.5, 1898, 602]),
        (["1.215", "3,5"], [1215, 3.5]),
        (["1,215", "3.5"], [1215, 3.5]),
        (["1 215", "645", "12 345,5"], [1215, 645, 12345.5]),
        (["1\u202f215", "645"], [1215, 645]),
        (["1'215.30", "645"], [1215.3, 645]),
        (["1’215", "645"], [1215, 645]),
        (["\u22125", "-3.5"], [-5, -3.5]),
        (["€ 5", "6.50 €", "7"], [5, 6.5, 7]),
        (["$1,215.00", "-$3.50", "EUR 4"], [1215, -3.5, None]),
        (["12 %", "7.5%", "3%"], [12, 7.5, 3]),
        (["12 %", "7.5%", "0.03"], [12, 7.5, None]),
        (["0.12", "0.07", "3%"], [0.12, 0.07, None]),
        (["yes", "No", "NA", "YES"], [1, 0, None, 1]),
        (["TRUE", "FALSE", ""], [1, 0, None]),
        (["ja", "nein"], [1, 0]),
        (["1.0", "2", "3.00"], [1, 2, 3]),
        (["1e3", "1.215e3", "7"], [1000, 1215, 7]),
    ],
)
def test_number_is_read_as_meant(values: list[str], meant: list[float | None]) -> None:
    assert read(values) == meant


@pytest.mark.parametrize(
    "values",
    [
        ["645", "1.215"],
        ["1,215", "645"],
        ["2.300", "1.215", "48.137"],
        ["1.215", "1,215"],
        ["7", "1.5", "2,5", "1.215"],
    ],
)
def test_column_that_can_be_read_in_two_ways_is_asked_about(values: list[str]) -> None:
    _, ambiguity = marks_of(values).decide()
    assert ambiguity is not None
    place = next(place for place, value in enumerate(values) if len(value) > 4)
    assert (ambiguity.line, ambiguity.value) == (place + 2, values[place])


def test_answer_decides() -> None:
    assert read(["645", "1.215"], ",") == [645, 1215]
    assert read(["645", "1.215"], ".") == [645, 1.215]
    assert read(["645", "1,215"], ".") == [645, 1215]


def test_slip_in_the_other_notation_is_refused_and_never_reread() -> None:
    values = ["1.5", "2.5"] * 30 + ["1,5"]
    assert read(values)[-1] is None
    assert read(values)[:2] == [1.5, 2.5]


def test_code_for_no_answer_is_a_gap_however_it_is_written() -> None:
    numbers, faults = read_numbers(
        pa.array(["-99", "-99.0", "5", "x"]), NumberFormat(missing=(-99.0,))
    )
    assert faults.tolist() == [MISSING, MISSING, FINE, NOT_A_NUMBER]
    assert numbers.tolist() == [0, 0, 5, 0]


@pytest.mark.parametrize(
    ("rest", "codes", "found"),
    [
        (list(range(1600, 3600, 7)), [-99.0] * 80, [(-99, 80, True)]),
        (list(range(18, 86)), [99.0] * 3, [(99, 3, True)]),
        (list(range(1600, 3600, 7)), [9999.0], [(9999, 1, True)]),
        (list(range(100, 400)), [1e6], [(1e6, 1, True)]),
        (list(range(100, 400)), [123456.0], [(123456, 1, False)]),
        (list(range(100, 400)), [-99.0, -98.0, -98.0], [(-99, 1, True), (-98, 2, True)]),
        ([1, 2, 3, 4, 5] * 9, [-9.0], [(-9, 1, True)]),
        (list(range(18, 86)), [], []),
        (list(range(700, 990, 5)), [999.0], []),
        ([0, 1] * 40, [2.0], []),
        ([0] * 300 + [1], [], []),
    ],
)
def test_number_far_from_the_rest_is_found_with_its_count(
    rest: list[float], codes: list[float], found: list[tuple[float, int, bool]]
) -> None:
    far = find_far_values(np.array([*rest, *codes], dtype=float))
    assert [(each.value, each.rows, each.is_code) for each in far] == found


DIALECTS = st.sampled_from([(".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", "'")])


@settings(deadline=None)
@given(
    dialect=DIALECTS,
    cents=st.lists(st.integers(-10_000_000, 10_000_000), min_size=1, max_size=30),
    decimals=st.integers(0, 3),
)
def test_column_of_any_dialect_is_read_right_or_asked_about(
    dialect: tuple[str, str], cents: list[int], decimals: int
) -> None:
    """Never read wrong: not by a factor, not by a sign."""
    decimal, thousands = dialect
    meant = [value / 10**decimals for value in cents]
    english = [f"{value:,.{decimals}f}" for value in meant]
    marks = str.maketrans({",": thousands, ".": decimal})
    values = [text.translate(marks) for text in english]
    notation, ambiguity = marks_of(values).decide()
    if ambiguity is None:
        numbers, faults = read_numbers(pa.array(values), notation)
        assert not faults.any()
        assert numbers.tolist() == meant
