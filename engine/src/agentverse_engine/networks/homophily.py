"""Drawing a network in which likes link more often, link by link from counted draws: O(links)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.networks.csr import Network, group_codes, network_from_sorted_keys
from agentverse_engine.networks.network_checks import number_of_neighbours
from agentverse_engine.numerics.compiled import compiled
from agentverse_engine.numerics.number_checks import finite
from agentverse_engine.numerics.rng import (
    NETWORK_EDGE_COUNT,
    NETWORK_ENDPOINTS,
    NETWORK_PAIR_RANK,
    fine_uniform,
    philox,
    seed_key,
    uniforms,
)

MOST_BLOCKS = 1024
DENSE_SHARE = 0.25
MOST_ROUNDS = 64
WORD_MASK = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)


def homophilous_network(
    groups: Mapping[str, ArrayLike],
    *,
    mean_degree: float,
    odds_ratios: Mapping[str, float],
    seed: int,
) -> Network:
    """Draw an undirected network in which likes link more often (a block model).

    groups: int[n] codes per grouping, e.g. region and income. Two personas who share a group are
    `odds_ratios[group]` times as likely to be linked as two who do not (McPherson 2001: 2 to 10).
    The number of links is exact; which pairs they join is drawn by counting, link by link.
    NetworkError: groups of different lengths or of too many combinations, odds ratios of no group
    or not above 0, a degree that cannot be reached; RequestError: a seed out of range.
    """
    codes = {name: group_codes(name, values) for name, values in groups.items()}
    size = _network_size(codes)
    _check_ratios(codes, odds_ratios)
    block, traits = _blocks(codes)
    edges = _edge_total(size, mean_degree)
    counts, pairs = _edge_counts(np.bincount(block), traits, list(codes), odds_ratios, edges, seed)
    members = np.argsort(block, kind="stable").astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(block))]).astype(np.int64)
    keys = _draw_links(size, members, starts, pairs, counts, seed)
    return network_from_sorted_keys(size, keys)


def _network_size(codes: Mapping[str, NDArray[np.int64]]) -> int:
    sizes = {values.size for values in codes.values()}
    if len(sizes) != 1 or 0 in sizes:
        raise NetworkError(
            "must hold at least one grouping, all of the same length above 0.",
            field="groups",
            fix="Give one code per persona for each grouping.",
        )
    return sizes.pop()


def _check_ratios(codes: Mapping[str, NDArray[np.int64]], odds_ratios: Mapping[str, float]) -> None:
    for name, ratio in odds_ratios.items():
        if name not in codes:
            raise NetworkError(
                f"'{name}' is not a grouping.",
                field="odds_ratios",
                fix=f"Use one of: {', '.join(codes)}.",
            )
        if finite(ratio, field="odds_ratios", error=NetworkError) <= 0:
            raise NetworkError(
                f"is {ratio} for '{name}'.", field="odds_ratios", fix="Use a number above 0."
            )


def _blocks(
    codes: Mapping[str, NDArray[np.int64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the block of each persona and traits int64[blocks, groupings]."""
    table = np.stack(list(codes.values()), axis=1)
    traits, block = np.unique(table, axis=0, return_inverse=True)
    if len(traits) > MOST_BLOCKS:
        raise NetworkError(
            f"combine to {len(traits)} blocks.",
            field="groups",
            fix=f"Use coarser groups: at most {MOST_BLOCKS} combinations.",
        )
    return block.reshape(-1).astype(np.int64), traits


def _edge_total(size: int, mean_degree: float) -> int:
    possible = size * (size - 1) // 2
    number_of_neighbours("mean_degree", mean_degree)
    edges = round(size * mean_degree / 2)
    if edges > possible:
        raise NetworkError(
            f"is {mean_degree:g}, but {size} personas have at most {size - 1} neighbours.",
            field="mean_degree",
            fix="Lower it or add personas.",
        )
    return edges


