"""Skill cannot be had by chance: walks that nobody can foresee, truths that a forecast knows."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from agentverse_engine import diagnostics as dg
from agentverse_engine.errors import EngineError, LeakageError, RequestError, StudyError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
TICKS, HORIZON = 118, 4
ORIGINS = list(range(30, TICKS - HORIZON, HORIZON))
RIVALS = {
    "persistence": dg.persistence,
    "drift": dg.random_walk_with_drift,
    "climatology": dg.climatology,
}


def observed(values: Floats) -> dg.Observations:
    ticks = np.arange(len(values), dtype=np.int64)
    return dg.Observations(tick=ticks, value=values, as_of=ticks)


def knows_nothing(number: int) -> dg.Forecast:
    """The last value and noise that grows with the root of the lead, of the true size."""

    def forecast(history: dg.Observations, ticks: Integers, seed: int) -> Floats:
        rng = np.random.default_rng([number, len(history)])
        lead = np.sqrt(ticks - history.tick[-1])
        return history.value[-1] + lead * rng.normal(size=(200, ticks.size))

    return forecast


def knows_the_truth(signal: Floats, number: int) -> dg.Forecast:
    def forecast(history: dg.Observations, ticks: Integers, seed: int) -> Floats:
        rng = np.random.default_rng([number, len(history)])
        return signal[ticks] + rng.normal(size=(200, ticks.size))

    return forecast


def count_with_skill(of: Callable[[int], bool], series: int) -> int:
    return sum(of(number) for number in range(series))


# How many of so many series a chance of 2.5 % exceeds once in 1,000 and once in 700 times.
SERIES = pytest.mark.parametrize(
    ("series", "most"), [(100, 8), pytest.param(400, 20, marks=pytest.mark.long)]
)


@SERIES
def test_a_forecast_that_knows_nothing_has_no_skill_on_random_walks(series: int, most: int) -> None:

    def has_skill(number: int) -> bool:
        walk = np.cumsum(np.random.default_rng([1, number]).normal(size=TICKS))
        found = dg.backtest(
            knows_nothing(number),
            observed(walk),
            origins=ORIGINS,
            horizon=HORIZON,
            seed=number,
            baselines=RIVALS,
        )
        return found.has_skill

    assert count_with_skill(has_skill, series) <= most


@SERIES
def test_a_forecast_that_knows_the_truth_has_skill(series: int, most: int) -> None:
    def has_skill(number: int) -> bool:
        rng = np.random.default_rng([2, number])
        signal = 3.0 * rng.normal(size=TICKS)
        found = dg.backtest(
            knows_the_truth(signal, number),
            observed(signal + rng.normal(size=TICKS)),
            origins=ORIGINS,
            horizon=HORIZON,
            seed=number,
            baselines=RIVALS,
        )
        return found.has_skill

    assert count_with_skill(has_skill, series) >= series - most


@pytest.mark.parametrize("name", ["persistence", "drift", "climatology", "ar", "ets"])
def test_a_baseline_against_itself_scores_zero(name: str) -> None:
    walk = observed(np.cumsum(np.random.default_rng(3).normal(size=60)))
    baseline = dg.default_baselines(walk)[name]
    found = dg.backtest(
        baseline,
        walk,
        origins=list(range(20, 56)),
        horizon=4,
        seed=1,
        baselines={name: baseline},
    )
    (skill,) = found.skills
    assert (skill.score, skill.low, skill.high) == (0.0, 0.0, 0.0)
    assert not found.has_skill


def test_an_honest_forecast_covers_what_it_says() -> None:
    """1,008 values of 12 series; the bounds are 4 binomial standard errors wide: once in 15,000."""
    shares: list[list[float]] = []
    for number in range(12):
        noise = np.random.default_rng([4, number]).normal(size=TICKS)
        found = dg.backtest(
            knows_the_truth(np.zeros(TICKS), number),
            observed(noise),
            origins=ORIGINS,
            horizon=HORIZON,
            seed=number,
            baselines=RIVALS,
        )
        assert found.cases == len(ORIGINS) * HORIZON
        assert found.pit.shape == (len(ORIGINS), HORIZON)
        shares.append([one.share for one in found.coverage])
    cases = 12 * len(ORIGINS) * HORIZON
    for level, share in zip((0.5, 0.8, 0.9), np.mean(shares, axis=0), strict=True):
        assert abs(share - level) < 4.0 * np.sqrt(level * (1.0 - level) / cases)


def test_one_origin_shows_no_skill_however_good_the_forecast() -> None:
    (skill,) = dg.skills([0.001], {"persistence": [1.0]}, seed=1)
    assert skill.score == 0.999
    assert (skill.low, skill.high) == (-np.inf, np.inf)
    assert not skill.has_skill


def test_overlapping_origins_count_as_one_block() -> None:
    losses = np.random.default_rng(5).uniform(0.5, 1.0, 20)
    (alone,) = dg.skills(losses, {"other": losses + 0.1}, seed=1)
    (blocked,) = dg.skills(losses, {"other": losses + 0.1}, seed=1, block=4)
    assert alone.has_skill
    assert not blocked.has_skill  # five blocks are too few for an interval


def test_skill_is_what_is_saved_of_the_baselines_loss() -> None:
    own = np.full(10, 2.0)
    rivals = {"better": 1.0, "same": 2.0, "worse": 4.0, "perfect": 0.0}
    found = dg.skills(own, {name: np.full(10, loss) for name, loss in rivals.items()}, seed=1)
    assert [skill.score for skill in found] == [-1.0, 0.0, 0.5, -np.inf]
    assert [skill.has_skill for skill in found] == [False, False, True, False]
    assert dg.skills(np.zeros(10), {"perfect": np.zeros(10)}, seed=1)[0].score == 0.0


def test_error_laws_of_baselines_grow_as_they_should() -> None:
    """Standard deviations by lead against their formulas; 500 members: 4 errors are 13 %."""
    walk = np.cumsum(np.random.default_rng(6).normal(size=400))
    history, ticks = observed(walk), np.arange(400, 410)
    steps = np.diff(walk)
    lead = np.arange(1, 11)
    spread = dg.persistence(history, ticks, 1).std(axis=0)
    np.testing.assert_allclose(spread, np.sqrt((steps**2).mean() * lead), rtol=0.13)
    spread = dg.random_walk_with_drift(history, ticks, 1).std(axis=0)
    expected = steps.std() * np.sqrt(lead * (1.0 + lead / 399))
    np.testing.assert_allclose(spread, expected, rtol=0.13)
    ahead = dg.seasonal_naive(4)(history, ticks, 1)
    changes = walk[4:] - walk[:-4]
    np.testing.assert_allclose(ahead[:, 4:8].mean(axis=0), walk[396:400], atol=0.6)
    np.testing.assert_allclose(
        ahead.std(axis=0), np.sqrt((changes**2).mean() * (1 + (lead - 1) // 4)), rtol=0.13
    )


def test_autoregressions_recover_the_law_they_are_drawn_from() -> None:
    """x' = 0.8 x + e: the mean decays by 0.8, the variance by its geometric sum."""
    rng = np.random.default_rng(7)
    values = np.zeros(3000)
    for tick in range(1, 3000):
        values[tick] = 0.8 * values[tick - 1] + rng.normal()
    history, ticks = observed(values), np.arange(3000, 3006)
    lead = np.arange(1, 7)
    expected = np.sqrt(np.cumsum(0.8 ** (2 * (lead - 1))))
    ahead = dg.default_baselines(history)["ar"](history, ticks, 1)
    np.testing.assert_allclose(ahead.std(axis=0), expected, rtol=0.15)
    np.testing.assert_allclose(ahead.mean(axis=0), values[-1] * 0.8**lead, atol=0.35)
    pair = observed(np.column_stack([values, rng.normal(size=3000)]))
    together = dg.default_baselines(pair)["var"](pair, ticks, 1)
    np.testing.assert_allclose(together[:, :, 0].std(axis=0), expected, rtol=0.15)
    np.testing.assert_allclose(together[:, :, 1].std(axis=0), 1.0, rtol=0.15)


