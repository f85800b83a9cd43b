"""Network models: published properties, exact chances of pairs, same bits everywhere, bad input.

"Five standard errors" means a false alarm in 1.7 million independent draws per comparison; seeds
are fixed, so a test that passes once passes always.
"""

import itertools
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentverse_engine.networks import (
    Network,
    chung_lu_network,
    complete_network,
    lattice,
    layered_network,
    network_from_edges,
    preferential_attachment,
    report,
    small_world,
    stochastic_block_network,
)

FIVE_ERRORS = 5.0
ROWS = np.arange(30_000)
MIXING = np.array([[6.0, 1.0, 0.5], [1.0, 4.0, 2.0], [0.5, 2.0, 8.0]])
GROUP = np.repeat([0, 1, 2], [15_000, 9_000, 6_000])
WEIGHTS = np.array([0.5, 1.0, 4.0])[ROWS % 3]

MODELS: dict[str, tuple[str, str]] = {
    "small_world": (
        "small_world(500, degree=6, rewiring=0.2, seed=3)",
        "743f7ed500d837a6dccbe6aecdcf70b80274aec9380b9e3f35014dbab7b9cc83",
    ),
    "preferential_attachment": (
        "preferential_attachment(500, links_per_persona=3, seed=3)",
        "0d8f61464dc3bbdfe9a58b9705e5c8b83f083a4cd0e0ec64af783ad49e72578f",
    ),
    "stochastic_block": (
        "stochastic_block_network(np.arange(500) % 2, mixing=[[3, 1], [1, 2]],"
        " mean_degree=6, seed=3)",
        "e36409da172db7b681c0d4474d71b5fcc759ebdb0e956db920e3bfb323c4804e",
    ),
    "degree_corrected": (
        "stochastic_block_network(np.arange(500) % 2, mixing=[[3, 1], [1, 2]],"
        " mean_degree=6, seed=3, weights=1 + np.arange(500) % 7)",
        "1fa0b38a0dbdecc77572ebf46c75d97681282bc9750b520236f1eeeee43485d6",
    ),
    "chung_lu": (
        "chung_lu_network(1 + np.arange(500) % 13, seed=3)",
        "7106769d312c44cafd1b3e5f14c541a9011caafa96d0bd807fc0d0508efed48d",
    ),
    "lattice": (
        "lattice(20, 25, neighbourhood='moore')",
        "dc0d8b2792936659d40053e2699f9175c65c4ff95f4ac15777e3a10e12c031db",
    ),
    "complete": (
        "complete_network(40)",
        "e8d511a814f7f21b073e600175f1bc4294e99786c105e54fdb301711f91d394b",
    ),
    "layered": (
        "layered_network({'home': lattice(10, 10),"
        " 'work': small_world(100, degree=4, rewiring=1, seed=3)})",
        "6f5b1e8cae0a3bb89f24b74163a1930a9a4c639a534bc98fc0681488e0ab8d75",
    ),
}


def _pairs(network: Network) -> NDArray[np.int64]:
    """Return int64[E, 2], each link once, the smaller persona first."""
    rows = np.repeat(np.arange(len(network)), network.degrees())
    both = np.stack([rows, network.indices], axis=1).astype(np.int64)
    return both[both[:, 0] < both[:, 1]]


def _is_undirected(network: Network) -> bool:
    rows = np.repeat(np.arange(len(network)), network.degrees())
    there = rows * len(network) + network.indices
    back = network.indices * np.int64(len(network)) + rows
    return bool((there == np.sort(back)).all())