def _edge_counts(
    sizes: NDArray[np.int64],
    traits: NDArray[np.int64],
    names: list[str],
    odds_ratios: Mapping[str, float],
    edges: int,
    seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Share the links out over block pairs, capped by how many pairs of personas there are."""
    first, second = np.triu_indices(len(sizes))
    weight = np.ones(first.size)
    for position, name in enumerate(names):
        same = traits[first, position] == traits[second, position]
        weight *= np.where(same, odds_ratios.get(name, 1.0), 1.0)
    n_first, n_second = sizes[first], sizes[second]
    possible = np.where(first == second, n_first * (n_first - 1) // 2, n_first * n_second)
    expected = _capped_shares(weight * possible, possible.astype(np.float64), float(edges))
    offset = float(uniforms(seed=seed, purpose=NETWORK_EDGE_COUNT, identity=0))
    counts = _systematic_counts(expected, edges, offset)
    return _within_capacity(counts, possible), np.stack([first, second], axis=1)


def _capped_shares(
    weight: NDArray[np.float64], cap: NDArray[np.float64], total: float
) -> NDArray[np.float64]:
    """Split `total` in proportion to weight; what exceeds a cap goes to the others."""
    shares = np.zeros_like(weight)
    open_pairs = weight > 0
    full = np.zeros(weight.size, dtype=bool)
    while True:
        rest = total - cap[full].sum()
        free = open_pairs & ~full
        shares[full] = cap[full]
        if not free.any():
            return shares
        shares[free] = rest * weight[free] / weight[free].sum()
        over = free & (shares > cap)
        if not over.any():
            return shares
        full |= over


def _systematic_counts(
    expected: NDArray[np.float64], total: int, offset: float
) -> NDArray[np.int64]:
    """Round so that each count is within one of its expectation and the sum is exact."""
    cumulated = np.floor(np.cumsum(expected) + offset).astype(np.int64)
    cumulated[-1] = total
    np.minimum(cumulated, total, out=cumulated)
    return np.diff(cumulated, prepend=0)


def _within_capacity(counts: NDArray[np.int64], possible: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rounding may exceed a full block pair by one: hand that link to the first with room."""
    excess = int(np.maximum(counts - possible, 0).sum())
    counts = np.minimum(counts, possible)
    for position in np.flatnonzero(counts < possible):
        if excess == 0:
            break
        moved = min(excess, int(possible[position] - counts[position]))
        counts[position] += moved
        excess -= moved
    return counts


def _draw_links(
    size: int,
    members: NDArray[np.int64],
    starts: NDArray[np.int64],
    pairs: NDArray[np.int64],
    counts: NDArray[np.int64],
    seed: int,
) -> NDArray[np.int64]:
    """Return sorted keys low * n + high of all links."""
    sizes = np.diff(starts)
    first, second = pairs[:, 0], pairs[:, 1]
    possible = np.where(
        first == second, sizes[first] * (sizes[first] - 1) // 2, sizes[first] * sizes[second]
    )
    dense = (counts > 0) & (counts > DENSE_SHARE * possible)
    ranked = [
        _ranked_links(size, members, starts, pairs[pair], int(counts[pair]), int(pair), seed)
        for pair in np.flatnonzero(dense)
    ]
    sparse = np.flatnonzero(~dense & (counts > 0))
    link_pairs = np.repeat(sparse, counts[sparse])
    drawn = _rejection_links(size, members, starts, pairs, link_pairs, seed)
    return np.sort(np.concatenate([drawn, *ranked]))


def _ranked_links(
    size: int,
    members: NDArray[np.int64],
    starts: NDArray[np.int64],
    pair: NDArray[np.int64],
    count: int,
    identity: int,
    seed: int,
) -> NDArray[np.int64]:
    """A crowded block pair: rank all its pairs of personas by a draw and keep the lowest."""
    ones = members[starts[pair[0]] : starts[pair[0] + 1]]
    others = members[starts[pair[1]] : starts[pair[1] + 1]]
    if pair[0] == pair[1]:
        rows, columns = np.triu_indices(ones.size, k=1)
        low, high = ones[rows], ones[columns]
    else:
        low = np.repeat(ones, others.size)
        high = np.tile(others, ones.size)
    keys = np.minimum(low, high) * size + np.maximum(low, high)
    rank = uniforms(
        seed=seed,
        purpose=NETWORK_PAIR_RANK,
        identity=np.arange(keys.size),
        replicate=identity,
    )
    return keys[np.argsort(rank, kind="stable")[:count]]


def _rejection_links(
    size: int,
    members: NDArray[np.int64],
    starts: NDArray[np.int64],
    pairs: NDArray[np.int64],
    link_pairs: NDArray[np.int64],
    seed: int,
) -> NDArray[np.int64]:
    """Draw both ends of each link; of links that coincide, all but the first are drawn again."""
    keys = np.empty(link_pairs.size, dtype=np.int64)
    redrawn = np.arange(link_pairs.size, dtype=np.int64)
    key_0, key_1 = seed_key(seed)
    for attempt in range(MOST_ROUNDS):
        _draw_ends(
            redrawn, attempt, key_0, key_1, np.int64(size), members, starts, pairs, link_pairs, keys
        )
        redrawn = _later_copies(keys)
        if redrawn.size == 0:
            return keys
    raise NetworkError(
        "could not be drawn without repeated links.",
        field="mean_degree",
        fix="Lower the mean degree or the odds ratios.",
    )


def _later_copies(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of keys that occur earlier as well; few, so found by their values."""
    ordered = np.sort(keys)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if repeated.size == 0:
        return np.zeros(0, dtype=np.int64)
    nearest = np.minimum(np.searchsorted(repeated, keys), repeated.size - 1)
    positions = np.flatnonzero(repeated[nearest] == keys)
    order = positions[np.argsort(keys[positions], kind="stable")]
    return np.sort(order[1:][keys[order][1:] == keys[order][:-1]])


@compiled
def _draw_ends(
    redrawn: NDArray[np.int64],
    attempt: int,
    key_0: np.uint64,
    key_1: np.uint64,
    size: np.int64,
    members: NDArray[np.int64],
    starts: NDArray[np.int64],
    pairs: NDArray[np.int64],
    link_pairs: NDArray[np.int64],
    keys: NDArray[np.int64],
) -> None:
    for link in redrawn:
        pair = link_pairs[link]
        block, other_block = pairs[pair, 0], pairs[pair, 1]
        identity = np.uint64(link)
        words = philox(
            identity & WORD_MASK,
            identity >> WORD_BITS,
            NETWORK_ENDPOINTS,
            np.uint64(attempt),
            key_0,
            key_1,
        )
        here = starts[block + 1] - starts[block]
        one = int(fine_uniform(words[0], words[1]) * here)
        if block == other_block:
            # n-1 candidates, skipping oneself: no self-loop and no bias.
            other = int(fine_uniform(words[2], words[3]) * (here - 1))
            if other >= one:
                other += 1
        else:
            other_size = starts[other_block + 1] - starts[other_block]
            other = int(fine_uniform(words[2], words[3]) * other_size)
        a = members[starts[block] + one]
        b = members[starts[other_block] + other]
        keys[link] = min(a, b) * size + max(a, b)
