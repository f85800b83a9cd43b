"""Calibration recovers known parameters, sees no future, and is measured against baselines."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from agentverse_engine import diagnostics as dg
from agentverse_engine.errors import EngineError, LeakageError, RequestError, StudyError

Floats = NDArray[np.float64]
Seeds = NDArray[np.int64]
TICKS = np.arange(24, dtype=np.int64)
TRUTH = np.array([0.02, 0.4])
BASS: dg.Bounds = {"innovation": (0.001, 0.05), "imitation": (0.1, 0.8)}
CUTOFF = 15


def _bass(points: Floats) -> Floats:
    """Bass 1969: the share of adopters, float64[n, ticks]."""
    p, q = points[:, :1], points[:, 1:]
    decay = np.exp(-(p + q) * TICKS)
    return (1 - decay) / (1 + q / p * decay)


def _bass_runs(points: Floats, seeds: Seeds) -> Floats:
    return np.repeat(_bass(points)[:, np.newaxis], seeds.size, axis=1)


def _noisy_bass(points: Floats, seeds: Seeds) -> Floats:
    noise = [
        np.random.Generator(np.random.Philox(key=int(seed))).normal(0, 0.01, 24) for seed in seeds
    ]
    return _bass(points) + np.array(noise)


def _observed(
    values: Floats | None = None, *, tick: Seeds = TICKS, as_of: Seeds = TICKS
) -> dg.Observations:
    curve = _bass(TRUTH[np.newaxis])[0] if values is None else values
    return dg.Observations(tick=tick, value=curve, as_of=as_of)


def test_calibrate_recovers_a_bass_curve_and_forecasts_it() -> None:
    found = dg.calibrate(_bass_runs, _observed(), BASS, cutoff=CUTOFF, seed=1, trials=200)
    assert found.parameters["innovation"] == pytest.approx(0.02, rel=0.1)
    assert found.parameters["imitation"] == pytest.approx(0.4, rel=0.1)
    assert found.training_loss == found.losses.min()
    assert found.held_out_loss < 0.02
    errors = _bass(np.array([list(found.parameters.values())]))[0] - _bass(TRUTH[np.newaxis])[0]
    for loss, part in (
        (found.training_loss, errors[: CUTOFF + 1]),
        (found.held_out_loss, errors[CUTOFF + 1 :]),
    ):
        assert loss == pytest.approx(math.sqrt(float((part**2).mean())), rel=1e-9)
    assert found.forecast.shape == (24 - CUTOFF - 1,)
    assert {skill.baseline: skill.score > 0.0 for skill in found.skills} == dict.fromkeys(
        ("persistence", "drift", "climatology", "ar", "ets"), True
    )
    assert not any(skill.has_skill for skill in found.skills)  # one origin shows none


def test_calibrate_fits_the_mean_over_replicates() -> None:
    """Two replicates that lie a tenth above and below the curve of the point."""

    def astride(points: Floats, seeds: Seeds) -> Floats:
        return _bass(points)[:, np.newaxis] * np.array([0.9, 1.1])[:, np.newaxis]

    one, astride_it = (
        dg.calibrate(
            evaluate, _observed(), BASS, cutoff=CUTOFF, seed=1, trials=25, replicates=replicates
        )
        for evaluate, replicates in ((_bass_runs, 1), (astride, 2))
    )
    np.testing.assert_allclose(astride_it.losses, one.losses, rtol=1e-9)


def test_calibrate_gives_the_same_for_the_same_seed_and_says_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one, again, other = (
        dg.calibrate(_bass_runs, _observed(), BASS, cutoff=CUTOFF, seed=seed, trials=25)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.losses, again.losses)
    assert one.parameters == again.parameters
    assert one.parameters != other.parameters
    assert capsys.readouterr() == ("", "")


def test_calibrate_does_not_look_past_the_cutoff() -> None:
    truth = _bass(TRUTH[np.newaxis])[0]
    other_future = np.where(TICKS > CUTOFF, 0.1, truth)
    one, other = (
        dg.calibrate(_bass_runs, _observed(values), BASS, cutoff=CUTOFF, seed=1, trials=25)
        for values in (truth, other_future)
    )
    assert one.parameters == other.parameters
    np.testing.assert_array_equal(one.losses, other.losses)
    assert one.held_out_loss != other.held_out_loss


def test_calibrate_posterior_does_not_look_past_the_cutoff() -> None:
    truth = _bass(TRUTH[np.newaxis])[0]
    one, other = (
        dg.calibrate_posterior(
            _noisy_bass,
            _observed(values),
            BASS,
            cutoff=CUTOFF,
            seed=1,
            particles=30,
            generations=3,
        )
        for values in (truth, np.where(TICKS > CUTOFF, 0.1, truth))
    )
    np.testing.assert_array_equal(one.posterior.points, other.posterior.points)
    np.testing.assert_array_equal(one.posterior.weights, other.posterior.weights)
    assert one.held_out_loss != other.held_out_loss


def test_calibrate_to_a_level_series_shows_no_skill() -> None:
    level = np.full(24, 0.3)
    found = dg.calibrate(_bass_runs, _observed(level), BASS, cutoff=CUTOFF, seed=1, trials=20)
    persistence = next(skill for skill in found.skills if skill.baseline == "persistence")
    assert persistence.score <= 0.0
    assert not persistence.has_skill


def test_calibrate_posterior_holds_the_truth_and_beats_the_baselines() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, 24)
    observed = _observed(_bass(TRUTH[np.newaxis])[0] + noise)
    found = dg.calibrate_posterior(
        _noisy_bass, observed, BASS, cutoff=CUTOFF, seed=2, particles=200, generations=7
    )
    posterior = found.posterior
    for name, truth in zip(BASS, TRUTH, strict=True):
        assert posterior.quantile(name, 0.005) < truth < posterior.quantile(name, 0.995)
    low, high = BASS["imitation"]
    width = posterior.quantile("imitation", 0.95) - posterior.quantile("imitation", 0.05)
    assert width < 0.4 * (high - low)  # the data said something
    assert posterior.effective_sample_size > 50
    assert found.forecast.shape == (200, 24 - CUTOFF - 1)
    assert all(skill.score > 0.0 for skill in found.skills)
    assert found.held_out_loss == found.skills[0].loss


def test_posterior_forecast_is_calibrated_anew_at_each_origin_and_shows_its_skill() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, 24)
    found = dg.backtest(
        dg.posterior_forecast(_noisy_bass, BASS, particles=60, generations=4),
        _observed(_bass(TRUTH[np.newaxis])[0] + noise),
        origins=list(range(4, 20, 2)),
        horizon=2,
        seed=2,
        baselines={"persistence": dg.persistence, "climatology": dg.climatology},
    )
    assert [skill.has_skill for skill in found.skills] == [True, True]
    assert found.pit.shape == (8, 2)


def test_datum_known_after_the_cutoff_is_a_leak() -> None:
    as_of = TICKS.copy()
    as_of[CUTOFF - 3] = CUTOFF + 1  # revised later
    for call in (
        lambda: dg.calibrate(
            _bass_runs, _observed(as_of=as_of), BASS, cutoff=CUTOFF, seed=1, trials=1
        ),
        lambda: dg.calibrate_posterior(
            _noisy_bass, _observed(as_of=as_of), BASS, cutoff=CUTOFF, seed=1
        ),
        lambda: dg.guard_leakage("survey.as_of", as_of[: CUTOFF + 1], CUTOFF),
    ):
        with pytest.raises(LeakageError) as caught:
            call()
        assert "in row 12, after the cutoff 15" in str(caught.value)
        assert caught.value.field.endswith("as_of")


def test_datum_revised_before_the_cutoff_is_no_leak() -> None:
    as_of = np.minimum(TICKS + 2, CUTOFF)
    observed = _observed(as_of=np.maximum(as_of, TICKS))
    assert dg.held_out_split(observed, CUTOFF) == CUTOFF + 1


def test_baselines_of_an_uneven_history_are_those_that_need_no_fit() -> None:
    ticks = np.array([0, 1, 3, 4, 6])
    observed = dg.Observations(tick=ticks, value=np.array([1.0, 3.0, 7.0, 0.0, 0.0]), as_of=ticks)
    ahead = dg.baseline_forecasts(observed, 3, seed=1)
    assert sorted(ahead) == ["climatology", "drift", "persistence"]
    np.testing.assert_array_equal(ahead["climatology"], np.tile([[1.0], [3.0], [7.0]], 2))
    # Steps of 2 in one tick and 4 in two: 4 and 8 by the tick, 6 in the mean of squares.
    assert ahead["persistence"][:, 0].mean() == pytest.approx(7.0, abs=0.5)
    assert ahead["persistence"][:, 0].std() == pytest.approx(np.sqrt(6.0), rel=0.1)
    assert ahead["drift"].mean(axis=0).tolist() == pytest.approx([9.0, 13.0], abs=0.5)


def _short(points: Floats, seeds: Seeds) -> Floats:
    return np.zeros((len(points), seeds.size, 5))


BAD: list[tuple[Callable[[], object], type[EngineError]]] = [
    (lambda: _observed(np.full(24, math.nan)), RequestError),
    (lambda: _observed(np.zeros(3)), RequestError),
    (lambda: _observed(as_of=TICKS - 1), RequestError),
    (lambda: _observed(tick=TICKS[::-1]), RequestError),
    (
        lambda: dg.held_out_split(
            dg.Observations(tick=[0.5], value=[1.0], as_of=[1]),  # type: ignore[arg-type]  # on purpose
            1,
        ),
        RequestError,
    ),
    (lambda: dg.held_out_split(_observed(), 0), RequestError),
    (lambda: dg.held_out_split(_observed(), 23), RequestError),
    (
        lambda: dg.calibrate(_bass_runs, _observed(), BASS, cutoff=CUTOFF, seed=1, trials=0),
        RequestError,
    ),
    (
        lambda: dg.calibrate(_bass_runs, _observed(), BASS, cutoff=CUTOFF, seed=1, replicates=0),
        RequestError,
    ),
    (lambda: dg.calibrate(_bass_runs, _observed(), {}, cutoff=CUTOFF, seed=1), RequestError),
    (lambda: dg.calibrate(_bass_runs, _observed(), BASS, cutoff=CUTOFF, seed=-1), RequestError),
    (lambda: dg.calibrate(_short, _observed(), BASS, cutoff=CUTOFF, seed=1), StudyError),
    (
        lambda: dg.calibrate_posterior(
            lambda p, s: _bass(p)[:, :9], _observed(), BASS, cutoff=CUTOFF, seed=1
        ),
        StudyError,
    ),
]


@pytest.mark.parametrize(("call", "error"), BAD)
def test_calibration_refuses_what_it_cannot_use(
    call: Callable[[], object], error: type[EngineError]
) -> None:
    with pytest.raises(error):
        call()