def _link_counts(network: Network, group: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """Return int64[groups, groups], links between the groups, each in the upper triangle."""
    ends = np.sort(group[_pairs(network)], axis=1)
    cells = ends[:, 0] * groups + ends[:, 1]
    return np.bincount(cells, minlength=groups**2).reshape(groups, groups)


def _chances_by_frequency(draw: Callable[[int], Network], draws: int) -> NDArray[np.float64]:
    """Return float64[n, n], in which share of the draws each pair was linked (upper triangle)."""
    size = len(draw(0))
    counts = np.zeros((size, size))
    for seed in range(draws):
        pairs = _pairs(draw(seed))
        counts[pairs[:, 0], pairs[:, 1]] += 1
    return counts / draws


# Small world


@pytest.mark.parametrize("degree", [4, 6, 10])
def test_small_world_without_rewiring_has_the_rings_degrees_and_clustering(degree: int) -> None:
    """Watts & Strogatz 1998, Barrat & Weigt 2000: C(0) = 3 (k - 2) / (4 (k - 1)), exactly."""
    ring = small_world(1000, degree=degree, rewiring=0, seed=1)
    assert (ring.degrees() == degree).all()
    expected = 3 * (degree - 2) / (4 * (degree - 1))
    assert report(ring, {}).clustering == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("rewiring", [0.01, 0.3, 1.0])
def test_small_world_keeps_the_number_of_links_and_half_of_everyones(rewiring: float) -> None:
    drawn = small_world(2001, degree=8, rewiring=rewiring, seed=2)
    assert drawn.indices.size == 2001 * 8
    assert drawn.degrees().min() >= 4


def test_small_world_moves_the_share_of_links_asked_for() -> None:
    """90,000 links moved with probability 0.2: five standard errors of sqrt(n p q) are 600."""
    ring = _pairs(small_world(30_000, degree=6, rewiring=0, seed=4))
    drawn = _pairs(small_world(30_000, degree=6, rewiring=0.2, seed=4))
    kept = np.intersect1d(ring @ [30_000, 1], drawn @ [30_000, 1]).size
    assert abs((90_000 - kept) - 18_000) < FIVE_ERRORS * np.sqrt(90_000 * 0.2 * 0.8)


def test_small_world_clustering_falls_as_published() -> None:
    """Barrat & Weigt 2000: C(p) = C(0) (1 - p)**3 per k (k - 1) pairs of neighbours, of which
    spread-out degrees add (k/2) p (2 - p). Over seeds the standard error is 0.0019 here."""
    drawn = small_world(20_000, degree=10, rewiring=0.1, seed=5)
    expected = 2 / 3 * 0.9**3 * 90 / (90 + 5 * 0.1 * 1.9)
    assert report(drawn, {}).clustering == pytest.approx(expected, abs=FIVE_ERRORS * 0.0019)


@pytest.mark.parametrize("rewiring", [0.2, 1.0])
def test_small_world_degrees_spread_as_published(rewiring: float) -> None:
    """Barrat & Weigt 2000: variance (k/2) p (2 - p); its relative error is about sqrt(2/n)."""
    degrees = small_world(30_000, degree=10, rewiring=rewiring, seed=6).degrees()
    expected = 5 * rewiring * (2 - rewiring)
    assert degrees.var() == pytest.approx(expected, rel=FIVE_ERRORS * 1.2 * np.sqrt(2 / 30_000))


def test_small_world_fully_rewired_reaches_every_distance_alike() -> None:
    """Ring distances of 150,000 links in 20 bins: chi-square (19) above 70 once in 10 million."""
    pairs = _pairs(small_world(30_000, degree=10, rewiring=1, seed=7))
    apart = pairs[:, 1] - pairs[:, 0]
    distance = np.minimum(apart, 30_000 - apart)
    inside = distance[distance < 15_000] - 1
    found = np.bincount(inside * 20 // 14_999, minlength=20)
    assert ((found - found.mean()) ** 2 / found.mean()).sum() < 70


def test_small_world_of_a_crowded_ring_is_complete() -> None:
    drawn = small_world(9, degree=8, rewiring=1, seed=8)
    assert drawn.digest == complete_network(9).digest


# Preferential attachment


@pytest.mark.parametrize("each", [1, 2, 5])
def test_preferential_attachment_has_the_links_and_smallest_degree_of_its_rule(each: int) -> None:
    drawn = preferential_attachment(5000, links_per_persona=each, seed=1)
    assert drawn.indices.size // 2 == each * (each + 1) // 2 + (5000 - each - 1) * each
    assert drawn.degrees().min() == each
    pairs = _pairs(drawn)
    links_to_older = np.bincount(pairs[:, 1], minlength=5000)
    assert (links_to_older[each + 1 :] == each).all()


def test_preferential_attachment_prefers_in_proportion_to_links() -> None:
    """The fourth of four personas meets degrees 2, 1, 1: the hub has half (uniform: a third).

    2000 draws: five standard errors are 0.056."""
    hubs = 0
    for seed in range(2000):
        degrees = preferential_attachment(4, links_per_persona=1, seed=seed).degrees()
        hubs += degrees.max() == 3
    assert hubs / 2000 == pytest.approx(0.5, abs=0.056)


def test_preferential_attachment_has_the_published_degree_distribution() -> None:
    """Bollobás et al. 2001: P(k) = 2 m (m + 1) / (k (k + 1) (k + 2)), here m = 4, k = 4 to 20.

    Five binomial standard errors, and 1 % for the finite size and links without repetition."""
    size, each = 100_000, 4
    degrees = preferential_attachment(size, links_per_persona=each, seed=2).degrees()
    k = np.arange(4, 21)
    expected = 2 * each * (each + 1) / (k * (k + 1) * (k + 2))
    found = np.bincount(degrees)[4:21] / size
    assert (
        np.abs(found - expected) < FIVE_ERRORS * np.sqrt(expected / size) + 0.01 * expected
    ).all()


def test_preferential_attachment_has_a_tail_exponent_near_three() -> None:
    """Hill's estimate (Clauset et al. 2009) over some 2,000 personas: standard error 0.045."""
    degrees = preferential_attachment(100_000, links_per_persona=4, seed=3).degrees()
    tail = degrees[degrees >= 30]
    exponent = 1 + tail.size / np.log(tail / 29.5).sum()
    assert exponent == pytest.approx(3, abs=0.23)


# Stochastic blocks


def _expected_counts(
    weights: NDArray[np.float64],
    cells: int,
    cell: NDArray[np.int64],
    group_of: NDArray[np.int64],
    mean_degree: float,
) -> NDArray[np.float64]:
    """Return float64[cells, cells], expected links between cells (upper triangle), by sums."""
    sizes = np.bincount(GROUP).astype(float)
    pairs = np.outer(sizes, sizes)
    np.fill_diagonal(pairs, sizes * (sizes - 1) / 2)
    scale = GROUP.size * mean_degree / 2 / (MIXING * pairs)[np.triu_indices(3)].sum()
    relative = weights / (np.bincount(GROUP, weights) / sizes)[GROUP]
    sums = np.bincount(cell, relative, cells)
    squares = np.bincount(cell, relative**2, cells)
    products = np.outer(sums, sums)
    np.fill_diagonal(products, (sums**2 - squares) / 2)
    within = np.ones((3, 3))
    group_squares = np.bincount(GROUP, relative**2)
    np.fill_diagonal(within, (sizes**2 - sizes) / (sizes**2 - group_squares))
    return np.triu(scale * (MIXING * within)[np.ix_(group_of, group_of)] * products)


def test_stochastic_blocks_have_the_links_between_groups_asked_for() -> None:
    """Six counts, each within five standard errors of a sum of rare chances: its square root."""
    drawn = stochastic_block_network(GROUP, mixing=MIXING, mean_degree=10, seed=1)
    expected = _expected_counts(np.ones(GROUP.size), 3, GROUP, np.arange(3), 10)
    assert expected.sum() == pytest.approx(150_000)
    found = _link_counts(drawn, GROUP, 3)
    assert (np.abs(found - expected) <= FIVE_ERRORS * np.sqrt(expected)).all()


def test_degree_corrected_blocks_have_degrees_in_proportion_to_weights() -> None:
    """Karrer & Newman 2011: links between 9 cells (group, weight), 45 counts of independent
    pairs: chi-square (45) exceeds 115 once in 20 million. Weights move no link between groups."""
    drawn = stochastic_block_network(GROUP, mixing=MIXING, mean_degree=10, seed=2, weights=WEIGHTS)
    cell = GROUP * 3 + ROWS % 3
    expected = _expected_counts(WEIGHTS, 9, cell, np.arange(9) // 3, 10)
    found = _link_counts(drawn, cell, 9)
    upper = np.triu_indices(9)
    assert (((found - expected)[upper] ** 2) / expected[upper]).sum() < 115
    plain = _expected_counts(np.ones(GROUP.size), 3, GROUP, np.arange(3), 10)
    mixed = _link_counts(drawn, GROUP, 3)
    assert (np.abs(mixed - plain) <= FIVE_ERRORS * np.sqrt(plain)).all()


def test_degree_corrected_blocks_with_equal_weights_are_the_plain_ones() -> None:
    plain = stochastic_block_network(GROUP, mixing=MIXING, mean_degree=4, seed=3)
    equal = stochastic_block_network(
        GROUP, mixing=MIXING, mean_degree=4, seed=3, weights=2.0 + 2.0 * (GROUP == 1)
    )
    assert equal.digest == plain.digest


def test_stochastic_blocks_link_each_pair_by_its_own_chance() -> None:
    """7 personas, crowded, weighted: 21 shares of 2000 draws within five binomial errors."""
    group = np.array([0, 1, 0, 1, 0, 1, 0])
    weights = np.array([1.0, 3.0, 0.3, 1.0, 2.0, 1.1, 0.0])
    mixing = np.array([[2.0, 1.0], [1.0, 3.0]])
    found = _chances_by_frequency(
        lambda seed: stochastic_block_network(
            group, mixing=mixing, mean_degree=1, seed=seed, weights=weights
        ),
        2000,
    )
    relative = weights / (np.bincount(group, weights) / [4, 3])[group]
    chance = np.zeros((7, 7))
    for r, s in itertools.combinations_with_replacement(range(2), 2):
        block = np.triu(
            (group[:, None] == r) & (group == s) | (group[:, None] == s) & (group == r), 1
        )
        products = np.outer(relative, relative)
        chance[block] = mixing[r, s] * products[block] / products[block].mean()
    chance *= 3.5 / chance.sum()
    assert chance.max() < 1
    errors = np.sqrt(chance * (1 - chance) / 2000)
    assert (np.abs(found - chance) <= FIVE_ERRORS * errors).all()


def test_stochastic_block_links_are_independent() -> None:
    """The number of links of 45 pairs at 0.4 has variance 45 x 0.24; 2000 draws: error 3.2 %."""
    group = np.zeros(10, dtype=int)
    counts = [
        stochastic_block_network(group, mixing=[[1]], mean_degree=3.6, seed=seed).indices.size / 2
        for seed in range(2000)
    ]
    assert np.mean(counts) == pytest.approx(18, abs=FIVE_ERRORS * np.sqrt(10.8 / 2000))
    assert np.var(counts) == pytest.approx(10.8, rel=FIVE_ERRORS * 0.032)


def test_stochastic_blocks_with_a_dominant_persona_keep_their_degree() -> None:
    """One persona has all but a ten-millionth of the weight and is in every link: 200 draws of
    2 expected links, each pair at 2/99; five standard errors of the mean are 0.5."""
    weights = np.full(100, 1e-9)
    weights[7] = 1.0
    links = 0
    for seed in range(200):
        drawn = stochastic_block_network(
            np.zeros(100, dtype=int), mixing=[[1]], mean_degree=0.04, seed=seed, weights=weights
        )
        assert (_pairs(drawn) == 7).any(axis=1).all()
        links += drawn.indices.size // 2
    assert links / 200 == pytest.approx(2, abs=0.5)


def test_stochastic_blocks_of_single_personas_make_room_for_real_pairs_only() -> None:
    """A rate inside a group of one is a rate of no pair, however large beside the others."""
    drawn = stochastic_block_network(
        [0, 1], mixing=[[1, 1e-15], [1e-15, 1e-15]], mean_degree=1, seed=1
    )
    assert drawn.digest == complete_network(2).digest


def test_stochastic_blocks_at_certainty_are_complete_and_at_zero_unlinked() -> None:
    group = np.array([0, 1, 0, 1, 0])
    apart = stochastic_block_network(group, mixing=[[1, 0], [0, 1]], mean_degree=1.6, seed=1)
    np.testing.assert_array_equal(_pairs(apart), [[0, 2], [0, 4], [1, 3], [2, 4]])
    everyone = stochastic_block_network(group, mixing=np.ones((2, 2)), mean_degree=4, seed=1)
    assert everyone.digest == complete_network(5).digest
    nobody = stochastic_block_network(group, mixing=np.ones((2, 2)), mean_degree=0, seed=1)
    assert nobody.indices.size == 0


def test_stochastic_blocks_of_relabelled_personas_are_the_relabelled_network() -> None:
    """Draws belong to places within cells, so moving personas between rows moves their links."""
    group, weights = ROWS[:600] % 3, 1.0 + ROWS[:600] % 5
    order = np.argsort(group, kind="stable")  # keeps the order inside each group
    here = stochastic_block_network(group, mixing=MIXING, mean_degree=6, seed=4, weights=weights)
    there = stochastic_block_network(
        group[order], mixing=MIXING, mean_degree=6, seed=4, weights=weights[order]
    )
    assert network_from_edges(600, order[_pairs(there)]).digest == here.digest


# Chung-Lu


def test_chung_lu_has_the_expected_degrees() -> None:
    """Degrees summed over 300 personas of like weight: variance about the sum itself, plus the
    few links inside that count twice; five standard errors in each of 100 classes."""
    weights = 2 + 98 * (ROWS / ROWS.size) ** 6
    degrees = chung_lu_network(weights, seed=1).degrees()
    expected = (weights * (1 - weights / weights.sum())).reshape(100, 300).sum(axis=1)
    inside = weights.reshape(100, 300).sum(axis=1) ** 2 / weights.sum()
    found = degrees.reshape(100, 300).sum(axis=1)
    assert (np.abs(found - expected) <= FIVE_ERRORS * np.sqrt(expected + inside)).all()


def test_chung_lu_links_each_pair_by_its_own_chance() -> None:
    """8 personas over four powers of two: 28 shares of 2000 draws within five binomial errors."""
    weights = np.array([0.2, 2.0, 0.9, 2.4, 0.0, 1.0, 1.9, 0.25])
    found = _chances_by_frequency(lambda seed: chung_lu_network(weights, seed=seed), 2000)
    chance = np.triu(np.outer(weights, weights) / weights.sum(), 1)
    errors = np.sqrt(chance * (1 - chance) / 2000)
    assert (np.abs(found - chance) <= FIVE_ERRORS * errors).all()


def test_chung_lu_leaves_weights_of_zero_alone() -> None:
    weights = np.where(ROWS % 2 == 0, 0.0, 12.0)
    degrees = chung_lu_network(weights, seed=2).degrees()
    assert (degrees[::2] == 0).all()
    assert degrees.sum() == pytest.approx(180_000, abs=FIVE_ERRORS * 2 * np.sqrt(90_000))
    assert chung_lu_network([0.0, 0.0], seed=2).indices.size == 0


# Lattices, the complete network, layers


def test_lattice_on_a_torus_has_four_or_eight_neighbours() -> None:
    assert (lattice(5, 7).degrees() == 4).all()
    assert (lattice(5, 7, neighbourhood="moore").degrees() == 8).all()
    assert lattice(3, 3, neighbourhood="moore").digest == complete_network(9).digest
    np.testing.assert_array_equal(lattice(5, 7).indices[:4], [1, 6, 7, 28])


def test_lattice_with_borders_has_fewer_neighbours_there() -> None:
    """R x C: 4 corners, 2 (R + C - 4) on the sides, the rest inside."""
    four = np.bincount(lattice(5, 7, periodic=False).degrees())
    eight = np.bincount(lattice(5, 7, neighbourhood="moore", periodic=False).degrees())
    assert (four[2], four[3], four[4]) == (4, 16, 15)
    assert (eight[3], eight[5], eight[8]) == (4, 16, 15)
    line = lattice(1, 4, periodic=False)
    np.testing.assert_array_equal(_pairs(line), [[0, 1], [1, 2], [2, 3]])


def test_lattice_clustering_is_zero_or_three_sevenths() -> None:
    """Among the 28 pairs of Moore neighbours 12 touch; von Neumann neighbours never do."""
    assert report(lattice(8, 9), {}).clustering == 0
    moore = lattice(8, 9, neighbourhood="moore")
    assert report(moore, {}).clustering == pytest.approx(3 / 7)


def test_complete_network_links_everyone() -> None:
    drawn = complete_network(50)
    assert (drawn.degrees() == 49).all()
    assert report(drawn, {}).clustering == 1
    assert complete_network(1).indices.size == 0
    assert drawn.digest == network_from_edges(50, np.stack(np.triu_indices(50, 1), axis=1)).digest


def test_layers_are_united_and_a_pair_in_several_counts_once() -> None:
    home = network_from_edges(5, [[0, 1], [2, 3]])
    work = network_from_edges(5, [[1, 2], [0, 1], [3, 4]])
    united = layered_network({"home": home, "work": work})
    np.testing.assert_array_equal(_pairs(united), [[0, 1], [1, 2], [2, 3], [3, 4]])
    assert _is_undirected(united)
    assert layered_network({"work": work, "home": home}).digest == united.digest
    assert layered_network({"home": home}).digest == home.digest
    assert layered_network({"nobody": network_from_edges(0, [])}).indices.size == 0


# The same bits everywhere


@pytest.mark.parametrize("name", MODELS)
def test_digest_is_the_golden_one(name: str) -> None:
    """A changed value is a new engine version, made on purpose, in its own commit."""
    call, golden = MODELS[name]
    assert eval(call).digest == golden  # noqa: S307 # our own text, run in a second process below


def test_networks_drawn_in_another_process_are_the_same() -> None:
    calls = [call for call, _ in MODELS.values()]
    program = "import numpy as np\nfrom agentverse_engine.networks import *\n" + "\n".join(
        f"print({call}.digest)" for call in calls
    )
    command = [sys.executable, "-c", program]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert there == [golden for _, golden in MODELS.values()]


@pytest.mark.parametrize("name", ["small_world", "preferential_attachment", "chung_lu"])
def test_another_seed_gives_another_network(name: str) -> None:
    call, golden = MODELS[name]
    assert eval(call.replace("seed=3", "seed=4")).digest != golden  # noqa: S307 # our own text


# Always a simple undirected graph


@settings(max_examples=60, deadline=None)
@given(data=st.data(), size=st.integers(3, 40), seed=st.integers(0, 2**64 - 1))
def test_small_worlds_are_always_simple(data: st.DataObject, size: int, seed: int) -> None:
    degree = 2 * data.draw(st.integers(1, (size - 1) // 2))
    rewiring = data.draw(st.floats(0, 1))
    drawn = small_world(size, degree=degree, rewiring=rewiring, seed=seed)
    assert _is_undirected(drawn)
    assert drawn.indices.size == size * degree


@settings(max_examples=60, deadline=None)
@given(data=st.data(), size=st.integers(2, 40), seed=st.integers(0, 2**64 - 1))
def test_preferential_attachments_are_always_simple(
    data: st.DataObject, size: int, seed: int
) -> None:
    each = data.draw(st.integers(1, size - 1))
    drawn = preferential_attachment(size, links_per_persona=each, seed=seed)
    assert _is_undirected(drawn)
    assert drawn.degrees().min() >= each


@settings(max_examples=60, deadline=None)
@given(
    weights=st.lists(st.one_of(st.just(0.0), st.floats(1e-12, 1e12)), min_size=1, max_size=40),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**64 - 1),
)
def test_chung_lu_networks_are_always_simple(weights: list[float], share: float, seed: int) -> None:
    """Any weights, scaled so that the two largest are linked with probability `share`."""
    given_weights = np.array(weights)
    largest = np.sort(given_weights)[-2:].prod() if given_weights.size > 1 else 0.0
    most = min(share * given_weights.sum() / largest if largest else 0.0, 1e300)
    scaled = given_weights * most
    scaled *= min(1.0, (scaled.size - 1) / max(scaled.max(), 1e-300))
    scaled = np.minimum(scaled, scaled.size - 1)  # the product above may round up
    assert _is_undirected(chung_lu_network(scaled, seed=seed))


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=4),
    share=st.floats(0, 1),
    ratio=st.floats(0, 1e6),
    seed=st.integers(0, 2**64 - 1),
)
def test_stochastic_blocks_are_always_simple(
    sizes: list[int], share: float, ratio: float, seed: int
) -> None:
    group = np.repeat(np.arange(len(sizes)), sizes)
    mixing = np.ones((len(sizes), len(sizes))) + ratio * np.eye(len(sizes))
    inside = (np.array(sizes) * (np.array(sizes) - 1)).sum() / group.size
    degree = share * inside if inside else 0.0
    drawn = stochastic_block_network(
        group, mixing=mixing, mean_degree=min(degree, group.size - 1), seed=seed
    )
    assert _is_undirected(drawn)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(3, 9), columns=st.integers(3, 9), moore=st.booleans(), periodic=st.booleans()
)
def test_lattices_are_always_simple(rows: int, columns: int, moore: bool, periodic: bool) -> None:
    drawn = lattice(
        rows, columns, neighbourhood="moore" if moore else "von_neumann", periodic=periodic
    )
    assert _is_undirected(drawn)
