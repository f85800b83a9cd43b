"""Networks without chance, for analytic yardsticks: lattices and the complete network."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.networks.csr import Network, network_from_sorted_keys
from agentverse_engine.networks.network_checks import whole_number

Neighbourhood = Literal["von_neumann", "moore"]

# Half of each neighbourhood, as (rows down, columns right): the other half sees it from its side.
STEPS: dict[str, tuple[tuple[int, int], ...]] = {
    "von_neumann": ((0, 1), (1, 0)),
    "moore": ((0, 1), (1, 0), (1, 1), (1, -1)),
}
MOST_COMPLETE = 4096  # 8.4 million links, 67 MB
SMALLEST_RING = 3


def lattice(
    rows: int,
    columns: int,
    *,
    neighbourhood: Neighbourhood = "von_neumann",
    periodic: bool = True,
) -> Network:
    """Return a square lattice; persona row * columns + column stands at (row, column).

    neighbourhood: the 4 nearest cells (von Neumann 1966) or the 8 around (Moore 1962). periodic:
    the last row touches the first and the last column the first (a torus), so that everyone has 4
    or 8 neighbours; at least 3 rows and 3 columns, or a pair would be linked twice. Otherwise
    those at the border have fewer. NetworkError: sizes out of range, unknown neighbourhood.
    """
    least = SMALLEST_RING if periodic else 1
    rows = whole_number("rows", rows, least=least)
    columns = whole_number("columns", columns, least=least)
    size = whole_number("columns", rows * columns, least=1)
    if neighbourhood not in STEPS:
        raise NetworkError(
            f"is '{neighbourhood}'.", field="neighbourhood", fix=f"Use one of: {', '.join(STEPS)}."
        )
    cells = np.arange(size, dtype=np.int64).reshape(rows, columns)
    keys = [_step_keys(cells, down, right, periodic) for down, right in STEPS[neighbourhood]]
    return network_from_sorted_keys(size, np.sort(np.concatenate(keys)))


def _step_keys(
    cells: NDArray[np.int64], down: int, right: int, periodic: bool
) -> NDArray[np.int64]:
    """Return the pairs of each cell with the one some rows down and some columns right of it."""
    rows, columns = cells.shape
    shifted = np.roll(cells, (-down, -right), axis=(0, 1))
    if not periodic:
        inside = slice(max(0, -right), columns - max(0, right))
        cells, shifted = cells[: rows - down, inside], shifted[: rows - down, inside]
    return (np.minimum(cells, shifted) * (rows * columns) + np.maximum(cells, shifted)).reshape(-1)


def complete_network(size: int) -> Network:
    """Return the complete network over 1 to 4096 personas.

    It is what mixing equations assume (SIR, Bass, voter model); its links grow with the square of
    the size, so larger sizes raise NetworkError.
    """
    size = whole_number("size", size, least=1, most=MOST_COMPLETE)
    personas = np.arange(size, dtype=np.int32)[:, None]
    others = np.arange(size - 1, dtype=np.int32)[None, :]
    indptr = np.arange(size + 1, dtype=np.int64) * (size - 1)
    return Network(indptr=indptr, indices=(others + (others >= personas)).reshape(-1))
