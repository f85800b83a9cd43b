"""Raking meets its margins and nothing else; whole numbers of personas stay true to the weights.

Statistical tests state their false-alarm rate; seeds are fixed, so they fail only on a change.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentverse_engine.errors import (
    ContradictionError,
    EngineError,
    MarginError,
    RequestError,
    StructuralZeroError,
)
from agentverse_engine.synthesis import (
    Margin,
    fit_table,
    rake,
    systematic_counts,
    truncate_replicate_sample,
)

Floats = NDArray[np.float64]

REGION = np.array(["north", "north", "north", "south", "south", "south", "south"])
INCOME = np.array(["low", "high", "low", "low", "high", "high", "high"])
COLUMNS = {"region": REGION, "income": INCOME}
BY_REGION = Margin(columns=("region",), targets={"north": 60.0, "south": 40.0})
BY_INCOME = Margin(columns=("income",), targets={"low": 30.0, "high": 70.0})
TOO_MANY_BY_INCOME = Margin(columns=("income",), targets={"low": 30.0, "high": 71.0})
WITHOUT_INCOME = Margin(columns=("region", "income"), targets={"north": 100.0})


def _total(weights: Floats, **labels: str) -> float:
    chosen = np.ones(weights.size, dtype=bool)
    for name, label in labels.items():
        chosen &= COLUMNS[name] == label
    return float(weights[chosen].sum())


def test_fit_table_reproduces_the_published_example() -> None:
    """The 4 x 4 example of Wikipedia's article, as printed in ProportionalFitting.jl's guide."""
    fitted = fit_table(
        [[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]],
        {(0,): [150, 300, 400, 150], (1,): [200, 300, 400, 100]},
        tolerance=1e-9,
    )
    published = [
        [64.5585, 46.2325, 35.3843, 3.82473],
        [49.9679, 68.1594, 156.499, 25.3742],
        [56.7219, 144.428, 145.082, 53.7673],
        [28.7516, 41.18, 63.0347, 17.0337],
    ]
    np.testing.assert_allclose(fitted.cells, published, atol=6e-4)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(2, 4), st.integers(2, 3))
def test_fit_table_meets_the_margins_and_keeps_odds_ratios(
    seed: int, a: int, b: int, c: int
) -> None:
    """Three-way odds ratios survive two-way margins (Ireland & Kullback 1968)."""
    draw = np.random.default_rng(seed)
    table, other = draw.uniform(0.2, 3.0, (2, a, b, c))
    margins = {(0, 1): other.sum(axis=2), (1, 2): other.sum(axis=0), (2, 0): other.sum(axis=1).T}
    cells = fit_table(table, margins, tolerance=1e-9).cells
    for axes, target in margins.items():
        rest = ({0, 1, 2} - set(axes)).pop()
        found = cells.sum(axis=rest) if axes[0] < axes[1] else cells.sum(axis=rest).T
        np.testing.assert_allclose(found, target, rtol=1e-8)
    np.testing.assert_allclose(_log_odds(cells), _log_odds(table), atol=1e-9)


def _log_odds(table: Floats) -> Floats:
    """All three-way interactions: differences of log cells along each axis."""
    found = np.log(table)
    for axis in range(table.ndim):
        found = np.diff(found, axis=axis)
    return found


def test_fit_table_keeps_zero_cells_and_meets_a_target_of_zero() -> None:
    cells = fit_table([[0, 2, 1], [1, 1, 1]], {(0,): [3, 5], (1,): [4, 4, 0]}).cells
    assert cells[0, 0] == cells[0, 2] == cells[1, 2] == 0.0
    np.testing.assert_allclose(cells, [[0, 3, 0], [4, 1, 0]], rtol=1e-5)


def test_rake_meets_every_margin() -> None:
    found = rake(COLUMNS, [BY_REGION, BY_INCOME])
    assert found.largest_error < 1e-6
    assert _total(found.weights, region="north") == pytest.approx(60, rel=1e-6)
    assert _total(found.weights, region="south") == pytest.approx(40, rel=1e-6)
    assert _total(found.weights, income="low") == pytest.approx(30, rel=1e-6)
    assert _total(found.weights, income="high") == pytest.approx(70, rel=1e-6)


def test_rake_equals_fitting_the_table_of_the_same_rows() -> None:
    """Rows and cells are the same problem; 2 north-low, 1 north-high, 1 south-low, 3 south-high."""
    weights = rake(COLUMNS, [BY_REGION, BY_INCOME], tolerance=1e-10).weights
    cells = fit_table([[2, 1], [1, 3]], {(0,): [60, 40], (1,): [30, 70]}, tolerance=1e-10).cells
    raked = [
        [_total(weights, region=region, income=income) for income in ("low", "high")]
        for region in ("north", "south")
    ]
    np.testing.assert_allclose(raked, cells, rtol=1e-9)


def test_rake_to_one_margin_is_the_closed_form() -> None:
    weights = rake(COLUMNS, [BY_REGION], weights=[1, 2, 3, 1, 1, 1, 1]).weights
    np.testing.assert_allclose(weights, [10, 20, 30, 10, 10, 10, 10], rtol=1e-12)


def test_rake_meets_a_joint_margin() -> None:
    joint = Margin(
        columns=("income", "region"),
        targets={
            ("low", "north"): 10.0,
            ("high", "north"): 50.0,
            ("low", "south"): 20.0,
            ("high", "south"): 20.0,
        },
    )
    weights = rake(COLUMNS, [joint, BY_REGION, BY_INCOME]).weights
    assert _total(weights, region="north", income="high") == pytest.approx(50)
    assert _total(weights, region="south", income="low") == pytest.approx(20)


def test_rake_to_the_margins_that_rows_have_changes_nothing() -> None:
    weights = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 0.5, 1.5])
    margins = [
        Margin(columns=("region",), targets={"north": 6.0, "south": 11.0}),
        Margin(columns=("income",), targets={"low": 10.0, "high": 7.0}),
    ]
    np.testing.assert_allclose(rake(COLUMNS, margins, weights=weights).weights, weights, rtol=1e-12)


def test_rake_does_not_depend_on_the_order_of_targets_or_the_scale_of_weights() -> None:
    turned = [
        Margin(columns=("region",), targets={"south": 40.0, "north": 60.0}),
        Margin(columns=("income",), targets={"high": 70.0, "low": 30.0}),
    ]
    plain = rake(COLUMNS, [BY_REGION, BY_INCOME]).weights
    again = rake(COLUMNS, turned, weights=np.full(7, 2.0**900)).weights
    assert plain.tolist() == again.tolist()


def test_rake_of_relabelled_rows_relabels_the_weights() -> None:
    order = np.array([6, 2, 0, 5, 1, 4, 3])
    shuffled = {name: values[order] for name, values in COLUMNS.items()}
    plain = rake(COLUMNS, [BY_REGION, BY_INCOME]).weights
    np.testing.assert_allclose(
        rake(shuffled, [BY_REGION, BY_INCOME]).weights, plain[order], rtol=1e-12
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 200))
def test_rake_meets_margins_that_some_weighting_has(seed: int, rows: int) -> None:
    draw = np.random.default_rng(seed)
    columns = {"a": draw.integers(0, 4, rows), "b": draw.integers(0, 3, rows)}
    truth = draw.uniform(0.5, 2.0, rows)
    margins = [
        Margin(
            columns=(name,),
            targets={str(code): float(truth[codes == code].sum()) for code in np.unique(codes)},
        )
        for name, codes in columns.items()
    ]
    found = rake(columns, margins)
    assert found.weights.min() >= 0
    for margin in margins:
        codes = columns[margin.columns[0]].astype(str)
        for label, target in margin.targets.items():
            assert found.weights[codes == label].sum() == pytest.approx(target, rel=2e-6)


def test_rake_of_margins_that_no_weighting_has_names_the_worst_and_its_error() -> None:
    """All rows of the north are low: 60 people of the north cannot be among 30 of low income."""
    columns = {"region": ["north", "south", "south"], "income": ["low", "low", "high"]}
    with pytest.raises(ContradictionError) as caught:
        rake(columns, [BY_REGION, BY_INCOME])
    assert caught.value.field == "region=south"
    assert "comes to 70 instead of 40 (off by 75 %) after 1000 rounds" in caught.value.message


def test_rake_that_needs_more_rounds_says_so() -> None:
    with pytest.raises(ContradictionError, match="after 1 rounds"):
        rake(COLUMNS, [BY_REGION, BY_INCOME], most_rounds=1, tolerance=1e-12)


def _region(**targets: float) -> Margin:
    return Margin(columns=("region",), targets=targets)


@pytest.mark.parametrize(
    ("margins", "error", "field"),
    [
        ([], MarginError, "margins"),
        ([_region(north=1)], MarginError, "region=south"),
        ([_region(north=-1, south=1)], MarginError, "region=north"),
        ([_region(north=np.nan, south=1)], MarginError, "region=north"),
        ([_region(north=np.inf, south=1)], MarginError, "region=north"),
        ([_region(north=0, south=0)], MarginError, "region"),
        ([_region(north=1, south=1, west=1)], StructuralZeroError, "region=west"),
        ([BY_REGION, TOO_MANY_BY_INCOME], ContradictionError, "income"),
        ([WITHOUT_INCOME], MarginError, "region × income"),
        ([Margin(columns=("county",), targets={"north": 1.0})], RequestError, "county"),
        ([Margin(columns=(), targets={"north": 1.0})], RequestError, "columns"),
    ],
)  # fmt: skip
def test_rake_refuses_unusable_margins(
    margins: list[Margin], error: type[EngineError], field: str
) -> None:
    with pytest.raises(error) as caught:
        rake(COLUMNS, margins)
    assert caught.value.field == field


def test_rake_names_the_category_that_other_targets_empty() -> None:
    """With nobody of low income, the one row of the north may not count."""
    columns = {"region": ["north", "south", "south"], "income": ["low", "low", "high"]}
    none_low = Margin(columns=("income",), targets={"low": 0.0, "high": 100.0})
    with pytest.raises(StructuralZeroError) as caught:
        rake(columns, [BY_REGION, none_low])
    assert caught.value.field == "region=north"


def test_rake_names_the_category_whose_rows_weigh_nothing() -> None:
    with pytest.raises(StructuralZeroError) as caught:
        rake(COLUMNS, [BY_REGION], weights=[0, 0, 0, 1, 1, 1, 1])
    assert caught.value.field == "region=north"


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: rake(COLUMNS, [BY_REGION], weights=[1.0, np.nan, 1, 1, 1, 1, 1]), "weights"),
        (lambda: rake(COLUMNS, [BY_REGION], tolerance=0.0), "tolerance"),
        (lambda: rake(COLUMNS, [BY_REGION], most_rounds=0), "most_rounds"),
        (lambda: rake({"region": np.array([0.5])}, [BY_REGION]), "region"),
        (lambda: rake({"region": np.array(["a", None])}, [BY_REGION]), "region"),
        (lambda: rake({"region": REGION, "income": INCOME[1:]}, [BY_REGION]), "income"),
        (lambda: rake({}, [BY_REGION]), "columns"),
        (lambda: fit_table([], {(0,): [1]}), "seed_table"),
        (lambda: fit_table([1.0, np.nan], {(0,): [1, 1]}), "seed_table"),
        (lambda: fit_table([1.0, -1.0], {(0,): [1, 1]}), "seed_table"),
        (lambda: fit_table([1.0, 1.0], {(1,): [1, 1]}), "axes (1,)"),
        (lambda: fit_table([1.0, 1.0], {(0,): [1, 1, 1]}), "axes (0,)"),
        (lambda: fit_table([1.0, 1.0], {(0,): [1, -1]}), "axis 0=1"),
        (lambda: fit_table([1.0, 0.0], {(0,): [1, 1]}), "axis 0=1"),
        (lambda: fit_table([[1.0, 1], [1, 1]], {(0,): [1, 1], (1,): [1, 2]}), "axes (1,)"),
    ],
)  # fmt: skip
def test_bad_tables_and_requests_are_refused(call: Callable[[], object], field: str) -> None:
    with pytest.raises(EngineError) as caught:
        call()
    assert caught.value.field == field


INTEGERISERS = [truncate_replicate_sample, systematic_counts]
Integeriser = Callable[..., NDArray[np.int64]]


@pytest.mark.parametrize("integerise", INTEGERISERS)
@settings(max_examples=150, deadline=None)
@given(
    weights=st.lists(st.floats(0, 50), min_size=1, max_size=60).filter(lambda w: sum(w) > 1e-3),
    seed=st.integers(0, 2**64 - 1),
)
def test_integerised_counts_are_within_one_of_the_weights_and_sum_exactly(
    integerise: Integeriser, weights: list[float], seed: int
) -> None:
    total = max(round(sum(weights)), 1)
    scaled = np.array(weights) * (total / sum(weights))
    counts = integerise(scaled, seed=seed)
    assert counts.sum() == total
    assert (counts >= np.floor(scaled)).all()
    assert (counts <= np.floor(scaled) + (scaled > np.floor(scaled))).all()


@pytest.mark.parametrize("integerise", INTEGERISERS)
def test_integerised_counts_of_whole_weights_are_these(integerise: Integeriser) -> None:
    for seed in range(20):
        assert integerise([3.0, 0.0, 1.0, 7.0], seed=seed).tolist() == [3, 0, 1, 7]


@pytest.mark.parametrize("integerise", INTEGERISERS)
def test_integerised_counts_repeat_for_a_seed_and_differ_between_seeds(
    integerise: Integeriser,
) -> None:
    weights = np.full(40, 0.5)
    assert integerise(weights, seed=5).tolist() == integerise(weights, seed=5).tolist()
    assert len({tuple(integerise(weights, seed=seed).tolist()) for seed in range(20)}) > 1


def test_systematic_counts_are_the_weights_on_average() -> None:
    """4000 seeds: a share's standard error is at most 0.008; five of them, 3 rows: 2 in 10^6."""
    weights = np.array([0.25, 1.6, 0.15])
    mean = np.mean([systematic_counts(weights, seed=seed) for seed in range(4000)], axis=0)
    assert np.abs(mean - weights).max() < 0.04


