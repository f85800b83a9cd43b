"""Several networks over the same personas as one: household, work, online."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.networks.csr import Network


def layered_network(layers: Mapping[str, Network]) -> Network:
    """Return the union of layers over the same personas; a pair linked in several counts once.

    The aggregated network of a multiplex (Kivelä et al. 2014). The order of the layers does not
    matter, and the layers themselves stay as they are, so each can still be reported alone.
    NetworkError: no layer, or layers of different sizes.
    """
    if not layers:
        raise NetworkError("hold no network.", field="layers", fix="Give at least one layer.")
    size = len(next(iter(layers.values())))
    for name, layer in layers.items():
        if len(layer) != size:
            raise NetworkError(
                f"'{name}' is over {len(layer)} personas, the first layer over {size}.",
                field="layers",
                fix="Build every layer over the same population.",
            )
    # Each layer's keys ascend already, and a stable sort merges ascending runs in one pass each.
    keys = np.sort(np.concatenate([_keys(layer) for layer in layers.values()]), kind="stable")
    keys = keys[np.diff(keys, prepend=-1) > 0]
    indptr = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys // size, minlength=size), out=indptr[1:])
    return Network(indptr=indptr, indices=(keys % size).astype(np.int32))


def _keys(layer: Network) -> NDArray[np.int64]:
    """Return int64[2E], persona * n + neighbour, ascending; both directions of each link."""
    personas = np.repeat(np.arange(len(layer), dtype=np.int64), layer.degrees())
    return personas * len(layer) + layer.indices
