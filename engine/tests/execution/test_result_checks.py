"""Results are checked by name: drift without a cause, replicates alike, intervals too narrow."""

from dataclasses import replace

import numpy as np
import pytest
from societies.crowd import crowd

import agentverse_engine as av
from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.mathematics import exponential_inlined

BOUNDS = (0.0, 10.0)
EVEN = 0.5


def _vote(share_yes: float, conformity: float, lean: float, fine_draw: float) -> int:
    """Brock & Durlauf 2001: P(yes) = 1 / (1 + exp(-(lean + conformity (2 share - 1))))."""
    pull = lean + conformity * (2.0 * share_yes - 1.0)
    return int(fine_draw < 1.0 / (1.0 + exponential_inlined(-pull)))


def _rise(mood: float) -> float:
    return mood + 0.01


def _parameter(name: str, default: float) -> av.Variable:
    return av.parameter(name, label=name, default=default, bounds=BOUNDS, source="made up")


def voters(conformity: float, lean: float, *, yes: float = 0.5) -> av.Scenario:
    """400 who all see each other and vote anew at every tick."""
    size = 400
    return av.Scenario(
        population=crowd(size, (np.arange(size) < yes * size).astype(np.uint8)),
        network=av.networks.complete_network(size),
        pack=av.Pack(
            name="voters",
            alternatives=("no", "yes"),
            rules=(av.Rule(name="vote", function=_vote, writes=("choice",), source="B&D 2001"),),
            parameters=("conformity", "lean"),
            variables=(_parameter("conformity", conformity), _parameter("lean", lean)),
        ),
        horizon=20,
        replicates=20,
    )


def rising() -> av.Scenario:
    """A mood that rises by the same step for everybody: nothing is drawn."""
    base = voters(1.0, 0.0)
    mood = av.Level(name="mood", label="mood", unit="1", minimum=0, maximum=1, default=0.2)
    rule = av.Rule(name="rise", function=_rise, writes=("mood",), source="made up")
    return replace(base, pack=replace(base.pack, levels=(mood,), rules=(rule,)), horizon=5)


def checks(found: tuple[av.Finding, ...]) -> set[tuple[str, str]]:
    return {(one.check, one.outcome) for one in found}


def test_a_start_that_is_no_rest_point_is_named() -> None:
    found = av.result_checks(av.simulate_ensemble(voters(1.0, 0.0, yes=0.9)))
    assert checks(found) == {("drift_without_cause", "no"), ("drift_without_cause", "yes")}


def test_a_rest_point_is_not_named() -> None:
    assert av.result_checks(av.simulate_ensemble(voters(1.0, 0.0, yes=EVEN))) == ()


def test_what_moves_by_an_event_has_a_cause() -> None:
    event = av.EventScript(variable="lean", operation="set", value=2.0)
    scenario = voters(1.0, 0.0).branch((event,))
    assert av.result_checks(av.simulate_ensemble(scenario)) == ()


def test_replicates_that_are_all_alike_are_named() -> None:
    found = av.result_checks(av.simulate_ensemble(rising()))
    assert ("zero_width", "mood") in checks(found)
    assert ("drift_without_cause", "mood") in checks(found)
    assert not {one.outcome for one in found} & {"no", "yes"}  # these never move


def test_an_interval_narrower_than_the_survey_behind_it_is_named() -> None:
    run = av.simulate_ensemble(voters(0.1, 0.0))
    assert av.result_checks(run, respondents=100_000) == ()
    found = av.result_checks(run, respondents=30)
    assert checks(found) == {("narrower_than_sampling", "no"), ("narrower_than_sampling", "yes")}


def test_susceptibility_tells_a_tipping_point_from_calm() -> None:
    """By the fixed point p = 1 / (1 + exp(-(h + c (2p - 1)))), differentiated by ln c."""

    def slope(conformity: float, lean: float) -> float:
        ends: list[float] = []
        for factor in (0.9, 1.1):
            share = EVEN
            for _ in range(20):
                pull = lean + factor * conformity * (2.0 * share - 1.0)
                share = 1.0 / (1.0 + np.exp(-pull))
            ends.append(share)
        return (ends[1] - ends[0]) / float(np.log(1.1 / 0.9))

    calm = av.susceptibility(voters(0.5, 0.1), "yes")
    tense = av.susceptibility(voters(2.0, 0.1), "yes")
    assert not calm.near_tipping_point
    assert tense.near_tipping_point
    assert calm.value == pytest.approx(slope(0.5, 0.1), abs=0.05)
    assert tense.value == pytest.approx(slope(2.0, 0.1), abs=0.2)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"parameter": "lean"}, "parameter"),
        ({"parameter": "nothing"}, "parameter"),
        ({"change": 0.0}, "change"),
        ({"outcome": "maybe"}, "name"),
    ],
)
def test_susceptibility_refuses_what_it_cannot_use(
    arguments: dict[str, object], field: str
) -> None:
    given = {"outcome": "yes"} | arguments
    with pytest.raises(RequestError) as refused:
        av.susceptibility(voters(1.0, 0.0), **given)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_few_replicates_have_no_interval_to_check() -> None:
    with pytest.raises(RequestError) as refused:
        av.result_checks(av.simulate(voters(1.0, 0.0)))
    assert refused.value.field == "trajectory"
