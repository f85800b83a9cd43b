"""Files as people have them give the values their owners mean, or ask; each kind in disguises."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from factories.populations import looked_at, taken

from agentverse.populations.errors import AmbiguousNumbers, EstimationImpossible
from agentverse.populations.estimating import fit_choices
from agentverse.populations.schemas import ColumnMapping, ColumnReading, GroupMapping

CASES = Path(__file__).parent / "cases"


def price_coefficient(path: Path, mapping: ColumnMapping, folder: Path) -> float:
    return fit_choices(taken(path, mapping, folder).survey, mapping).coefficients["price"]


def written(folder: Path, lines: Sequence[str]) -> Path:
    path = folder / "file.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def choices(prices: Sequence[tuple[str, str]], *, delimiter: str = ",") -> list[str]:
    """A choice between two by price, the cheaper one two times of three."""
    rows = [["choice", "price_a", "price_b"]]
    rows += [["ab"[place % 3 == 0], *pair] for place, pair in enumerate(prices)]
    return [delimiter.join(row) for row in rows]


# Thousands marks


def test_thousands_points_are_asked_about_with_column_and_row(tmp_path: Path) -> None:
    path = CASES / "thousands_points.csv"
    found, mapping = looked_at(path)
    summary = next(column for column in found.columns if column.name == "price_gas")
    assert (summary.ambiguous, summary.ambiguous_row, summary.decimal) == ("1.215", 2, None)
    with pytest.raises(AmbiguousNumbers, match=r"'price_gas'.*'1.215' on row 2") as raised:
        taken(path, mapping, tmp_path)
    fields = [error.field for error in raised.value.errors]
    assert fields[0] == "mapping.readings.price_gas.decimal"
    assert len(fields) == 3


def test_thousands_points_give_the_plain_coefficient_once_answered(tmp_path: Path) -> None:
    path = CASES / "thousands_points.csv"
    _, mapping = looked_at(path)
    comma = ColumnReading(decimal=",")
    readings = {f"price_{name}": comma for name in ("gas", "pump", "wood")}
    answered = mapping.model_copy(update={"readings": readings})
    plain = CASES / "thousands_plain.csv"
    _, of_plain = looked_at(plain)
    assert price_coefficient(path, answered, tmp_path) == pytest.approx(-0.0039, abs=5e-5)
    assert price_coefficient(plain, of_plain, tmp_path) == pytest.approx(-0.0039, abs=5e-5)


@pytest.mark.parametrize(
    ("prices", "delimiter"),
    [
        ([("645", '"1,215"'), ('"1,898"', "602")], ","),
        ([("1.215", "2.300"), ("3.125", "1.898")], ";"),
        ([("645", "1,215"), ("1,898", "602")], "\t"),
    ],
)
def test_numbers_that_could_be_both_are_never_guessed(
    tmp_path: Path, prices: list[tuple[str, str]], delimiter: str
) -> None:
    path = written(tmp_path, choices(prices * 10, delimiter=delimiter))
    _, mapping = looked_at(path)
    with pytest.raises(AmbiguousNumbers, match="two ways"):
        taken(path, mapping, tmp_path)


def test_a_decisive_row_below_the_inspected_ones_decides(tmp_path: Path) -> None:
    rows = [*[("645", "1.215"), ("1.898", "602")] * 15_000, ("1.234,50", "1.215,5")]
    path = written(tmp_path, choices(rows, delimiter=";"))
    found, mapping = looked_at(path)
    assert found.columns[1].ambiguous == "1.898"
    survey = taken(path, mapping, tmp_path).survey
    assert set(survey.attributes["price.a"].tolist()) == {645.0, 1898.0, 1234.5}


# Decimal marks


def test_decimal_commas_in_quotes_read_as_without(tmp_path: Path) -> None:
    path = CASES / "decimal_comma_quoted.csv"
    _, mapping = looked_at(path)
    quoted = taken(path, mapping, tmp_path)
    bare = written(tmp_path, path.read_text().replace('"', "").splitlines())
    unquoted = taken(bare, looked_at(bare)[1], tmp_path)
    assert (len(quoted.survey), quoted.rows_refused) == (600, 0)
    for name, values in quoted.survey.attributes.items():
        assert np.array_equal(values, unquoted.survey.attributes[name])


@pytest.mark.parametrize(
    ("prices", "delimiter", "first"),
    [
        ([('"1,5"', '"2,25"'), ('"3"', '"1,75"')], ",", 1.5),
        ([("€ 1,50", "2,25 €"), ("3", "1,75")], ";", 1.5),
        ([("1 215,5", "999"), ("3", "1 001,25")], "|", 1215.5),
    ],
)
def test_decimal_comma_is_found_in_each_column(
    tmp_path: Path, prices: list[tuple[str, str]], delimiter: str, first: float
) -> None:
    path = written(tmp_path, choices(prices * 10, delimiter=delimiter))
    imported = taken(path, looked_at(path)[1], tmp_path)
    assert imported.rows_refused == 0
    assert imported.survey.attributes["price.a"][0] == first


def test_columns_of_one_file_may_differ_in_notation(tmp_path: Path) -> None:
    rows = ["choice;price_a;price_b;rooms", "a;1,5;1.5;2", "b;2,5;2.25;3", "a;3,5;2.5;4"]
    path = written(tmp_path, rows)
    survey = taken(path, looked_at(path)[1], tmp_path).survey
    assert survey.attributes["price.a"].tolist() == [1.5, 2.5, 3.5]
    assert survey.attributes["price.b"].tolist() == [1.5, 2.25, 2.5]


# Codes for no answer


def test_missing_code_is_flagged_and_no_band_takes_it_in(tmp_path: Path) -> None:
    path = CASES / "missing_code.csv"
    found, mapping = looked_at(path)
    income = next(column for column in found.columns if column.name == "income")
    flagged = [(far.value, far.is_code) for far in income.far_values]
    assert flagged == [(-99.0, True)]
    assert income.far_values[0].rows == path.read_text().count(",-99,") > 90
    assert income.minimum == 1503.0
    assert mapping.readings["income"].missing == [-99.0]
    imported = taken(path, mapping, tmp_path)
    assert (len(imported.survey), imported.rows_refused) == (400, 0)
    labels = [label.label for label in imported.survey.segments]
    assert labels[-1] == "not stated"
    counts = np.bincount(imported.survey.segment)
    assert counts[-1] == income.far_values[0].rows
    assert counts[:-1].max() - counts[:-1].min() <= 3  # thirds of those who answered


@pytest.mark.parametrize(("code", "rows"), [("9999", 5), ("-9", 1), ("1000000", 2)])
def test_other_codes_are_flagged_with_their_count(tmp_path: Path, code: str, rows: int) -> None:
    lines = choices([("3", "4"), ("5", "2")] * 30)
    lines[0] += ",income"
    lines[1:] = [
        f"{line},{code if place < rows else 100 + place}" for place, line in enumerate(lines[1:])
    ]
    found, mapping = looked_at(written(tmp_path, lines))
    flagged = [(far.value, far.rows) for far in found.columns[-1].far_values]
    assert flagged == [(float(code), rows)]
    assert mapping.readings["income"].missing == [float(code)]


# Words that are values, gaps that cost nobody


def test_opt_out_none_is_an_alternative_and_na_a_country(tmp_path: Path) -> None:
    path = CASES / "opt_out_none.csv"
    _, mapping = looked_at(path)
    assert [each.value for each in mapping.alternatives] == ["A", "B", "None"]
    assert mapping.region is not None
    assert "NA" in [label.label for label in mapping.region.labels]
    assert not mapping.region.keep_gaps
    imported = taken(path, mapping, tmp_path)
    assert (len(imported.survey), imported.rows_refused) == (1200, 0)


def test_country_na_is_one_without_labels_too(tmp_path: Path) -> None:
    path = CASES / "opt_out_none.csv"
    _, mapping = looked_at(path)
    plain = mapping.model_copy(update={"region": GroupMapping(column="country")})
    imported = taken(path, plain, tmp_path)
    assert len(imported.survey) == 1200
    assert "NA" in [label.label for label in imported.survey.regions]


@pytest.mark.parametrize(
    ("word", "column"),
    [("null", "null.price"), ("NA", "price-NA"), ("None", "price None")],
)
def test_word_that_names_columns_is_a_value_however_rare(
    tmp_path: Path, word: str, column: str
) -> None:
    other = column.replace(word, "home")
    lines = [f"pick,{other},{column}", *[f"home,{3 + n % 4},{2 + n % 5}" for n in range(80)]]
    lines += [f"{word},4,2", f"{word},3,5"]
    imported_from = written(tmp_path, lines)
    _, mapping = looked_at(imported_from)
    assert word in [each.value for each in mapping.alternatives]
    assert taken(imported_from, mapping, tmp_path).rows_refused == 0


def test_rare_na_in_a_text_column_stays_a_gap(tmp_path: Path) -> None:
    lines = ["choice,price_a,price_b,region"]
    lines += [f"{'ab'[n % 3 == 0]},{n % 7},{n % 5},{('north', 'south')[n % 2]}" for n in range(99)]
    lines += ["a,1,2,NA"]
    path = written(tmp_path, lines)
    _, mapping = looked_at(path)
    assert mapping.region is not None
    assert [label.label for label in mapping.region.labels] == ["north", "south"]
    assert mapping.region.keep_gaps
    survey = taken(path, mapping, tmp_path).survey
    assert [label.label for label in survey.regions] == ["north", "south", "not stated"]


def test_gap_in_a_column_that_is_kept_drops_nobody(tmp_path: Path) -> None:
    lines = ["choice,price_a,price_b,rooms,smoker,share"]
    lines += [
        f"{'ab'[n % 3 == 0]},{n % 7},{n % 5},{'' if n % 4 else n % 6},"
        f"{('yes', 'no', 'NA')[n % 3]},{n % 50}%"
        for n in range(60)
    ]
    path = written(tmp_path, lines)
    found, mapping = looked_at(path)
    assert {column.name: column.type for column in found.columns}["smoker"] == "boolean"
    assert mapping.traits == ["rooms", "smoker", "share"]
    imported = taken(path, mapping, tmp_path)
    assert (len(imported.survey), imported.rows_refused) == (60, 0)
    assert np.isnan(imported.survey.traits["rooms"]).sum() == 45
    assert imported.survey.traits["smoker"][:2].tolist() == [1, 0]
    assert imported.survey.traits["share"][:3].tolist() == [0, 1, 2]


# Separation


def test_rare_flag_is_blamed_and_not_the_price(tmp_path: Path) -> None:
    path = CASES / "rare_flag.csv"
    _, mapping = looked_at(path)
    with pytest.raises(EstimationImpossible, match="promo: predicts the choice perfectly"):
        fit_choices(taken(path, mapping, tmp_path).survey, mapping)


def test_codes_written_with_a_decimal_are_the_same_codes(tmp_path: Path) -> None:
    lines = ["choice,price1,price2,area"]
    lines += [f"{1 + n % 2}{('', '.0')[n % 4 // 2]},{n % 7},{n % 5},{n % 3}.0" for n in range(60)]
    path = written(tmp_path, lines)
    _, mapping = looked_at(path)
    assert [each.value for each in mapping.alternatives] == ["1", "2"]
    plain = mapping.model_copy(update={"region": GroupMapping(column="area")})
    imported = taken(path, plain, tmp_path)
    assert imported.rows_refused == 0
    assert [label.label for label in imported.survey.regions] == ["0", "1", "2"]
