"""Sensitivity against functions whose indices are known, and with the engine as the model."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import agentverse_engine as av
from agentverse_engine import diagnostics as dg
from agentverse_engine.errors import EngineError, RequestError, StudyError

Floats = NDArray[np.float64]
Seeds = NDArray[np.int64]
ANGLES: dg.Bounds = dict.fromkeys(("x1", "x2", "x3"), (-math.pi, math.pi))
UNIT: dg.Bounds = {"a": (0.0, 1.0), "b": (0.0, 1.0)}


def _ishigami(points: Floats, seeds: Seeds) -> Floats:
    """Ishigami & Homma 1990 with a = 7, b = 0.1."""
    x1, x2, x3 = points.T
    value = np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)
    return np.repeat(value[:, None], seeds.size, axis=1)


def _noisy(sigma: float, *, common: bool) -> dg.Evaluate:
    """y = a + 2 b + noise of the seed; not common: other noise at every point."""

    def evaluate(points: Floats, seeds: Seeds) -> Floats:
        noise = [
            np.random.default_rng(int(seed)).normal(size=1 if common else len(points))
            for seed in seeds
        ]
        signal = points[:, 0] + 2 * points[:, 1]
        return signal[:, None] + sigma * np.broadcast_to(
            np.stack(noise, 1), (len(points), len(seeds))
        )

    return evaluate


def test_sobol_indices_of_ishigami_are_the_analytic_ones() -> None:
    # Saltelli et al. 2008, section 4.6: V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2.
    found = dg.sobol_indices(_ishigami, ANGLES, seed=1, samples=2048, resamples=100)
    expected = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437)}
    for name, (first, total) in expected.items():
        index = found.index(name)
        assert index.first == pytest.approx(first, abs=0.015)
        assert index.total == pytest.approx(total, abs=0.015)
        # Twice the 95 %: 1 in 1e4 each.
        assert abs(index.first - first) < 2 * index.first_half_width < 0.2
        assert abs(index.total - total) < 2 * index.total_half_width < 0.2
    assert found.unexplained_share == pytest.approx(0.2437, abs=0.02)
    assert found.noise_share is None
    assert found.runs == 2048 * 5


def test_sobol_indices_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    one, again, other = (
        dg.sobol_indices(_ishigami, ANGLES, seed=seed, samples=64) for seed in (0, 0, 5)
    )
    assert one == again
    assert one != other


def test_noise_share_is_the_constructed_one_and_rises_with_noise() -> None:
    # Var(a + 2b) = 5/12. Four runs at 2,048 points: a share has a deviation below
    # 0.008 (mean squares of 3 %, times share (1 - share)).
    shares: list[float] = []
    unexplained: list[float] = []
    for sigma in (0.0, 0.3, 1.0):
        found = dg.sobol_indices(
            _noisy(sigma, common=False), UNIT, seed=2, samples=512, replicates=4
        )
        assert found.noise_share == pytest.approx(sigma**2 / (sigma**2 + 5 / 12), abs=0.03)
        shares.append(found.noise_share or 0.0)
        unexplained.append(found.unexplained_share)
    assert shares == sorted(shares)
    assert unexplained == sorted(unexplained)
    assert unexplained[0] == pytest.approx(0.0, abs=0.01)


def test_common_seeds_keep_noise_out_of_the_indices() -> None:
    quiet = dg.sobol_indices(_noisy(0.0, common=True), UNIT, seed=3, samples=256, replicates=3)
    loud = dg.sobol_indices(_noisy(5.0, common=True), UNIT, seed=3, samples=256, replicates=3)
    for name in UNIT:
        assert loud.index(name).first == pytest.approx(quiet.index(name).first, abs=1e-9)
        assert loud.index(name).total == pytest.approx(quiet.index(name).total, abs=1e-9)
    assert quiet.noise_share == pytest.approx(0.0, abs=1e-9)
    assert (loud.noise_share or 0.0) > 0.5


def _own(points: Floats, seeds: Seeds) -> Floats:
    """Replicate r returns parameter r, so the mean of two is (a + b) / 2."""
    return points


def test_sensitivity_is_that_of_the_mean_over_replicates() -> None:
    screened = dg.morris_screening(_own, UNIT, seed=1, trajectories=4, replicates=2)
    assert [effect.mu for effect in screened.effects] == pytest.approx([0.5, 0.5])
    found = dg.sobol_indices(_own, UNIT, seed=1, samples=256, replicates=2)
    # In 256 points of a scrambled sequence a mean of a linear function strays by 1e-3 or less.
    assert [index.first for index in found.indices] == pytest.approx([0.5, 0.5], abs=0.02)


def test_half_widths_are_those_of_their_level() -> None:
    # Normal intervals of the same resamples: their widths are as z(95 %) to z(50 %).
    ratio = 1.959964 / 0.674490
    wide, narrow = (
        dg.sobol_indices(_ishigami, ANGLES, seed=1, samples=64, level=level).indices
        for level in (0.95, 0.5)
    )
    for one, other in zip(wide, narrow, strict=True):
        assert one.first_half_width / other.first_half_width == pytest.approx(ratio, rel=1e-5)
        assert one.total_half_width / other.total_half_width == pytest.approx(ratio, rel=1e-5)


@pytest.mark.parametrize("levels", [4, 6])
def test_morris_screening_of_a_linear_function_is_exact(levels: int) -> None:
    bounds = {"up": (1.0, 3.0), "down": (-1.0, 0.5), "idle": (0.0, 1.0)}

    def linear(parameters: Floats, seed: int) -> float:
        return 4.0 * parameters[0] - 6.0 * parameters[1] + seed % 7  # the seed's part cancels

    found = dg.morris_screening(
        dg.every_point_with_every_seed(linear),
        bounds,
        seed=1,
        trajectories=5,
        levels=levels,
        replicates=2,
    )
    effects = {effect.parameter: effect for effect in found.effects}
    assert effects["up"].mu == pytest.approx(8.0)
    assert effects["down"].mu == pytest.approx(-9.0)
    assert effects["down"].mu_star == pytest.approx(9.0)
    assert effects["idle"].mu_star == pytest.approx(0.0, abs=1e-12)
    for effect in found.effects:
        assert effect.sigma == pytest.approx(0.0, abs=1e-9)
        assert effect.mu_star_half_width == pytest.approx(0.0, abs=1e-9)
    assert found.ranking() == ("down", "up", "idle")
    assert found.runs == 5 * 4 * 2


def test_morris_screening_shows_an_interaction_as_sigma() -> None:
    def product(points: Floats, seeds: Seeds) -> Floats:
        return np.repeat(points[:, :1] * points[:, 1:], seeds.size, axis=1)

    found = dg.morris_screening(product, UNIT, seed=1, trajectories=50)
    # The effect of a is b, uniform on the levels 0, 1/3, 2/3, 1: mean 1/2, deviation 0.373; a
    # mean of 50 strays by 0.23 (4.4 standard errors) once in 1e5. The half width is 1.96 times the
    # deviation over 1,000 resamples of the mean, itself known to 2.2 %: five of these.
    effect = found.effects[0]
    assert effect.mu_star == pytest.approx(0.5, abs=0.23)
    assert effect.sigma == pytest.approx(0.373, abs=0.12)
    assert effect.mu_star_half_width == pytest.approx(1.96 * effect.sigma / 50**0.5, rel=0.12)


def test_sensitivity_of_the_engine_finds_what_moves_the_final_share(
    society: Callable[..., av.Scenario],
) -> None:
    scenario = society(300, horizon=4, replicates=1)
    bounds = {
        "replacement_rate": (0.02, 0.3),
        "conformity": (0.0, 3.0),
        "loss_aversion": (1.0, 4.0),
    }

    def final_share(parameters: Floats, seed: int) -> float:
        values = dict(zip(bounds, parameters.tolist(), strict=True))
        variables = tuple(
            replace(variable, default=values.get(variable.name, variable.default))
            for variable in scenario.variables
        )
        run = av.simulate_ensemble(
            replace(scenario, variables=variables, seed=seed), threads=1, dense_replicates=0
        )
        return float(run.stock[0, -1, :, :, 0].sum() / run.personas)

    found = dg.morris_screening(
        dg.every_point_with_every_seed(final_share), bounds, seed=4, trajectories=6, replicates=2
    )
    effects = {effect.parameter: effect for effect in found.effects}
    # Of the gas users (the cheapest choice), nobody moves unless systems are replaced.
    assert found.ranking()[0] == "replacement_rate"
    assert effects["replacement_rate"].mu_star > 0.05
    again = dg.morris_screening(
        dg.every_point_with_every_seed(final_share), bounds, seed=4, trajectories=6, replicates=2
    )
    assert again == found


def _nan(points: Floats, seeds: Seeds) -> Floats:
    return np.full((len(points), seeds.size), math.nan)


def _flat(points: Floats, seeds: Seeds) -> Floats:
    return np.ones((len(points), seeds.size))


def _narrow(points: Floats, seeds: Seeds) -> Floats:
    return np.ones(len(points))


BAD: list[tuple[Callable[[], object], type[EngineError]]] = [
    (lambda: dg.sobol_indices(_ishigami, {}, seed=1), RequestError),
    (lambda: dg.sobol_indices(_ishigami, {"x": (1.0, 1.0)}, seed=1), RequestError),
    (lambda: dg.sobol_indices(_ishigami, {"x": (0.0, math.inf)}, seed=1), RequestError),
    (lambda: dg.sobol_indices(_ishigami, ANGLES, seed=-1), RequestError),
    (lambda: dg.sobol_indices(_ishigami, ANGLES, seed=1, samples=100), RequestError),
    (lambda: dg.sobol_indices(_ishigami, ANGLES, seed=1, replicates=0), RequestError),
    (lambda: dg.sobol_indices(_ishigami, ANGLES, seed=1, level=1.0), RequestError),
    (lambda: dg.sobol_indices(_nan, ANGLES, seed=1, samples=8), StudyError),
    (lambda: dg.sobol_indices(_flat, ANGLES, seed=1, samples=8), StudyError),
    (lambda: dg.sobol_indices(_narrow, ANGLES, seed=1, samples=8), StudyError),
    (lambda: dg.morris_screening(_ishigami, ANGLES, seed=1, trajectories=1), RequestError),
    (lambda: dg.morris_screening(_ishigami, ANGLES, seed=1, levels=3), RequestError),
    (lambda: dg.morris_screening(_ishigami, ANGLES, seed=1, replicates=0), RequestError),
    (lambda: dg.morris_screening(_nan, ANGLES, seed=1), StudyError),
]


@pytest.mark.parametrize(("call", "error"), BAD)
def test_sensitivity_refuses_what_it_cannot_study(
    call: Callable[[], object], error: type[EngineError]
) -> None:
    with pytest.raises(error):
        call()


def test_plain_model_that_returns_no_number_is_refused() -> None:
    ragged = dg.every_point_with_every_seed(lambda point, seed: np.zeros(1 + seed % 2))
    with pytest.raises(StudyError):
        ragged(np.zeros((1, 1)), np.array([0, 1]))
