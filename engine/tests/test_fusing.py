"""Rules of one's own in a fused kernel: what goes wrong is told, and nothing leaks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import agentverse_engine as av
from agentverse_engine.errors import PackError, RuleError
from agentverse_engine.fusing import fused, kernel_text
from agentverse_engine.reference import simulate_reference

MOOD = av.Level(name="mood", label="mood", unit="1", minimum=0.0, maximum=1.0, default=0.5)


def _rule(function: Callable[..., Any], *writes: str, name: str = "mine") -> av.Rule:
    return av.Rule(name=name, function=function, writes=writes, source="a test")


def _pack(*rules: av.Rule, filters: tuple[av.NeighbourFilter, ...] = ()) -> av.Pack:
    return av.Pack(
        name="moods", alternatives=("no", "yes"), levels=(MOOD,), rules=rules, filters=filters
    )


def _scenario(pack: av.Pack, size: int = 30) -> av.Scenario:
    draw = np.random.default_rng(5)
    population = av.Population(
        segments=("all",),
        regions=("all",),
        segment=np.zeros(size, dtype=np.int16),
        region=np.zeros(size, dtype=np.int16),
        attributes={"mood": draw.random(size)},
        choice=draw.integers(0, 2, size).astype(np.uint8),
    )
    network = av.homophilous_network(
        {"all": population.region}, mean_degree=4, odds_ratios={}, seed=2
    )
    return av.Scenario(population=population, network=network, pack=pack, horizon=4, replicates=3)


def fifth(draw: float) -> int:
    return 5 if draw > 0.5 else 0


def below(draw: float) -> int:
    return -1 if draw > 0.5 else 0


@pytest.mark.parametrize("function", [fifth, below])
def test_a_choice_that_is_no_alternative_is_told(function: Callable[..., Any]) -> None:
    with pytest.raises(RuleError) as caught:
        av.simulate(_scenario(_pack(_rule(function, "choice"))))
    assert caught.value.field == "moods.choice"
    assert "0 to 1" in caught.value.fix


def words(mood: float) -> float:
    return "good" if mood > 0.5 else "bad"  # type: ignore[return-value]


def nothing(mood: float) -> None:
    return None


@pytest.mark.parametrize("function", [words, nothing])
def test_a_rule_that_cannot_be_compiled_is_told(function: Callable[..., Any]) -> None:
    with pytest.raises(RuleError) as caught:
        av.simulate(_scenario(_pack(_rule(function, "mood"))))
    assert caught.value.field == "moods"


def preference(mood: float, utilities: NDArray[np.float64]) -> None:
    utilities[1] += 4.0 * (mood - 0.5)


def pick(utilities: NDArray[np.float64], draw: float) -> int:
    return 1 if utilities[1] + draw > 0.5 else 0


def test_utilities_start_at_zero_for_everybody() -> None:
    scenario = _scenario(
        _pack(_rule(preference, name="preference"), _rule(pick, "choice", name="pick"))
    )
    fast, slow = av.simulate_ensemble(scenario), simulate_reference(scenario)
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    assert 0.2 < fast.shares()[:, -1, 1].mean() < 0.8


def similar(new_mood: float, their_mood: float) -> bool:
    return abs(new_mood - their_mood) < 0.2


def follow(mean_similar_mood: float) -> float:
    return mean_similar_mood


def test_a_filter_that_reads_what_a_tick_makes_is_refused() -> None:
    item = av.NeighbourFilter(name="similar", function=similar, source="a test")
    with pytest.raises(RuleError) as caught:
        kernel_text(_pack(_rule(follow, "mood"), filters=(item,)))
    assert caught.value.field == "moods.similar"


def unknown(weather: float) -> float:
    return weather


def several(*moods: float) -> float:
    return sum(moods)


def test_a_rule_that_reads_what_is_not_there_is_told_what_there_is() -> None:
    with pytest.raises(RuleError) as caught:
        kernel_text(_pack(_rule(unknown, "mood")))
    assert caught.value.field == "moods.mine"
    assert "mean_mood" in caught.value.fix
    with pytest.raises(RuleError):
        kernel_text(_pack(_rule(several, "mood")))


def half(mood: float) -> float:
    return mood / 2


def third(mood: float) -> float:
    return mood / 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rules": ()}, "moods"),
        ({"rules": (_rule(half, "weather"),)}, "moods.mine"),
        ({"rules": (_rule(half, "mood"), _rule(third, "mood"))}, "moods"),
        ({"parameters": ("mood",)}, "moods"),
        ({"alternatives": ()}, "moods"),
        (
            {"rules": (_rule(half, "mood"), replace(_rule(third, name="gate"), gate=True))},
            "moods.gate",
        ),
    ],
)
def test_a_pack_that_contradicts_itself_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(PackError) as caught:
        replace(_pack(_rule(half, "mood")), **changes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "changes", [{"minimum": 2.0}, {"default": float("nan")}, {"per_unit": 0}, {"per_unit": 2**40}]
)
def test_a_level_that_cannot_be_stored_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(PackError):
        replace(MOOD, **changes)


def test_packs_with_the_same_code_share_a_kernel_and_others_do_not() -> None:
    one = _pack(_rule(half, "mood"))
    same = replace(one, name="others", alternatives=("never", "ever", "always"))
    assert fused(one) is fused(same)
    assert fused(one) is not fused(_pack(_rule(third, "mood")))


def test_a_rule_of_other_code_makes_another_scenario() -> None:
    one, other = (_scenario(_pack(_rule(function, "mood"))) for function in (half, third))
    assert one.digest != other.digest
    assert av.simulate(one).digest != av.simulate(other).digest
