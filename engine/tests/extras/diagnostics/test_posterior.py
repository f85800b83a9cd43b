"""ABC against posteriors known in closed form, and its bookkeeping."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from agentverse_engine import diagnostics as dg
from agentverse_engine.errors import EngineError, RequestError, StudyError

Floats = NDArray[np.float64]
Seeds = NDArray[np.int64]
BOX: dg.Bounds = {"mean": (-10.0, 10.0)}
OBSERVED = [1.0]


def _noise(seeds: Seeds) -> Floats:
    return np.array(
        [np.random.Generator(np.random.Philox(key=int(seed))).normal() for seed in seeds]
    )


def _normal_mean(points: Floats, seeds: Seeds) -> Floats:
    """The mean of a sample of a normal, with standard error 1."""
    return points + _noise(seeds)[:, np.newaxis]


def _normal_prior(points: Floats) -> Floats:
    return np.exp(-0.5 * points[:, 0] ** 2)  # N(0, 1), as precise as the observation


def _assert_normal(posterior: dg.Posterior, mean: float, variance: float) -> None:
    """Within 4.5 standard errors of the effective sample (1 in 1e5 each), and the tolerance's bias.

    A tolerance e adds e^2/3 to the variance of the likelihood, which here is 1.
    """
    size, bias = posterior.effective_sample_size, posterior.tolerances[-1] ** 2 / 3
    assert posterior.mean()["mean"] == pytest.approx(
        mean, abs=4.5 * math.sqrt(variance * (1 + bias) / size) + bias
    )
    found = float(posterior.covariance()[0, 0])
    assert found == pytest.approx(variance, rel=4.5 * math.sqrt(2 / size) + bias)


def test_rejection_posterior_of_a_flat_prior_is_the_likelihood() -> None:
    found = dg.rejection_posterior(
        _normal_mean, dg.distance_to(OBSERVED), BOX, seed=1, draws=20_000, keep=600
    )
    assert found.tolerances[-1] < 0.4
    assert found.effective_sample_size == pytest.approx(600)
    _assert_normal(found, 1.0, 1.0)


def test_rejection_posterior_of_a_normal_prior_is_conjugate() -> None:
    found = dg.rejection_posterior(
        _normal_mean,
        dg.distance_to(OBSERVED),
        BOX,
        seed=2,
        draws=20_000,
        keep=600,
        prior=_normal_prior,
    )
    _assert_normal(found, 0.5, 0.5)  # precision 1 + 1


def test_sequential_posterior_of_a_normal_prior_is_conjugate() -> None:
    """So many particles tell a kernel that is not the one of the weights: a move of half the
    variance would leave a sixth of the posterior's variance out."""
    found = dg.sequential_posterior(
        _normal_mean,
        dg.distance_to(OBSERVED),
        BOX,
        seed=3,
        particles=3000,
        generations=7,
        most_proposals=300_000,
        prior=_normal_prior,
    )
    assert found.tolerances[-1] < 0.25
    assert list(found.tolerances) == sorted(found.tolerances, reverse=True)
    assert 2000 < found.effective_sample_size <= 3000
    _assert_normal(found, 0.5, 0.5)
    assert found.quantile("mean", 0.5) == pytest.approx(0.5, abs=0.15)
    assert (found.distances <= found.tolerances[-1]).all()


def test_sequential_posterior_near_a_bound_stays_within_it() -> None:
    # Flat on [1, 10], observed 1: a half normal of mean 1 + sqrt(2/pi).
    found = dg.sequential_posterior(
        _normal_mean, dg.distance_to(OBSERVED), {"mean": (1.0, 10.0)}, seed=5, particles=800
    )
    assert (found.points >= 1.0).all()
    size = found.effective_sample_size
    deviation = math.sqrt(1 - 2 / math.pi)
    expected = 1 + math.sqrt(2 / math.pi)
    assert found.mean()["mean"] == pytest.approx(
        expected, abs=4.5 * deviation / math.sqrt(size) + found.tolerances[-1] ** 2 / 3
    )


def test_sequential_posterior_keeps_what_the_data_cannot_tell_apart() -> None:
    # Only the sum a + b is observed: the posterior is a ridge, not a point.
    def total(points: Floats, seeds: Seeds) -> Floats:
        return points.sum(axis=1, keepdims=True) + 0.05 * _noise(seeds)[:, np.newaxis]

    found = dg.sequential_posterior(
        total, dg.distance_to([1.0]), {"a": (0.0, 1.0), "b": (0.0, 1.0)}, seed=6, particles=400
    )
    covariance = found.covariance()
    correlation = covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1])
    assert correlation < -0.9
    assert found.quantile("a", 0.9) - found.quantile("a", 0.1) > 0.6


