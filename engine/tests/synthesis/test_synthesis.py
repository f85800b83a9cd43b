"""Resampling keeps what the survey says, and the fit report says how well."""

from typing import Any

import numpy as np
import pytest

from agentverse_engine.errors import RequestError
from agentverse_engine.synthesis import (
    Margin,
    SyntheticRows,
    fit_report,
    quantile_bins,
    resample,
    synthesise,
)


@pytest.mark.parametrize("size", [1, 7, 900, 1000, 100_003])
def test_every_row_appears_its_expected_number_of_times_rounded(size: int) -> None:
    chosen = resample(900, size, seed=20)
    counts = np.bincount(chosen, minlength=900)
    assert chosen.size == size
    assert (np.diff(chosen) >= 0).all()
    assert counts.min() >= size // 900
    assert counts.max() <= -(-size // 900)


def test_weighted_rows_appear_in_proportion_to_their_weight() -> None:
    weights = np.array([0.0, 1.0, 2.5, 0.5, 0.0])
    counts = np.bincount(resample(5, 4003, seed=1, weights=weights), minlength=5)
    np.testing.assert_allclose(counts, weights / 4 * 4003, atol=1)
    assert counts[0] == counts[4] == 0


def test_every_row_is_equally_likely_when_few_are_drawn() -> None:
    """10 rows, 3 drawn, 1000 seeds: 0.3 each, five standard errors are 0.073."""
    counts = np.zeros(10)
    for seed in range(1000):
        counts += np.bincount(resample(10, 3, seed=seed), minlength=10)
    assert np.abs(counts / 1000 - 0.3).max() < 0.073


def test_same_seed_draws_the_same_rows() -> None:
    np.testing.assert_array_equal(resample(7, 50, seed=3), resample(7, 50, seed=3))


def test_fit_report_counts_every_category() -> None:
    columns = {"region": np.array(["n", "n", "s", "s"]), "size": np.array([1, 2, 3, 3])}
    report = fit_report(columns, [0, 0, 1, 2, 2, 2, 2, 3])
    found = {(fit.column, fit.category): (fit.target, fit.achieved) for fit in report.categories}
    assert found == {
        ("region", "n"): (4.0, 3),
        ("region", "s"): (4.0, 5),
        ("size", "1"): (2.0, 2),
        ("size", "2"): (2.0, 1),
        ("size", "3"): (4.0, 5),
    }
    assert report.tae == 4.0
    assert report.srmse == pytest.approx(np.sqrt(4 / 5) / (16 / 5))
    assert (report.worst.column, report.worst.category) == ("size", "2")


def test_fit_report_uses_the_weights_as_target() -> None:
    report = fit_report({"g": np.array([0, 1])}, [0, 0, 0, 1], weights=[3, 1])
    assert report.tae == 0.0


def test_quantile_bins_are_of_equal_count() -> None:
    bins = quantile_bins(np.random.default_rng(4).normal(size=1000), 5)
    assert np.bincount(bins).tolist() == [200] * 5


def test_fit_report_counts_the_cells_of_a_cross_table() -> None:
    """Of 4 cells 3 occur: errors 1, -1, 0, and none in the empty one; mean target 1."""
    columns = {"region": np.array(["n", "n", "s", "s"]), "size": np.array([1, 2, 2, 2])}
    (found,) = fit_report(columns, [0, 0, 2, 3], cross=[("region", "size")]).crosses
    cells = {cell.category: (cell.target, cell.achieved) for cell in found.cells}
    assert cells == {"n × 1": (1.0, 2), "n × 2": (1.0, 0), "s × 2": (2.0, 2)}
    assert found.columns == ("region", "size")
    assert found.tae == 2.0
    assert found.srmse == pytest.approx(np.sqrt(2 / 4) / 1.0)
    assert found.worst.category in {"n × 1", "n × 2"}


ROWS = np.random.default_rng(9)
SURVEY = {"region": ROWS.choice(["n", "s", "w"], 600), "income": ROWS.integers(0, 4, 600)}
CENSUS = [
    Margin(columns=("region",), targets={"n": 5e6, "s": 3e6, "w": 2e6}),
    Margin(columns=("income",), targets={"0": 1e6, "1": 4e6, "2": 4e6, "3": 1e6}),
]


def _synthesised(
    *, personas: int = 10_000, integerisation: Any = "truncate_replicate_sample"
) -> SyntheticRows:
    return synthesise(
        SURVEY,
        CENSUS,
        personas=personas,
        seed=4,
        integerisation=integerisation,
        cross=[("region", "income")],
    )


@pytest.mark.parametrize("integerisation", ["truncate_replicate_sample", "systematic"])
@pytest.mark.parametrize("personas", [1, 50, 10_000, 123_457])
def test_synthesise_stays_within_one_persona_of_every_raked_weight(
    personas: int, integerisation: str
) -> None:
    made = _synthesised(personas=personas, integerisation=integerisation)
    counts = np.bincount(made.rows, minlength=600)
    assert made.rows.size == personas
    assert np.abs(counts - made.weights).max() < 1


def test_synthesise_meets_the_census_margins() -> None:
    """600 rows, each count off by a fraction: a sum's error is below sqrt(600)/2 = 12.2 personas
    in standard deviation; 61 are five of them, and 7 categories make it 4 in 10^6."""
    made = _synthesised()
    found = {(fit.column, fit.category): fit for fit in made.fit.categories}
    for margin in CENSUS:
        for label, target in margin.targets.items():
            fit = found[margin.columns[0], str(label)]
            assert fit.target == pytest.approx(target / 1000, rel=1e-5)
            assert abs(fit.achieved - fit.target) < 61
    assert made.fit.crosses[0].tae < 12 * 61


def test_synthesise_repeats_for_a_seed() -> None:
    assert _synthesised().rows.tolist() == _synthesised().rows.tolist()


def test_bad_requests_are_refused() -> None:
    for call, field in (
        (lambda: resample(0, 5, seed=1), "rows"),
        (lambda: resample(5, 0, seed=1), "size"),
        (lambda: resample(2, 5, seed=1, weights=[1, -1]), "weights"),
        (lambda: resample(2, 5, seed=1, weights=[0, 0]), "weights"),
        (lambda: resample(2, 5, seed=1, weights=[1]), "weights"),
        (lambda: fit_report({"x": np.array([0.5, 1.5])}, [0]), "x"),
        (lambda: fit_report({}, [0]), "columns"),
        (lambda: fit_report({"a": np.array([1, 2]), "b": np.array([1])}, [0]), "b"),
        (lambda: fit_report({"a": np.array([1, 2])}, []), "chosen"),
        (lambda: fit_report({"a": np.array([1, 2])}, [0.5]), "chosen"),
        (lambda: fit_report({"a": np.array([1, 2])}, [2]), "chosen"),
        (lambda: fit_report({"a": np.array([1, 2])}, [-1]), "chosen"),
        (lambda: fit_report({"a": np.array([1, 2])}, [0], cross=[("a", "z")]), "z"),
        (lambda: fit_report({"a": np.array([1, 2])}, [0], cross=[("a", "a")]), "columns"),
        (lambda: quantile_bins([1.0, np.nan]), "values"),
        (lambda: quantile_bins([]), "values"),
        (lambda: quantile_bins([1.0], 0), "bins"),
        (lambda: _synthesised(personas=0), "personas"),
        (lambda: _synthesised(integerisation="guess"), "integerisation"),
    ):
        with pytest.raises(RequestError) as caught:
            call()
        assert caught.value.field == field
