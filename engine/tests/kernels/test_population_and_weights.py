"""Rules that read the whole population, and weights of edges: the same bits as the reference."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from societies.moods import mood_scenario

import agentverse_engine as av
from agentverse_engine.errors import NetworkError, RuleError
from agentverse_engine.reference import simulate_reference
from agentverse_engine.scaling import PartitionedLocal


def priced(
    mood: float,
    population_share_yes: float,
    population_mean_mood: float,
    population_count_no: int,
    pull: float,
) -> float:
    """A price that rises with the demand of everybody, as they were a tick ago."""
    scarce = 0.1 * population_share_yes + 0.001 * population_count_no
    return mood + pull * (population_mean_mood - mood) - scarce * 0.1


def followed(
    new_mood: float, weighted_mean_mood: float, weighted_share_yes: float, fine_draw: float
) -> int:
    return int(new_mood + weighted_mean_mood + weighted_share_yes + fine_draw > 1.6)


def _follow(weighted_mean_mood: float) -> float:
    return weighted_mean_mood


def _happier(their_mood: float, new_mood: float) -> bool:
    return their_mood < new_mood


def _count(count_near: int) -> int:
    return count_near


def scenario(weights: Any = "drawn") -> av.Scenario:
    base = mood_scenario(90, horizon=6, replicates=5)
    rules = (
        av.Rule(name="priced", function=priced, writes=("mood",), source="made up"),
        av.Rule(name="followed", function=followed, writes=("choice",), source="made up"),
    )
    edges = base.network.indices.size
    if isinstance(weights, str):
        weights = np.random.default_rng(2).gamma(0.5, size=edges)
    network = av.Network(indptr=base.network.indptr, indices=base.network.indices, weights=weights)
    return replace(base, pack=replace(base.pack, rules=rules), network=network)


def test_population_and_weights_are_read_as_the_reference_reads_them() -> None:
    run = av.simulate_ensemble(scenario())
    reference = simulate_reference(scenario())
    np.testing.assert_array_equal(run.tick_digests, reference.tick_digests)
    assert len(np.unique(run.tick_digests)) == 5 * 6 + 1


@pytest.mark.parametrize("partitions", [2, 3])
def test_partitions_read_the_whole_population(partitions: int) -> None:
    whole = av.simulate_ensemble(scenario())
    cut = av.simulate_ensemble(scenario(), executor=PartitionedLocal(partitions=partitions))
    assert cut.digest == whole.digest


def test_weights_alike_are_no_weights() -> None:
    plain = av.simulate_ensemble(scenario(None))
    edges = scenario().network.indices.size
    assert av.simulate_ensemble(scenario(np.full(edges, 7.5))).digest == plain.digest
    assert av.simulate_ensemble(scenario()).digest != plain.digest


def test_weighted_mean_is_the_mean_by_weight() -> None:
    """One persona with two neighbours of moods 0 and 1, who count 1 to 3."""
    mood = np.array([0.5, 0.0, 1.0])
    network = av.network_from_edges(3, [[0, 1], [2, 0]], weights=[1.0, 3.0])
    rule = av.Rule(name="follow", function=_follow, writes=("mood",), source="arithmetic")
    base = mood_scenario()
    zeros: NDArray[np.int16] = np.zeros(3, dtype=np.int16)
    small = av.Scenario(
        population=av.Population(
            segments=("all",),
            regions=("all",),
            segment=zeros,
            region=zeros,
            attributes={"mood": mood},
            choice=zeros.astype(np.uint8),
        ),
        network=network,
        pack=replace(base.pack, rules=(rule,)),
        horizon=1,
    )
    run = av.simulate(small)
    total = float(run.level_means("mood")[0, 1]) * 3
    assert total == pytest.approx(0.75 + 0.5 + 0.5, abs=2e-5)  # weights to a 65,535th


def test_weights_are_part_of_the_digest_and_absent_ones_are_not() -> None:
    base = mood_scenario().network
    plain = av.Network(indptr=base.indptr, indices=base.indices)
    weighted = av.Network(
        indptr=base.indptr, indices=base.indices, weights=np.ones(base.indices.size)
    )
    assert plain.digest == base.digest
    assert weighted.digest != base.digest


@pytest.mark.parametrize(
    "weights", [[1.0, -0.5], [1.0, float("nan")], [1.0, float("inf")], [1.0], [1.0, "much"]]
)
def test_unusable_weights_are_refused(weights: Any) -> None:
    with pytest.raises(NetworkError) as refused:
        av.network_from_edges(3, [[0, 1], [1, 2]], weights=weights)
    assert refused.value.field == "weights"


def test_a_filter_does_not_read_what_rules_make() -> None:
    base = scenario()
    wrong = av.NeighbourFilter(name="near", function=_happier, source="?")
    reading = av.Rule(name="count", function=_count, writes=("mood",), source="?")
    pack = replace(base.pack, rules=(reading,), filters=(wrong,))
    with pytest.raises(RuleError):
        av.simulate(replace(base, pack=pack))
