"""Rules of a user's own: what a newcomer writes by mistake is refused, in words, by its field."""

import functools
import math
from typing import Any

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.errors import EngineError, PackError, RuleError
from agentverse_engine.reference import simulate_reference

MOOD = av.Level(name="mood", label="mood", unit="", minimum=-9, maximum=9, default=1)


def _scenario(function: Any, *, writes: Any = ("mood",)) -> av.Scenario:
    first: Any = np.zeros(4, dtype=np.uint8)
    rule = av.Rule(name="moves", function=function, writes=writes, source="made up")
    return av.Scenario(
        population=av.Population(
            segments=("s",),
            regions=("r",),
            segment=first,
            region=first,
            attributes={"mood": np.arange(4.0)},
            choice=first,
        ),
        network=av.networks.complete_network(4),
        pack=av.Pack(
            name="moods",
            alternatives=("calm", "cross"),
            levels=(MOOD,),
            rules=(rule,),
        ),
        horizon=2,
        replicates=1,
    )


def stays(mood: float) -> float:
    return mood


def falls_silent(mood: float) -> float | None:
    if mood < 2:
        return mood
    return None


def gives_up(mood: float) -> float:
    if mood > 2:
        raise ValueError
    return mood


def bursts(mood: float) -> float:
    return math.inf if mood > 0 else -math.inf


@pytest.mark.parametrize("function", [falls_silent, gives_up])
def test_rule_that_fails_for_somebody_is_named_with_the_tick(function: Any) -> None:
    with pytest.raises(RuleError, match="at tick 1") as refused:
        av.simulate(_scenario(function))
    assert refused.value.field == "moods"


def test_infinity_is_kept_within_the_bounds_by_the_reference_as_well() -> None:
    scenario = _scenario(bursts)

    run = av.simulate(scenario)

    assert run.level_means("mood")[0, 1] == (3 * 9 - 9) / 4
    assert (simulate_reference(scenario).tick_digests == run.tick_digests).all()


@pytest.mark.parametrize(
    ("call", "error", "field"),
    [
        (lambda: _scenario(functools.partial(stays)), RuleError, "moves.function"),
        (lambda: _scenario(abs), RuleError, "moves.function"),
        (lambda: _scenario(None), RuleError, "moves.function"),
        (lambda: _scenario(stays, writes="mood"), RuleError, "moves.writes"),
        (lambda: _scenario(stays, writes=("mood", "mood")), RuleError, "moves.writes"),
        (lambda: _scenario(stays, writes=()), PackError, "moods.moves"),
        (lambda: av.Rule(name=3, function=stays, source="?"), RuleError, "rule '3'"),  # type: ignore[arg-type]
        (
            lambda: av.Rule(name="a", function=stays, source="?", purpose=2**31 + 0.5),  # type: ignore[arg-type]
            RuleError,
            "a.purpose",
        ),
        (
            lambda: av.NeighbourFilter(name="near", function=None, source="?"),  # type: ignore[arg-type]
            RuleError,
            "near.function",
        ),
    ],
)
def test_rule_that_cannot_mean_what_it_says_is_refused(
    call: Any, error: type[EngineError], field: str
) -> None:
    with pytest.raises(error) as refused:
        call()
    assert refused.value.field == field
