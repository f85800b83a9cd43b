"""The expected answer without social rules: cells weighed as they are, beside simulation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.closed_form.expectation import expected, fitted, sampled

Society = Callable[..., av.Scenario]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    metric: Literal["flow_share", "stock_share"]
    from_tick: int
    to_tick: int


@pytest.fixture
def plain(society: Society) -> av.Scenario:
    cut = av.EventScript(
        variable="cost.gas", operation="multiply", value=0.5, scope=av.Scope(segments=("poor",))
    )
    return society(2000, horizon=6, event_scripts=(cut,)).without_social_rules()


def test_flows_weigh_the_cells_of_expected_shares_by_their_size(plain: av.Scenario) -> None:
    cells = np.bincount(plain.population.cells(), minlength=4).reshape(2, 2)
    weighed = (av.expected_shares(plain)[2:5] * cells[None, :, :, None]).sum(axis=(0, 1, 2))
    window = Ticks(metric="flow_share", from_tick=2, to_tick=4)
    found = expected(plain, fitted(plain), window)[0]
    assert found == pytest.approx(weighed / weighed.sum(), abs=1e-12)


def test_stock_is_what_the_simulation_gives_on_average(plain: av.Scenario) -> None:
    """Within 5 standard errors of the replicates' mean: false alarms 1e-6."""
    run = av.simulate_ensemble(plain, threads=1).shares()[:, -1]
    window = Ticks(metric="stock_share", from_tick=6, to_tick=6)
    found = expected(plain, fitted(plain), window)[0]
    error = run.std(axis=0, ddof=1) / np.sqrt(plain.replicates)
    assert (np.abs(run.mean(axis=0) - found) <= 5.0 * error + 1e-9).all()


def test_draws_of_the_estimates_spread_by_their_covariance(plain: av.Scenario) -> None:
    covariance = np.array([[0.04]])
    (name,) = list(plain.model.coefficients)[:1]
    drawn = sampled(plain, (name,), covariance, draws=2000).families[:, 0]
    assert drawn.mean() == pytest.approx(plain.model.coefficients[name], abs=0.02)
    assert drawn.std() == pytest.approx(0.2, rel=0.08)
