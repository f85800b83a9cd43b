"""The simulated arc elasticity is the analytic one of the logit, within Monte-Carlo error."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from societies.choice import deciders

import agentverse_engine as av
from agentverse_engine.closed_form.shares import expected_shares
from agentverse_engine.errors import RequestError
from agentverse_engine.results.elasticities import arc_elasticity

MODEL = av.ChoiceModel(
    alternatives=("bus", "car"), coefficients={"cost": -0.6}, constants={"car": 0.5}
)


def society(fare: float) -> av.Scenario:
    script = av.EventScript(variable="cost.bus", operation="set", value=fare)
    return deciders(
        800,
        MODEL,
        costs=(1.0, 2.0),
        event_scripts=(script,),
        replicates=16,
        defaults={"replacement_rate": 0.5},
    )


def test_without_social_rules_it_is_the_analytic_one() -> None:
    low, high = 1.0, 2.0
    shares: list[NDArray[np.float64]] = []
    expected: list[float] = []
    for fare in (low, high):
        flows = av.simulate_ensemble(society(fare)).flows.sum(axis=(1, 2, 3)).astype(np.float64)
        shares.append(flows[:, 0] / flows.sum(axis=1))
        expected.append(float(expected_shares(society(fare))[1, 0, 0, 0]))
        assert expected[-1] == pytest.approx(1 / (1 + math.exp(0.5 - 0.6 * (2.0 - fare))))
    analytic = arc_elasticity(low, high, expected[:1], expected[1:])[0]
    simulated = arc_elasticity(low, high, shares[0], shares[1])
    error = simulated.std(ddof=1) / math.sqrt(simulated.size)
    assert error < 0.02
    assert abs(simulated.mean() - analytic) < 4 * error
    # Common random numbers: the paired interval is narrower than that of two independent worlds.
    apart = arc_elasticity(low, high, shares[0], np.roll(shares[1], 1))
    assert simulated.std() < apart.std()


def test_a_constant_elasticity_curve_has_it_on_a_short_arc() -> None:
    before, after = (np.array([0.2 * value**-1.7]) for value in (1.0, 1.001))
    found = arc_elasticity(1.0, 1.001, before, after)
    assert found[0] == pytest.approx(-1.7, abs=1e-5)


def test_where_nobody_is_there_is_none() -> None:
    assert np.isnan(arc_elasticity(1.0, 2.0, [0.0, 0.1], [0.0, 0.2])).tolist() == [True, False]


@pytest.mark.parametrize(("first", "second"), [(1.0, 1.0), (-2.0, 2.0)])
def test_values_without_a_relative_difference_are_refused(first: float, second: float) -> None:
    with pytest.raises(RequestError, match="differ by no percentage"):
        arc_elasticity(first, second, [0.1], [0.2])


def test_outcomes_that_do_not_pair_are_refused() -> None:
    with pytest.raises(RequestError, match="one outcome per replicate"):
        arc_elasticity(1.0, 2.0, [0.1], [0.2, 0.3])
