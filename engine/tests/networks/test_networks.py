"""Networks: simple graphs, the degree asked for, homophily as asked, and honest reports."""

import numpy as np
import pytest
from numpy.typing import NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.networks import (
    Network,
    homophilous_network,
    network_from_edges,
    report,
)

ROWS = np.arange(20_000)
GROUPS = {"region": ROWS % 4, "income": ROWS // 4 % 3}


def _edges(network: Network) -> NDArray[np.int64]:
    rows = np.repeat(np.arange(len(network)), network.degrees())
    return np.stack([rows, network.indices], axis=1).astype(np.int64)


@pytest.fixture(scope="module")
def network() -> Network:
    return homophilous_network(
        GROUPS, mean_degree=10, odds_ratios={"region": 6.0, "income": 3.0}, seed=5
    )


def test_network_has_the_mean_degree_asked_for(network: Network) -> None:
    assert network.degrees().mean() == pytest.approx(10, rel=0.01)


def test_network_is_simple_and_undirected(network: Network) -> None:
    edges = _edges(network)
    assert (edges[:, 0] != edges[:, 1]).all()
    there = edges[:, 0] * len(network) + edges[:, 1]
    back = edges[:, 1] * len(network) + edges[:, 0]
    assert np.unique(there).size == there.size
    np.testing.assert_array_equal(np.sort(there), np.sort(back))


def test_network_has_the_odds_ratios_asked_for(network: Network) -> None:
    """100,000 links: the log-odds' standard error is below 0.02, five of them are 10 %."""
    measured = {mixing.group: mixing for mixing in report(network, GROUPS).mixing}
    assert measured["region"].odds_ratio == pytest.approx(6.0, rel=0.1)
    assert measured["income"].odds_ratio == pytest.approx(3.0, rel=0.1)
    assert measured["region"].assortativity > 0.5


def test_network_without_homophily_is_not_sorted() -> None:
    """Newman's coefficient has a standard error near 0.003 here; five of them are 0.015."""
    plain = homophilous_network(GROUPS, mean_degree=10, odds_ratios={}, seed=6)
    assert abs(report(plain, GROUPS).mixing[0].assortativity) < 0.015


def test_degrees_are_spread_as_by_chance(network: Network) -> None:
    """A random graph's degrees are Poisson: variance = mean; 6 % is over five standard errors."""
    assert network.degrees().var() == pytest.approx(10, rel=0.06)


def test_same_seed_gives_the_same_network_and_another_does_not(network: Network) -> None:
    ratios = {"region": 6.0, "income": 3.0}
    again = homophilous_network(GROUPS, mean_degree=10, odds_ratios=ratios, seed=5)
    other = homophilous_network(GROUPS, mean_degree=10, odds_ratios=ratios, seed=6)
    assert again.digest == network.digest
    assert other.digest != network.digest


@pytest.mark.parametrize("size", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_small_and_crowded_networks_have_every_link_asked_for(size: int, share: float) -> None:
    groups = {"region": np.arange(size) % 3, "income": np.arange(size) % 2}
    degree = share * (size - 1)
    drawn = homophilous_network(
        groups, mean_degree=degree, odds_ratios={"region": 8, "income": 0.2}, seed=2
    )
    assert drawn.indices.size == 2 * round(size * degree / 2)


def test_every_pair_inside_a_crowded_block_is_equally_likely() -> None:
    """Ranks of 6 pairs, 3 kept, 1000 draws: each 0.5 ± five standard errors of 0.016."""
    counts = np.zeros((4, 4))
    for seed in range(1000):
        drawn = homophilous_network(
            {"g": np.zeros(4, int)}, mean_degree=1.5, odds_ratios={}, seed=seed
        )
        edges = _edges(drawn)
        counts[edges[:, 0], edges[:, 1]] += 1
    share = counts[np.triu_indices(4, 1)] / 1000
    assert np.abs(share - 0.5).max() < 0.08


def test_report_of_a_known_graph_is_exact() -> None:
    drawn = network_from_edges(6, [[0, 1], [1, 2], [2, 0], [2, 3]])
    found = report(drawn, {"g": np.array([0, 0, 0, 1, 1, 1])})
    assert (found.links, found.max_degree, found.degree_counts) == (4, 3, (2, 1, 2, 1))
    assert found.isolated_share == pytest.approx(2 / 6)
    assert found.clustering == pytest.approx(3 * 1 / 5)  # 3 x triangles / connected triples
    assert found.mixing[0].same_share == pytest.approx(3 / 4)
    assert found.mixing[0].expected_same_share == pytest.approx((7 / 8) ** 2 + (1 / 8) ** 2)
    assert found.mixing[0].odds_ratio == pytest.approx((3 / 3) / (1 / 8))


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([[0, 0]], "itself"),
        ([[0, 1], [1, 0]], "twice"),
        ([[0, 3]], "outside"),
        ([[-1, 0]], "outside"),
    ],
)
def test_edges_that_make_no_simple_graph_are_refused(edges: list[list[int]], words: str) -> None:
    with pytest.raises(NetworkError, match=words) as caught:
        network_from_edges(3, edges)
    assert caught.value.field == "edges"


@pytest.mark.parametrize(
    ("indptr", "indices", "words"),
    [
        ([0, 1, 1], [0], "own neighbour"),
        ([0, 2, 2, 2], [1, 1], "twice"),
        ([0, 2, 2, 2], [2, 1], "unsorted"),
        ([0, 1, 1], [2], "outside"),
        ([0, 2, 1], [1], "decreases"),
        ([0, 1], [], "does not start"),
    ],
)
def test_arrays_that_are_no_csr_are_refused(
    indptr: list[int], indices: list[int], words: str
) -> None:
    with pytest.raises(NetworkError, match=words):
        Network(indptr=np.array(indptr, dtype=np.int64), indices=np.array(indices, dtype=np.int32))


@pytest.mark.parametrize(
    ("degree", "ratios", "field"),
    [
        (20.0, {}, "mean_degree"),
        (-1.0, {}, "mean_degree"),
        (float("nan"), {}, "mean_degree"),
        (2.0, {"age": 2.0}, "odds_ratios"),
        (2.0, {"g": 0.0}, "odds_ratios"),
    ],
)
def test_networks_that_cannot_be_drawn_are_refused(
    degree: float, ratios: dict[str, float], field: str
) -> None:
    with pytest.raises(NetworkError) as caught:
        homophilous_network(
            {"g": np.zeros(10, dtype=int)}, mean_degree=degree, odds_ratios=ratios, seed=1
        )
    assert caught.value.field == field


def test_network_shows_the_mean_degree_and_not_each_link_twice() -> None:
    assert "4 personas, mean degree 1.5," in repr(network_from_edges(4, [[0, 1], [1, 2], [2, 3]]))
    assert "0 personas, mean degree 0.0," in repr(network_from_edges(0, []))
