"""Drift of columns and populations, with the false-alarm rate that is promised."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine import diagnostics as dg
from agentverse_engine.errors import RequestError


def test_stability_index_is_the_sum_by_hand() -> None:
    # Half a person more in each bin: (100.5, 100.5)/201 against (150.5, 50.5)/201.
    p, q = 150.5 / 201, 100.5 / 201
    expected = (p - q) * math.log(p / q) + (q - p) * math.log((1 - p) / (1 - q))
    assert dg.population_stability_index([100, 100], [150, 50]) == pytest.approx(expected)
    assert dg.population_stability_index([30, 70], [30, 70]) == 0.0
    assert math.isfinite(dg.population_stability_index([100, 0], [50, 50]))


def test_stability_bands_are_those_of_credit_scoring() -> None:
    bands = [dg.stability_band(index) for index in (0.0, 0.0999, 0.1, 0.25, 0.2501)]
    assert bands == ["stable", "stable", "moderate", "moderate", "major"]


def test_stability_index_without_change_is_near_its_chance_value() -> None:
    # 300 comparisons: 9 / 500 * 2 = 0.036 with a deviation of 0.017 each, so the mean strays by
    # 0.004 (4 standard errors) once in 15,000; the half persons pull it down by a few percent.
    draw = np.random.default_rng(1)
    reports = [
        dg.drift_report({"x": draw.normal(size=500)}, {"x": draw.normal(size=500)})
        for _ in range(300)
    ]
    assert reports[0].worst.chance_index == pytest.approx(0.036)
    assert np.mean([report.worst.index for report in reports]) == pytest.approx(0.036, abs=0.006)


def test_drift_report_keeps_its_false_alarm_rate_over_columns() -> None:
    # 400 reports of 5 columns at 5 %: at most 20 expected; 41 or more come at most 15 times in
    # a million.
    draw = np.random.default_rng(2)
    alarms = 0
    for _ in range(400):
        one, other = draw.normal(size=(5, 200)), draw.normal(size=(5, 150))
        report = dg.drift_report(
            {str(row): one[row] for row in range(5)},
            {str(row): other[row] for row in range(5)},
            false_alarm_rate=0.05,
        )
        alarms += any(column.significant for column in report.columns)
    assert 3 <= alarms <= 40


def test_alarms_step_down_from_the_smallest_p_value() -> None:
    # Holm at 1 %: a p-value of 0.7 % is an alarm at the last step (1 %), none at the first (0.5 %).
    still = np.arange(200.0)
    near, far = still + 33, still + 150

    def alarms(**moved: np.ndarray) -> list[bool]:
        report = dg.drift_report(dict.fromkeys(moved, still), moved)
        return [column.significant for column in report.columns]

    p_value = dg.kolmogorov_smirnov(still, near).p_value
    assert 0.005 < p_value < 0.01
    assert alarms(near=near) == [True]
    assert alarms(near=near, far=far) == [True, True]
    assert alarms(near=near, still=still) == [False, False]


def test_drift_report_finds_the_column_that_moved() -> None:
    draw = np.random.default_rng(3)
    still = draw.normal(size=4000)
    report = dg.drift_report(
        {"still": still[:2000], "moved": draw.normal(size=2000), "label": ["a", "b"] * 1000},
        {"still": still[2000:], "moved": draw.normal(0.7, size=2000), "label": ["a", "c"] * 1000},
    )
    columns = {column.column: column for column in report.columns}
    assert (columns["still"].band, columns["still"].significant) == ("stable", False)
    assert (columns["moved"].band, columns["moved"].significant) == ("major", True)
    assert columns["label"].band == "major"
    assert columns["label"].ks_p_value is None
    assert report.worst.column == "label"
    assert report.drifted
    assert report.mean_index == pytest.approx(sum(c.index for c in report.columns) / 3)


def test_small_shift_of_many_is_significant_though_its_band_is_stable() -> None:
    draw = np.random.default_rng(4)
    report = dg.drift_report({"x": draw.normal(size=50_000)}, {"x": draw.normal(0.05, size=50_000)})
    assert report.worst.band == "stable"
    assert report.worst.significant
    assert report.drifted


def test_population_drift_of_a_population_with_itself_is_none(
    society: Callable[..., av.Scenario],
) -> None:
    population = society(400).population
    report = dg.population_drift(population, population)
    assert not report.drifted
    assert {column.index for column in report.columns} == {0.0}
    assert {column.column for column in report.columns} >= {"segment", "region", "cost.gas"}


def test_population_drift_sees_segments_by_label_and_attributes(
    society: Callable[..., av.Scenario],
) -> None:
    population = society(400).population
    swapped = replace(
        population, segments=population.segments[::-1], segment=1 - population.segment
    )
    assert not dg.population_drift(population, swapped).drifted
    richer = replace(
        population,
        attributes={**population.attributes, "cost.gas": population.attributes["cost.gas"] * 2},
    )
    report = dg.population_drift(population, richer)
    assert report.worst.column == "cost.gas"
    assert report.drifted


def test_value_that_many_share_moves_into_a_bin_of_its_own() -> None:
    everybody = np.full(200, 5.0)
    some = np.where(np.arange(200) % 10 == 0, np.arange(200.0), 5.0)

    for moved in (everybody + 1.0, everybody - 1.0):
        assert dg.drift_report({"x": everybody}, {"x": moved}).worst.band == "major"
    assert dg.drift_report({"x": some}, {"x": everybody + 0.5}).worst.band == "major"
    assert dg.drift_report({"x": everybody}, {"x": everybody}).worst.index == 0.0


def test_bins_that_nobody_is_in_do_not_count() -> None:
    yes_or_no = np.arange(200.0) % 2

    column = dg.drift_report({"x": yes_or_no}, {"x": yes_or_no}).worst

    assert column.chance_index == pytest.approx(1 / 200 + 1 / 200)  # as of two labels


def test_drift_takes_frames_and_columns_of_text_objects() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"age": [1.0, 2.0], "town": ["a", "b"]})

    report = dg.drift_report(frame, frame.assign(town=["a", "a"]))

    assert [column.column for column in report.columns] == ["age", "town"]
    assert report.worst.column == "town"


BAD: list[Callable[[], object]] = [
    lambda: dg.population_stability_index([], []),
    lambda: dg.population_stability_index([1, 2], [1]),
    lambda: dg.population_stability_index([1, -2], [1, 1]),
    lambda: dg.population_stability_index([0.5, 0.5], [1, 1]),
    lambda: dg.population_stability_index([0, 0], [1, 1]),
    lambda: dg.drift_report({}, {}),
    lambda: dg.stability_band(math.nan),
    lambda: dg.stability_band(-0.1),
    lambda: dg.drift_report({"x": [1.0]}, {"y": [1.0]}),
    lambda: dg.drift_report({"x": [1.0, math.nan]}, {"x": [1.0]}),
    lambda: dg.drift_report({"x": [1.0]}, {"x": [math.inf]}),
    lambda: dg.drift_report({"x": ["a"]}, {"x": [1]}),
    lambda: dg.drift_report({"x": [1]}, {"x": [1.5]}),
    lambda: dg.drift_report({"x": ["a"]}, {"x": np.array([], dtype=str)}),
    lambda: dg.drift_report({"x": [1.0]}, {"x": [1.0]}, bins=1),
    lambda: dg.drift_report({"x": [1.0]}, {"x": [1.0]}, false_alarm_rate=0.0),
]


@pytest.mark.parametrize("call", BAD)
def test_drift_refuses_what_it_cannot_compare(call: Callable[[], object]) -> None:
    with pytest.raises(RequestError):
        call()
