"""What no network can be drawn from: each refusal names the field at fault and the way out."""

from collections.abc import Callable

import numpy as np
import pytest

from agentverse_engine.errors import EngineError
from agentverse_engine.networks import (
    Network,
    chung_lu_network,
    complete_network,
    lattice,
    layered_network,
    network_from_edges,
    preferential_attachment,
    small_world,
    stochastic_block_network,
)

NAN, INFINITY = float("nan"), float("inf")
PAIR = np.array([0, 0, 1, 1])
EVEN = np.ones((2, 2))


def _blocks(**changes: object) -> Network:
    asked: dict[str, object] = {"mixing": EVEN, "mean_degree": 1.0, "seed": 1, **changes}
    groups = asked.pop("groups", PAIR)
    return stochastic_block_network(groups, **asked)  # pyright: ignore[reportArgumentType] # bad


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "ring of two": (lambda: small_world(2, degree=2, rewiring=0, seed=1), "size"),
    "no ring": (lambda: small_world(0, degree=2, rewiring=0, seed=1), "size"),
    "odd degree": (lambda: small_world(9, degree=3, rewiring=0, seed=1), "degree"),
    "degree 0": (lambda: small_world(9, degree=0, rewiring=0, seed=1), "degree"),
    "degree of all": (lambda: small_world(8, degree=8, rewiring=0, seed=1), "degree"),
    "rewiring nan": (lambda: small_world(9, degree=2, rewiring=NAN, seed=1), "rewiring"),
    "rewiring above 1": (lambda: small_world(9, degree=2, rewiring=1.1, seed=1), "rewiring"),
    "rewiring below 0": (lambda: small_world(9, degree=2, rewiring=-0.1, seed=1), "rewiring"),
    "seed below 0": (lambda: small_world(9, degree=2, rewiring=0, seed=-1), "seed"),
    "no links": (
        lambda: preferential_attachment(9, links_per_persona=0, seed=1),
        "links_per_persona",
    ),
    "links to all": (
        lambda: preferential_attachment(9, links_per_persona=9, seed=1),
        "links_per_persona",
    ),
    "a persona alone": (lambda: preferential_attachment(1, links_per_persona=1, seed=1), "size"),
    "too many personas": (
        lambda: preferential_attachment(2**31, links_per_persona=1, seed=1),
        "size",
    ),
    "no personas": (lambda: _blocks(groups=np.zeros(0, dtype=int)), "groups"),
    "an empty group": (lambda: _blocks(groups=[0, 0, 2, 2]), "groups"),
    "a negative code": (lambda: _blocks(groups=[0, -1]), "groups"),
    "a code too large": (lambda: _blocks(groups=[0, 2**40]), "groups"),
    "codes of fractions": (lambda: _blocks(groups=[0.0, 1.5]), "groups"),
    "mixing of another size": (lambda: _blocks(mixing=np.ones((3, 3))), "mixing"),
    "mixing not square": (lambda: _blocks(mixing=np.ones((2, 3))), "mixing"),
    "mixing not symmetric": (lambda: _blocks(mixing=[[1, 2], [1, 1]]), "mixing"),
    "mixing ragged": (lambda: _blocks(mixing=[[1, 2], [1]]), "mixing"),
    "mixing nan": (lambda: _blocks(mixing=[[1, NAN], [NAN, 1]]), "mixing"),
    "mixing below 0": (lambda: _blocks(mixing=[[1, -1], [-1, 1]]), "mixing"),
    "mixing infinite": (lambda: _blocks(mixing=[[INFINITY, 1], [1, 1]]), "mixing"),
    "mixing of nobody": (lambda: _blocks(mixing=np.zeros((2, 2))), "mixing"),
    "mixing of single personas": (lambda: _blocks(groups=[0, 1], mixing=np.eye(2)), "mixing"),
    "degree nan": (lambda: _blocks(mean_degree=NAN), "mean_degree"),
    "degree below 0": (lambda: _blocks(mean_degree=-1.0), "mean_degree"),
    "degree above n - 1": (lambda: _blocks(mean_degree=3.1), "mean_degree"),
    "degree beyond a group": (lambda: _blocks(mixing=np.eye(2), mean_degree=1.5), "mean_degree"),
    "weights nan": (lambda: _blocks(weights=[1, 1, 1, NAN]), "weights"),
    "weights below 0": (lambda: _blocks(weights=[1, 1, 1, -1]), "weights"),
    "weights too few": (lambda: _blocks(weights=[1, 1, 1]), "weights"),
    "weights in a table": (lambda: _blocks(weights=[[1, 1, 1, 1]]), "weights"),
    "weights of a silent group": (lambda: _blocks(weights=[1, 1, 0, 0]), "weights"),
    "weights of one in a group": (lambda: _blocks(weights=[1, 1, 1, 0]), "weights"),
    "weights so uneven": (lambda: _blocks(weights=[1, 99, 1, 99], mean_degree=2), "mean_degree"),
    "expected nan": (lambda: chung_lu_network([1, NAN], seed=1), "weights"),
    "expected below 0": (lambda: chung_lu_network([1, -1], seed=1), "weights"),
    "expected infinite": (lambda: chung_lu_network([1, INFINITY], seed=1), "weights"),
    "expected words": (lambda: chung_lu_network(["many", "few"], seed=1), "weights"),
    "expected of nobody": (lambda: chung_lu_network([], seed=1), "weights"),
    "expected above n - 1": (lambda: chung_lu_network([3, 1, 1], seed=1), "weights"),
    "expected too uneven": (lambda: chung_lu_network([4, 4, 1, 1, 1], seed=1), "weights"),
    "narrow torus": (lambda: lattice(2, 5), "rows"),
    "flat torus": (lambda: lattice(5, 1), "columns"),
    "no rows": (lambda: lattice(0, 5, periodic=False), "rows"),
    "too many cells": (lambda: lattice(2**20, 2**20), "columns"),
    "unknown neighbourhood": (
        lambda: lattice(5, 5, neighbourhood="hexagonal"),  # pyright: ignore[reportArgumentType] # bad
        "neighbourhood",
    ),
    "a crowd that is complete": (lambda: complete_network(4097), "size"),
    "complete yes": (lambda: complete_network(True), "size"),
    "complete nobody": (lambda: complete_network(0), "size"),
    "half a persona": (
        lambda: complete_network(1.5),  # pyright: ignore[reportArgumentType] # bad
        "size",
    ),
    "no layers": (lambda: layered_network({}), "layers"),
    "layers that differ": (
        lambda: layered_network({"a": complete_network(3), "b": complete_network(4)}),
        "layers",
    ),
    "edges of fractions": (lambda: network_from_edges(3, [[0, 1.5]]), "edges"),
    "edges nan": (lambda: network_from_edges(3, [[0, NAN]]), "edges"),
    "edges of three": (lambda: network_from_edges(3, [[0, 1, 2]]), "edges"),
    "edges to oneself": (lambda: network_from_edges(3, [[1, 1]]), "edges"),
    "edges repeated": (lambda: network_from_edges(3, [[1, 2], [2, 1]]), "edges"),
    "edges of fewer than nobody": (lambda: network_from_edges(-1, []), "size"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_input_that_cannot_be_drawn_is_refused_by_the_name_of_its_field(name: str) -> None:
    call, field = REFUSED[name]
    with pytest.raises(EngineError) as caught:
        call()
    assert caught.value.field == field
    assert caught.value.fix