def test_truncate_replicate_sample_draws_one_row_in_proportion_to_its_fraction() -> None:
    """One persona missing: chances are the fractions. 4000 seeds, five standard errors of 0.008."""
    weights = np.array([2.5, 1.1, 0.4])
    mean = np.mean([truncate_replicate_sample(weights, seed=seed) for seed in range(4000)], axis=0)
    assert np.abs(mean - weights).max() < 0.04


def test_truncate_replicate_sample_draws_two_rows_successively() -> None:
    """Sampling without replacement of 2 from fractions .9 .8 .3: the chance that the last is left
    out is P(1, 2) + P(2, 1) = .9/2 * .8/1.1 + .8/2 * .9/1.2. 4000 seeds, five standard errors."""
    left_out = np.mean(
        [truncate_replicate_sample([0.9, 0.8, 0.3], seed=seed)[2] == 0 for seed in range(4000)]
    )
    assert left_out == pytest.approx(0.9 / 2 * 0.8 / 1.1 + 0.8 / 2 * 0.9 / 1.2, abs=0.039)


def test_systematic_counts_spread_evenly_over_neighbouring_rows() -> None:
    weights = np.full(1000, 0.1)
    counts = systematic_counts(weights, seed=3)
    assert np.abs(np.cumsum(counts) - np.cumsum(weights)).max() < 1 + 1e-6


@pytest.mark.parametrize("integerise", INTEGERISERS)
@pytest.mark.parametrize(
    "weights",
    [[], [0.0, 0.0], [1.0, -1.0], [np.nan, 1.0], [np.inf], [0.7, 0.7], [1e-9], [3e9], [1e308] * 2],
)  # fmt: skip
def test_unusable_weights_are_refused(integerise: Integeriser, weights: list[float]) -> None:
    with pytest.raises(RequestError) as caught:
        integerise(weights, seed=1)
    assert caught.value.field == "weights"
