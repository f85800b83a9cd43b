"""One tick of a batch: chunks of personas on threads, their whole-number sums, the swap."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import TickEffects
from agentverse_engine.errors import RuleError
from agentverse_engine.execution.preparing import KernelInputs, Prepared
from agentverse_engine.execution.state import PopulationTotals, State
from agentverse_engine.numerics.canonical import read_only
from agentverse_engine.numerics.compiled import COMPILE_ERRORS, compile_error_summary
from agentverse_engine.scenario.scenario import Scenario

Sums = tuple[NDArray[Any], ...]

# What a compiled rule can raise for somebody: no value, or an error of its own.
RULE_FAULTS = (TypeError, ValueError, LookupError, ArithmeticError, AssertionError)


class Totals:
    """What chunks add up: whole numbers, so that the order in which they are done is no matter.

    flows, changes: int32[R, cells, J]; digest: uint64[R]; level_sums: int64[R, cells, K];
    level_bins: int32[R, cells, K, BINS]; fault: int64[3], as the kernel's.
    """

    def __init__(self, state: State) -> None:
        self.lock = Lock()
        self.flows = np.zeros(state.stock.shape, dtype=np.int32)
        self.changes = np.zeros(state.stock.shape, dtype=np.int32)
        self.digest = np.zeros_like(state.digest)
        self.level_sums = np.zeros_like(state.level_sums)
        self.level_bins = np.zeros_like(state.level_bins)
        self.fault = np.zeros(3, dtype=np.int64)
        self.idle: list[Sums] = [(*self.parts()[:-1], np.zeros_like(self.fault))]

    def parts(self) -> Sums:
        """Return the arrays in the kernel's order."""
        sums = (self.flows, self.changes, self.digest, self.level_sums, self.level_bins)
        return (*sums, self.fault)

    def acquire(self) -> Sums:
        """Return arrays for a chunk to add to, in the kernel's order: as many sets as there are
        threads at work, the first one these sums themselves."""
        with self.lock:
            if self.idle:
                return self.idle.pop()
        return tuple(np.zeros_like(array) for array in self.parts())

    def release(self, parts: Sums) -> None:
        """Keep the first fault of a chunk, and give its arrays to the next one."""
        with self.lock:
            self._keep_first_fault(parts[5])
            parts[5][:] = 0
            self.idle.append(parts)

    def merge(self) -> None:
        """Add up the arrays of all chunks, when all are released."""
        for parts in self.idle:
            if parts[0] is not self.flows:
                self.add(parts)

    def add(self, parts: Sums) -> None:
        """Add what a chunk or a partition counted; of faults the lowest row's is kept."""
        with self.lock:
            self.flows += parts[0]
            self.changes += parts[1]
            self.digest += parts[2]
            self.level_sums += parts[3]
            self.level_bins += parts[4]
            self._keep_first_fault(parts[5])

    def _keep_first_fault(self, fault: NDArray[np.int64]) -> None:
        if fault[0] and (not self.fault[0] or fault[1] < self.fault[1]):
            self.fault = fault.copy()


def advance(
    prepared: Prepared,
    state: State,
    effects: TickEffects,
    pool: ThreadPoolExecutor,
    first_replicate: int,
    tick: int,
) -> NDArray[np.int32]:
    """Advance one tick and return the flows int32[R, cells, alternatives]."""
    state.open_next()
    inputs, population = prepared.kernel_inputs, state.population_totals()
    totals = written(inputs, state, effects, population, pool, first_replicate, tick)
    return settled(prepared.scenario, state, totals, first_replicate, tick)


def written(
    kernel_inputs: KernelInputs,
    state: State,
    effects: TickEffects,
    population: PopulationTotals,
    pool: ThreadPoolExecutor,
    first_replicate: int,
    tick: int,
) -> Totals:
    """Write the next rows of the personas in `kernel_inputs.ranges`, and return their totals."""
    totals = Totals(state)

    def advance_chunk(span: tuple[int, int]) -> None:
        parts = totals.acquire()
        first, last = kernel_inputs.first + span[0], kernel_inputs.first + span[1] - 1
        where = f"at tick {tick}, for a persona in the rows {first} to {last}"
        try:
            _call(kernel_inputs, state, effects, population, first_replicate, tick, span, parts)
        except COMPILE_ERRORS as fault:
            raise RuleError(
                f"has a rule that cannot be compiled: {compile_error_summary(fault)}",
                field=kernel_inputs.pack.name,
                fix="Use numbers, loops and conditions only, and return one value a column.",
            ) from fault
        except ZeroDivisionError as fault:
            raise RuleError(
                f"has a rule that divides by zero {where}.",
                field=kernel_inputs.pack.name,
                fix="Let the rule look at the divisor first.",
            ) from fault
        except RULE_FAULTS as fault:
            raise RuleError(
                f"has a rule that failed {where}: {fault!r}.",
                field=kernel_inputs.pack.name,
                fix="Let each way through the rule return a value; simulate_reference shows where.",
            ) from fault
        totals.release(parts)

    if len(kernel_inputs.ranges) == 1:
        advance_chunk(kernel_inputs.ranges[0])
    else:
        _exhaust(pool.map(advance_chunk, kernel_inputs.ranges))
    totals.merge()
    totals.fault[1] += kernel_inputs.first
    return totals


def _exhaust(results: Iterable[None]) -> None:
    """Wait for all, and raise what any of them raised."""
    for _ in results:
        pass


def settled(
    scenario: Scenario, state: State, totals: Totals, first_replicate: int, tick: int
) -> NDArray[np.int32]:
    """Make what was written the state, with its sums; return the flows. A fault is raised."""
    _check_fault(scenario, totals.fault, first_replicate, tick)
    state.swap()
    state.stock += totals.changes
    if scenario.pack.levels:  # every row was hashed anew
        state.digest = totals.digest
        state.level_sums = totals.level_sums
        state.level_bins = totals.level_bins
    else:  # only what changed was hashed: a sum modulo 2**64 is updated in place
        state.digest += totals.digest
    return totals.flows


def _call(
    kernel_inputs: KernelInputs,
    state: State,
    effects: TickEffects,
    population: PopulationTotals,
    first_replicate: int,
    tick: int,
    span: tuple[int, int],
    parts: Sums,
) -> None:
    kernel_inputs.kernel(
        span[0],
        span[1],
        np.uint64(tick),
        *kernel_inputs.key,
        first_replicate,
        kernel_inputs.social_rules,
        *kernel_inputs.people,
        read_only(effects.attributes),
        read_only(effects.parameters),
        read_only(effects.pattern_of),
        read_only(population.counts),
        read_only(population.sums),
        population.size,
        kernel_inputs.constants,
        read_only(state.choice),
        state.next_choice,
        read_only(state.levels),
        state.next_levels,
        *parts,
    )


def _check_fault(
    scenario: Scenario, fault: NDArray[np.int64], first_replicate: int, tick: int
) -> None:
    if not fault[0]:
        return
    who = f"the persona in row {int(fault[1])} at tick {tick}"
    which = f"replicate {first_replicate + int(fault[2])}"
    if fault[0] < 0:
        raise RuleError(
            f"became no alternative for {who}, {which}.",
            field=f"{scenario.pack.name}.choice",
            fix=f"Let rules write 0 to {len(scenario.pack.alternatives) - 1}.",
        )
    level = scenario.pack.levels[int(fault[0]) - 1]
    raise RuleError(
        f"became no number for {who}, {which}.",
        field=f"{scenario.pack.name}.{level.name}",
        fix="Check the rules that write it: a division by zero, or a logarithm below zero?",
    )