def test_shares_are_forecast_by_what_a_survey_would_count() -> None:
    shares = np.tile([0.5, 0.3, 0.2], (20, 1))
    history, ticks = observed(shares), np.arange(20, 24)
    ahead = dg.default_baselines(history, respondents=400)["multinomial"](history, ticks, 1)
    np.testing.assert_allclose(ahead.sum(axis=2), 1.0)
    errors = np.sqrt(np.array([0.25, 0.21, 0.16]) / 400)
    np.testing.assert_allclose(ahead.std(axis=(0, 1)), errors, rtol=0.1)
    np.testing.assert_allclose(ahead.mean(axis=(0, 1)), shares[0], atol=0.003)


def test_observation_noise_widens_an_ensemble_by_its_variance() -> None:
    noisy = dg.with_observation_noise(np.zeros((2000, 3)), 2.0, seed=1)
    np.testing.assert_allclose(noisy.std(axis=0), 2.0, rtol=0.07)


def _backtest(forecast: dg.Forecast | None = None, **changes: object) -> object:
    arguments: dict[str, object] = {"origins": [20, 24], "horizon": 4, "seed": 1} | changes
    given = dg.persistence if forecast is None else forecast
    return dg.backtest(given, observed(np.arange(30.0)), **arguments)  # type: ignore[arg-type]


