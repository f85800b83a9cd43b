"""Newcomers link to those who already have many links: a few hubs, and a heavy tail of degrees."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.networks.csr import Network, network_from_sorted_keys
from agentverse_engine.networks.network_checks import whole_number
from agentverse_engine.numerics.compiled import compiled
from agentverse_engine.numerics.rng import NETWORK_ATTACHMENT, fine_uniform, philox, seed_key

WORD_MASK = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)
ONE = np.uint64(1)


def preferential_attachment(size: int, *, links_per_persona: int, seed: int) -> Network:
    """Draw a scale-free network (Barabási & Albert 1999), newcomer by newcomer: O(links).

    The first m + 1 personas, m = links_per_persona, all know each other; each later one links to m
    different earlier ones, each chosen in proportion to its number of links before the newcomer
    came. An end of a link drawn uniformly is such a choice (Batagelj & Brandes 2005). Links:
    m (m + 1) / 2 + (size - m - 1) m; smallest degree m; degrees fall off as degree**-3.
    NetworkError: links_per_persona below 1 or not below the size. RequestError: a seed out of
    range.
    """
    size = whole_number("size", size, least=2)
    each = whole_number("links_per_persona", links_per_persona, least=1, most=size - 1)
    older, newer = np.triu_indices(each + 1, k=1)
    links = older.size + (size - each - 1) * each
    ends = np.empty(2 * links, dtype=np.int32)
    ends[0 : 2 * older.size : 2], ends[1 : 2 * older.size : 2] = newer, older
    _attach(ends, size, each, *seed_key(seed))
    # The older persona always has the smaller number.
    keys = ends[1::2].astype(np.int64) * size + ends[0::2]
    return network_from_sorted_keys(size, np.sort(keys))


@compiled
def _attach(
    ends: NDArray[np.int32], size: int, each: int, key_0: np.uint64, key_1: np.uint64
) -> None:
    """Fill ends int32[2E]: link l joins the newer persona ends[2l] to the older ends[2l+1]."""
    chosen_by = np.full(size, -1, dtype=np.int32)
    link = each * (each + 1) // 2
    for newcomer in range(each + 1, size):
        before = 2 * link
        for _ in range(each):
            identity = np.uint64(link)
            attempt = np.uint64(0)
            chosen = newcomer
            while chosen == newcomer or chosen_by[chosen] == newcomer:
                words = philox(
                    identity & WORD_MASK,
                    identity >> WORD_BITS,
                    NETWORK_ATTACHMENT,
                    attempt,
                    key_0,
                    key_1,
                )
                chosen = ends[int(fine_uniform(words[0], words[1]) * before)]
                attempt += ONE
            chosen_by[chosen] = newcomer
            ends[2 * link], ends[2 * link + 1] = newcomer, chosen
            link += 1
