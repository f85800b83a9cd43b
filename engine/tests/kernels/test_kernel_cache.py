"""Rules of one's own in a fused kernel: what goes wrong is told, and nothing leaks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import agentverse_engine as av
from agentverse_engine.errors import PackError, RuleError
from agentverse_engine.kernels.codegen import kernel_text
from agentverse_engine.kernels.kernel_cache import fused
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
    return av.Scenario(
        population=population,
        network=network,
        pack=pack,
        horizon=4,
        replicates=3,
        allow=("isolated_personas",),
    )


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


def broken(mood: float) -> float:
    return (mood + 1.0) * 1e308 * 10.0 * 0.0 if mood > 0.75 else mood


@pytest.mark.parametrize(("threads", "partitions"), [(1, 1), (2, 1), (2, 4), (4, 3)])
def test_the_first_persona_without_a_number_is_told_however_a_run_is_cut(
    threads: int, partitions: int
) -> None:
    scenario = _scenario(_pack(_rule(broken, "mood")), size=40_000)
    moods = np.full(40_000, 0.5)
    moods[[38_000, 17_123, 17_500, 30_001]] = 1.0
    population = replace(scenario.population, attributes={"mood": moods})
    with pytest.raises(RuleError, match=r"row 17123 at tick 1, replicate 0") as caught:
        av.simulate_ensemble(
            replace(scenario, population=population), threads=threads, partitions=partitions
        )
    assert caught.value.field == "moods.mood"


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
        ({"rules": (replace(_rule(third, name="gate"), gate=True, social=True),)}, "moods.gate"),
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


def half_yes(share_yes: float) -> bool:
    return share_yes >= 0.5


def happy_around(mean_mood: float) -> bool:
    return mean_mood > 0.5


def sees_yes(peer_choice: int) -> bool:
    return peer_choice == 1


def meets(met: bool) -> bool:
    return met


def near(mood: float, their_mood: float) -> bool:
    return abs(mood - their_mood) < 0.3


def among_alike(count_near: int) -> bool:
    return count_near > 0


def turn(choice: int, mean_near_mood: float, share_yes: float) -> int:
    return 1 - choice if mean_near_mood > 0.2 else choice


@pytest.mark.parametrize("gate", [half_yes, happy_around, sees_yes, meets, among_alike])
def test_a_gate_may_look_at_others(gate: Callable[..., Any]) -> None:
    pack = _pack(
        replace(_rule(gate, name="gate"), gate=True),
        _rule(half, "mood"),
        _rule(turn, "choice", name="turn"),
        filters=(av.NeighbourFilter(name="near", function=near, source="a test"),),
    )
    scenario = _scenario(pack)
    fast, slow = av.simulate_ensemble(scenario), simulate_reference(scenario)
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    np.testing.assert_array_equal(fast.flows, slow.flows)
    acting = fast.flows[:, 1].sum(axis=(1, 2, 3))
    assert 0 < acting.min() <= acting.max() < 30


def uncertain(draw: float) -> float:
    return draw


def twice(draw_2: float, fine_draw: float, fine_draw_2: float) -> float:
    return 0.5 + 0.25 * (draw_2 - fine_draw_2) + 0.25 * (draw_2 - fine_draw)


def test_rules_of_other_purposes_draw_other_numbers() -> None:
    for purpose in (2**31 + 77, 2**31 + 78):  # the second would meet the kernel of the first
        pack = _pack(replace(_rule(uncertain, "mood"), purpose=purpose))
        fast, slow = av.simulate_ensemble(_scenario(pack)), simulate_reference(_scenario(pack))
        np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)


def test_draws_of_one_rule_share_no_numbers() -> None:
    scenario = _scenario(_pack(_rule(twice, "mood")))
    fast, slow = av.simulate_ensemble(scenario), simulate_reference(scenario)
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    text = kernel_text(scenario.pack)
    purposes = [word.split(")")[0] for word in text.split("philox(identity, tick, np.uint64(")[1:]]
    assert len(purposes) == len(set(purposes)) == 3


def theirs(their_mood: float) -> float:
    return their_mood


def longing(utilities: NDArray[np.float64]) -> bool:
    return utilities[0] > 0.0


def test_a_rule_that_reads_what_it_cannot_know_is_refused() -> None:
    for rule in (_rule(theirs, "mood"), replace(_rule(longing), gate=True)):
        with pytest.raises(RuleError) as caught:
            kernel_text(_pack(rule))
        assert caught.value.field == "moods.mine"


def at(tick: int) -> float:
    return tick / 10


def test_a_name_that_means_two_things_is_refused_where_it_is_read() -> None:
    hidden = av.parameter("tick", label="tick", default=0.3, bounds=(0, 1), source="a test")
    pack = replace(_pack(_rule(at, "mood")), parameters=("tick",), variables=(hidden,))
    with pytest.raises(RuleError) as caught:
        kernel_text(pack)
    assert caught.value.field == "moods.mine"


@pytest.mark.parametrize("purpose", [1, 0x100, 0x101, 2**32, -1])
def test_a_purpose_of_the_engines_own_draws_is_refused(purpose: int) -> None:
    with pytest.raises(RuleError) as caught:
        replace(_rule(half, "mood"), purpose=purpose)
    assert caught.value.field == "mine.purpose"
