"""A run cut by personas: each partition holds its own part, and the bits are those of the whole."""

from dataclasses import replace

import numpy as np
import pytest
from societies.crowd import crowd
from societies.matrix import FAMILIES
from societies.moods import MADE_UP, mood_scenario
from societies.opinion import VOTERS

import agentverse_engine as av
from agentverse_engine import packs
from agentverse_engine.errors import RuleError
from agentverse_engine.execution.preparing import Prepared, RunOptions, prepare
from agentverse_engine.kernels.argument_binding import meets
from agentverse_engine.packs.influence import InfluenceName
from agentverse_engine.scaling import PartitionedLocal, ThreadExecutor
from agentverse_engine.scaling.shards import Shard, shards

SEEDS = 14  # of each family: every pack of it


def cut(scenario: av.Scenario, partitions: int) -> tuple[Prepared, list[Shard]]:
    prepared = prepare(scenario, RunOptions())
    return prepared, list(shards(prepared, partitions))


def edges_of(shard: Shard, row: int) -> list[int]:
    """Return the neighbours of one of its rows, as rows of the scenario."""
    indptr, indices = shard.people[-3:-1]
    return shard.rows[indices[indptr[row] : indptr[row + 1]]].tolist()


def on_a_ring(size: int, pack: av.Pack) -> av.Scenario:
    """Return personas on a ring, each of whom knows the two next on either side."""
    rows = np.arange(size)
    near = np.concatenate([np.stack([rows, (rows + step) % size], axis=1) for step in (1, 2)])
    people = crowd(size)
    return av.Scenario(
        population=packs.completed(people, pack, seed=1),
        network=av.network_from_edges(size, near),
        pack=pack,
    )


# ---- what a shard holds --------------------------------------------------------------------------


@pytest.mark.parametrize("partitions", [1, 2, 3, 7, 130])
def test_own_rows_of_all_shards_are_all_rows(partitions: int) -> None:
    prepared, found = cut(mood_scenario(), partitions)
    ids, groups, _, matrix, _, choice, levels, *_ = prepared.kernel_inputs.people
    own = [(shard.people, len(shard)) for shard in found]
    assert [shard.first for shard in found[1:]] == [shard.last for shard in found[:-1]]
    np.testing.assert_array_equal(np.concatenate([one[0][:size] for one, size in own]), ids)
    np.testing.assert_array_equal(np.concatenate([one[1] for one, _ in own]), groups)
    np.testing.assert_array_equal(np.concatenate([one[3] for one, _ in own]), matrix)
    np.testing.assert_array_equal(np.concatenate([one[5] for one, _ in own]), choice)
    np.testing.assert_array_equal(np.concatenate([one[6] for one, _ in own], axis=1), levels)


def test_rows_keep_their_neighbours_in_order_and_the_halo_holds_those_of_others() -> None:
    scenario = mood_scenario()
    network = scenario.network
    _, found = cut(scenario, 3)
    for shard in found:
        read: set[int] = set()
        for row in range(len(shard)):
            here = slice(*network.indptr[shard.first + row : shard.first + row + 2])
            assert edges_of(shard, row) == network.indices[here].tolist()
            read |= set(edges_of(shard, row))
        assert shard.halo.tolist() == sorted(read - set(range(shard.first, shard.last)))


def test_listeners_are_told_of_their_halo() -> None:
    _, found = cut(mood_scenario(), 3)
    for place, listening in enumerate(found):
        received = [
            (receiver.first, shard.first + receiver.rows)
            for shard in found
            for receiver in [shard.receivers[place]]
        ]
        np.testing.assert_array_equal(
            np.concatenate([rows for _, rows in received]), listening.halo
        )
        for first, rows in received:
            np.testing.assert_array_equal(listening.rows[first : first + rows.size], rows)


def test_where_personas_meet_the_halo_has_its_edges() -> None:
    scenario = on_a_ring(40, packs.opinion("pairwise"))
    assert meets(scenario.pack)
    _, (shard, *_) = cut(scenario, 4)
    indptr, indices = shard.people[-3:-1]
    assert shard.halo.tolist() == [10, 11, 38, 39]
    assert indptr.size - 1 == 10 + 4
    ids = shard.people[0]
    assert ids[indices[indptr[10] : indptr[11]]].tolist() == [8, 9, 11, 12]
    assert sorted(ids.tolist()) == [*range(14), *range(36, 40)]


def test_where_peers_are_drawn_neighbours_go_by_their_ids() -> None:
    scenario = on_a_ring(40, VOTERS)
    turned = replace(
        scenario.population,
        ids=np.arange(40, dtype=np.uint32)[::-1],
        choice=(np.arange(40) % 2).astype(np.uint8),
    )
    scenario = replace(scenario, population=turned, horizon=6)
    _, (_, second, *_) = cut(scenario, 4)
    assert edges_of(second, 0) == [12, 11, 9, 8]
    run = av.simulate_ensemble(scenario, executor=PartitionedLocal(partitions=4))
    assert run.digest == av.simulate_ensemble(scenario).digest


@pytest.mark.parametrize("influence", ["degroot", "pairwise"])
def test_four_shards_hold_a_quarter_each_and_a_little(influence: InfluenceName) -> None:
    scenario = on_a_ring(4000, packs.opinion(influence))
    prepared, found = cut(scenario, 4)
    whole = sum(array.nbytes for array in prepared.kernel_inputs.people)
    for shard in found:
        assert 0.25 * whole < shard.nbytes < 0.35 * whole
        assert shard.rows.size < 0.26 * len(scenario.population)


# ---- the same bits -------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_partitions_give_the_digest_of_threads_in_every_pack(family: str) -> None:
    for seed in range(SEEDS):
        scenario = FAMILIES[family](seed)
        expected = av.simulate_ensemble(scenario).digest
        for partitions in (1, 2, 3, 4):
            executor = PartitionedLocal(partitions=partitions)
            run = av.simulate_ensemble(scenario, executor=executor)
            assert run.digest == expected, (seed, partitions)


def test_packs_of_these_scenarios_include_pairs_that_meet() -> None:
    assert sum(meets(FAMILIES["opinion"](seed).pack) for seed in range(SEEDS)) >= 2


def test_fault_names_the_row_of_the_scenario() -> None:
    scenario = mood_scenario()
    moods = scenario.population.attributes["mood"]
    limit = float(np.sort(moods)[-3:-1].mean())  # above it are two personas
    first, second = np.flatnonzero(moods > limit).tolist()
    assert 0 < first < second

    def spoilt(mood: float, start_mood: float) -> float:
        return (mood + 1.0) * 1e308 * 10.0 * 0.0 if start_mood > limit else mood

    rule = av.Rule(name="spoilt", function=spoilt, writes=("mood",), source=MADE_UP)
    pack = replace(scenario.pack, rules=(rule, scenario.pack.rules[1]))
    for executor in (ThreadExecutor(), PartitionedLocal(partitions=len(moods))):
        with pytest.raises(RuleError, match=f"row {first} at tick 1"):
            av.simulate_ensemble(replace(scenario, pack=pack), executor=executor)