def test_sequential_posterior_does_not_depend_on_the_batch() -> None:
    one, other = (
        dg.sequential_posterior(
            _normal_mean,
            dg.distance_to(OBSERVED),
            BOX,
            seed=7,
            particles=60,
            generations=4,
            batch=batch,
        )
        for batch in (7, 500)
    )
    np.testing.assert_array_equal(one.points, other.points)
    np.testing.assert_array_equal(one.weights, other.weights)
    assert one.proposals == other.proposals
    assert one.tolerances == other.tolerances


def test_sequential_posterior_without_budget_ends_with_what_it_has() -> None:
    found = dg.sequential_posterior(
        _normal_mean,
        dg.distance_to(OBSERVED),
        BOX,
        seed=8,
        particles=100,
        generations=9,
        most_proposals=600,
    )
    assert 1 <= len(found.tolerances) < 9
    assert found.proposals == 600
    assert found.points.shape == (100, 1)


def test_posterior_counts_its_points_by_weight() -> None:
    found = dg.Posterior(
        parameters=("a",),
        points=np.array([[3.0], [1.0], [2.0]]),
        weights=np.array([0.5, 0.25, 0.25]),
        outcomes=np.zeros((3, 1)),
        distances=np.zeros(3),
        tolerances=(0.0,),
        proposals=3,
    )
    assert found.effective_sample_size == pytest.approx(1 / (0.25 + 2 / 16))
    assert found.mean() == {"a": 2.25}
    assert found.covariance()[0, 0] == pytest.approx(0.5 * 9 + 0.25 * 1 + 0.25 * 4 - 2.25**2)
    assert [found.quantile("a", p) for p in (0.2, 0.4, 0.6)] == [1.0, 2.0, 3.0]


def test_plain_model_can_be_simulated_point_by_point() -> None:
    simulate = dg.each_point_with_its_seed(lambda point, seed: point[0] + seed)
    np.testing.assert_array_equal(
        simulate(np.array([[1.0], [2.0]]), np.array([10, 20])), [[11.0], [22.0]]
    )


def _nan(points: Floats, seeds: Seeds) -> Floats:
    return np.full((len(points), 1), math.nan)


def _impossible(points: Floats) -> Floats:
    return np.zeros(len(points))


def _negative(points: Floats) -> Floats:
    return points[:, 0] - 20.0


def _call(**changed: object) -> Callable[[], object]:
    terms: dict[str, object] = {"simulate": _normal_mean, "bounds": BOX, "seed": 1, "particles": 20}
    terms.update(changed)
    return lambda: dg.sequential_posterior(distance=dg.distance_to(OBSERVED), **terms)  # type: ignore[arg-type]  # any of them, wrong on purpose


BAD: list[tuple[Callable[[], object], type[EngineError]]] = [
    (_call(particles=0), RequestError),
    (_call(generations=0), RequestError),
    (_call(quantile=1.0), RequestError),
    (_call(most_proposals=19), RequestError),
    (_call(batch=0), RequestError),
    (_call(bounds={}), RequestError),
    (_call(bounds={"mean": (math.nan, 1.0)}), RequestError),
    (_call(seed=-1), RequestError),
    (_call(simulate=_nan), StudyError),
    (_call(prior=_impossible), RequestError),
    (_call(prior=_negative), StudyError),
    (
        lambda: dg.rejection_posterior(
            _normal_mean, dg.distance_to(OBSERVED), BOX, seed=1, draws=5, keep=9
        ),
        RequestError,
    ),
    (
        lambda: dg.rejection_posterior(_normal_mean, lambda o: -np.ones(len(o)), BOX, seed=1),
        StudyError,
    ),
    (lambda: dg.distance_to([]), RequestError),
]


@pytest.mark.parametrize(("call", "error"), BAD)
def test_posterior_refuses_what_it_cannot_use(
    call: Callable[[], object], error: type[EngineError]
) -> None:
    with pytest.raises(error):
        call()


def test_quantile_of_an_unknown_parameter_is_refused() -> None:
    found = dg.rejection_posterior(
        _normal_mean, dg.distance_to(OBSERVED), BOX, seed=1, draws=20, keep=5
    )
    with pytest.raises(RequestError, match="Use mean"):
        found.quantile("variance", 0.5)