def _returns(ensemble: Floats) -> dg.Forecast:
    return lambda history, ticks, seed: ensemble


BAD: list[tuple[Callable[[], object], type[EngineError], str]] = [
    (lambda: _backtest(origins=[20, 27]), RequestError, "origins"),
    (lambda: _backtest(origins=[]), RequestError, "origins"),
    (lambda: _backtest(origins=[24, 20]), RequestError, "origins"),
    (lambda: _backtest(origins=[20, 20]), RequestError, "origins"),
    (lambda: _backtest(origins=[5, 9]), RequestError, "history"),
    (lambda: _backtest(horizon=0), RequestError, "horizon"),
    (lambda: _backtest(_returns(np.zeros((9, 3)))), StudyError, "forecast"),
    (
        lambda: _backtest(lambda history, ticks, seed: np.full((9, 4), np.nan)),
        StudyError,
        "forecast",
    ),
    (lambda: dg.skills([1.0, 2.0], {"other": [1.0]}, seed=1), RequestError, "other"),
    (lambda: dg.sampled_shares([[0.5, 0.6]], 10, seed=1), RequestError, "shares"),
    (lambda: dg.with_observation_noise([1.0], 0.0, seed=1), RequestError, "standard_deviation"),
    (
        lambda: dg.Observations(tick=[1, 1], value=[0.0, 1.0], as_of=[1, 1]),  # type: ignore[arg-type]
        RequestError,
        "tick",
    ),
]


@pytest.mark.parametrize(("call", "error", "field"), BAD)
def test_scores_refuse_what_they_cannot_use(
    call: Callable[[], object], error: type[EngineError], field: str
) -> None:
    with pytest.raises(error) as caught:
        call()
    assert caught.value.field == field


def test_a_value_known_only_after_an_origin_is_a_leak() -> None:
    ticks = np.arange(30)
    late = np.where(ticks == 18, 25, ticks)
    series = dg.Observations(tick=ticks, value=np.arange(30.0), as_of=late)
    with pytest.raises(LeakageError):
        dg.backtest(dg.persistence, series, origins=[20], horizon=4, seed=1, baselines=RIVALS)
