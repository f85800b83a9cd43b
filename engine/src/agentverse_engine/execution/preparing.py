"""What all ticks and batches of a run share: the kernel, what it reads, how personas are cut."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.choices_left import check_choices_left
from agentverse_engine.effects.effects import Effects
from agentverse_engine.execution.state import remembered_levels, starting_levels
from agentverse_engine.kernels.argument_binding import draws_peers, weighs
from agentverse_engine.kernels.kernel_cache import fused
from agentverse_engine.numerics.canonical import read_only
from agentverse_engine.numerics.rng import seed_key
from agentverse_engine.packs.pack import Pack
from agentverse_engine.scenario.draw_tables import choice_table, is_drawable
from agentverse_engine.scenario.scenario import Scenario, attribute_columns, check_unchanged

CHUNK = 8192  # personas of one chunk, until there are MOST_CHUNKS
MOST_CHUNKS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run goes: speed, memory and telemetry, never a bit of the result.

    threads and partitions (contiguous ranges of personas) of one process; `dense_replicates`
    carry full states, whole every `keyframe_every` ticks and as changes between.
    """

    threads: int = 1
    partitions: int = 1
    dense_replicates: int = 1
    keyframe_every: int = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KernelInputs:
    """What the kernel needs for some personas of a run, or for all of them.

    people: the kernel's arguments from `ids` to `indices`, and constants, all read-only; ranges:
    the rows to write, in chunks; first: which row of the scenario their row 0 is.
    """

    pack: Pack
    social_rules: bool
    kernel: Callable[..., None]
    people: tuple[NDArray[Any], ...]
    constants: tuple[Any, ...]
    key: tuple[np.uint64, np.uint64]
    ranges: list[tuple[int, int]]
    first: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """What all ticks of all batches share.

    start_levels: int32[K, n]; kernel_inputs: of all personas.
    """

    scenario: Scenario
    options: RunOptions
    effects: Effects
    start_levels: NDArray[np.int32]
    kernel_inputs: KernelInputs

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """The personas in chunks first … last-1."""
        return self.kernel_inputs.ranges


def prepare(scenario: Scenario, options: RunOptions) -> Prepared:
    """Compile the kernel if need be, and lay out what it reads."""
    check_unchanged(scenario)
    check_choices_left(scenario)
    effects, start_levels = Effects(scenario), starting_levels(scenario)
    return Prepared(
        scenario=scenario,
        options=options,
        effects=effects,
        start_levels=start_levels,
        kernel_inputs=kernel_inputs_of(
            scenario.pack,
            _people(scenario, effects, remembered_levels(scenario, start_levels)),
            constants=kernel_constants(scenario),
            social_rules=scenario.social_rules,
            key=seed_key(scenario.seed),
            spans=partitioned(len(scenario.population), options.partitions),
        ),
    )


def kernel_inputs_of(
    pack: Pack,
    people: tuple[NDArray[Any], ...],
    *,
    constants: tuple[Any, ...],
    social_rules: bool,
    key: tuple[np.uint64, np.uint64],
    spans: list[tuple[int, int]],
    first: int = 0,
) -> KernelInputs:
    """Return the kernel inputs that write the rows of `spans`, its kernel compiled if need be."""
    return KernelInputs(
        pack=pack,
        social_rules=social_rules,
        kernel=fused(pack),
        people=tuple(read_only(array) for array in people),
        constants=tuple(_read_only(value) for value in constants),
        key=key,
        ranges=chunks(spans),
        first=first,
    )


def _people(
    scenario: Scenario, effects: Effects, remembered: NDArray[np.int32]
) -> tuple[NDArray[Any], ...]:
    population, network = scenario.population, scenario.network
    columns = attribute_columns(scenario)
    own = (population.ids, effects.masks.groups, effects.masks.cell_of, population.matrix, columns)
    return (*own, population.choice, remembered, network.indptr, *_neighbours(scenario))


def _neighbours(scenario: Scenario) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
    """Return int32[edges], the neighbours of one persona after the other, and their weights
    uint16[edges] (none where no rule reads them).

    Where peers are drawn, which is by place, they go by their ids: in another order of rows the
    same neighbour is drawn.
    """
    network, ids = scenario.network, scenario.population.ids
    weighs_edges = weighs(scenario.pack)
    weights = network.weight_steps() if weighs_edges else np.zeros(0, dtype=np.uint16)
    if not draws_peers(scenario.pack) or (ids[1:] > ids[:-1]).all():
        return network.indices, weights
    rows = np.repeat(np.arange(len(network)), network.degrees())
    order = np.lexsort((ids[network.indices], rows))
    return network.indices[order], weights[order] if weighs_edges else weights


def kernel_constants(scenario: Scenario) -> tuple[Any, ...]:
    """Return the pack's constants as the kernel reads them: the choice model's with a row for each
    replicate of the scenario, or one for all."""
    pack = scenario.pack
    return tuple(
        choice_table(scenario.draws, pack, name) if is_drawable(pack, name) else value
        for name, value in pack.constants.items()
    )


def _read_only(value: Any) -> Any:
    return read_only(cast("NDArray[Any]", value)) if isinstance(value, np.ndarray) else value


def partitioned(size: int, partitions: int) -> list[tuple[int, int]]:
    """Cut personas 0 … size-1 into contiguous ranges first … last-1, as equal as can be."""
    bounds = [size * part // partitions for part in range(partitions + 1)]
    return list(pairwise(bounds))


def chunks(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cut each range into chunks for threads; a chunk's size depends on all the personas alone."""
    size = sum(end - start for start, end in spans)
    count = min(MOST_CHUNKS, max(1, -(-size // CHUNK)))
    chunk = max(1, -(-size // count))  # of one size, so that no thread waits for a long one
    return [
        (first, min(first + chunk, end))
        for start, end in spans
        for first in range(start, end, chunk)
    ]
