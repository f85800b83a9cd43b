"""Reports of networks: degree assortativity beside clustering, against published values."""

import numpy as np
import pytest

from agentverse_engine.errors import NetworkError
from agentverse_engine.networks import (
    chung_lu_network,
    lattice,
    network_from_edges,
    report,
    stochastic_block_network,
)

# Each member's friends with a smaller number.
KARATE_CLUB = {
    1: [0], 2: [0, 1], 3: [0, 1, 2], 4: [0], 5: [0], 6: [0, 4, 5], 7: [0, 1, 2, 3], 8: [0, 2],
    9: [2], 10: [0, 4, 5], 11: [0], 12: [0, 3], 13: [0, 1, 2, 3], 16: [5, 6], 17: [0, 1],
    19: [0, 1], 21: [0, 1], 25: [23, 24], 27: [2, 23, 24], 28: [2], 29: [23, 26], 30: [1, 8],
    31: [0, 24, 25, 28], 32: [2, 8, 14, 15, 18, 20, 22, 23, 29, 30, 31],
    33: [8, 9, 13, 14, 15, 18, 19, 20, 22, 23, 26, 27, 28, 29, 30, 31, 32],
}  # fmt: skip


def test_report_of_known_graphs_has_their_assortativity() -> None:
    """By hand: a path of four has r = -1/2, a star -1, and equal degrees have none."""
    path = network_from_edges(4, [[0, 1], [1, 2], [2, 3]])
    star = network_from_edges(5, [[0, k] for k in range(1, 5)])
    assert report(path, {}).degree_assortativity == pytest.approx(-0.5)
    assert report(star, {}).degree_assortativity == pytest.approx(-1)
    for even in (lattice(4, 4), network_from_edges(3, [])):
        assert np.isnan(report(even, {}).degree_assortativity)


def test_report_of_the_karate_club_is_the_published_one() -> None:
    """Zachary 1977: 78 links; clustering 0.2557 and assortativity -0.4756 as tabulated since."""
    older = [(k, member) for member, friends in KARATE_CLUB.items() for k in friends]
    found = report(network_from_edges(34, older), {})
    assert found.links == 78
    assert found.clustering == pytest.approx(0.2557, abs=5e-5)
    assert found.degree_assortativity == pytest.approx(-0.4756, abs=5e-5)


def test_report_is_the_correlation_of_both_ends() -> None:
    drawn = chung_lu_network(1 + np.arange(2000) % 40, seed=3)
    degrees = drawn.degrees()
    here = np.repeat(degrees, degrees)
    expected = np.corrcoef(here, degrees[drawn.indices])[0, 1]
    assert report(drawn, {}).degree_assortativity == pytest.approx(expected, abs=1e-12)


def test_report_of_random_graphs_is_unassorted() -> None:
    """Newman 2002: r = 0 for a random graph; 150,000 links: five standard errors are 0.013."""
    plain = stochastic_block_network(
        np.zeros(30_000, dtype=int), mixing=[[1]], mean_degree=10, seed=5
    )
    assert abs(report(plain, {}).degree_assortativity) < 5 * 0.0026


def test_report_of_nobody_is_refused() -> None:
    with pytest.raises(NetworkError) as caught:
        report(network_from_edges(0, []), {})
    assert caught.value.field == "network"
