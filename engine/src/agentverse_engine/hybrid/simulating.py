"""Hybrid mode: key actors and a society in one tick loop, each moving the other."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import TickEffects
from agentverse_engine.errors import CheckpointError
from agentverse_engine.execution.advancing import advance
from agentverse_engine.execution.checkpoints import check_recorded
from agentverse_engine.execution.executor import Progress, RunMonitor, ShouldCancel, run_monitored
from agentverse_engine.execution.preparing import Prepared, prepare
from agentverse_engine.execution.running import Batch, BatchRun, CheckpointPolicy, Report, batches
from agentverse_engine.execution.simulate import batch_size_of, run_options, trajectory_of
from agentverse_engine.execution.state import State
from agentverse_engine.execution.threads import ThreadExecutor
from agentverse_engine.hybrid.actor_states import ActorBatch, Due
from agentverse_engine.hybrid.actor_storage import restore_actors, stored_actors
from agentverse_engine.hybrid.actors import Actor, check_actors
from agentverse_engine.hybrid.coupling_ledger import CouplingEntry, Means, Move
from agentverse_engine.hybrid.hybrid_checkpoints import (
    HybridCheckpoint,
    KeepHybridCheckpoint,
    binding_of,
    check_bound,
)
from agentverse_engine.hybrid.preallocated_scripts import Allocation, allocate
from agentverse_engine.hybrid.steering import SteeredBatch, SteeredEffects
from agentverse_engine.numerics.canonical import listed
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.planning.signals import Signal, flow_share, measured, signals_of
from agentverse_engine.results.trajectory import Trajectory
from agentverse_engine.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class HybridRun:
    """What became of a society with actors in it.

    ledger: by tick, then replicate, then the order in which actors acted. scenario: with every
    script that an actor could set going behind its own; the trajectory's ledger tells their starts.
    """

    trajectory: Trajectory
    ledger: tuple[CouplingEntry, ...]
    scenario: Scenario

    @property
    def digest(self) -> str:
        """The trajectory's: without an action, that of the scenario run alone."""
        return self.trajectory.digest

    def __repr__(self) -> str:
        return f"HybridRun({len(self.ledger):,} actions taken, {self.trajectory!r})"


def simulate_hybrid(
    scenario: Scenario,
    actors: Sequence[Actor],
    *,
    signals: Sequence[Signal] = (),
    threads: int | None = None,
    partitions: int = 1,
    batch: int | None = None,
    progress: Progress | None = None,
    should_cancel: ShouldCancel | None = None,
    dense_replicates: int = 1,
    keyframe_every: int = 12,
    checkpoint_every: int | None = None,
    keep_checkpoint: KeepHybridCheckpoint | None = None,
    resume: Sequence[HybridCheckpoint] = (),
) -> HybridRun:
    """Run every replicate to the horizon, with actors that decide at tick boundaries.

    What an actor takes at tick t rests on the signals of tick t-1 in its replicate and is in force
    from tick t on (later if it takes time). Actors act in their order and see the same signals.
    signals: named ones beside every alternative and level. The other options are those of
    simulate_ensemble and change no bit. Raises PlanError, ScriptError, RequestError, Cancelled.

    resume: in the same scenario (horizon and replicates too), with the same actors and signals;
    anything else is a CheckpointError. A policy is known by the name of its function or class:
    whether its code, what it closes over or the fields of its object changed is not checked, and
    one that remembers something itself, beyond what it sees, does not have that back. RuleError: a
    rule that cannot be compiled or gave a value that is not a number.
    """
    seen = signals_of(scenario, signals)
    check_actors(scenario, actors, seen)
    layout = allocate(scenario, actors)
    executor = ThreadExecutor()
    options = run_options(
        executor,
        threads=threads,
        partitions=partitions,
        dense_replicates=dense_replicates,
        keyframe_every=keyframe_every,
    )
    checkpoints = _CheckpointSink(
        binding=binding_of(layout.scenario, actors, seen),
        policy=_policy(checkpoint_every),
        keep=keep_checkpoint,
    )
    for checkpoint in listed(resume, field="resume", of=HybridCheckpoint, error=CheckpointError):
        check_bound(checkpoint, checkpoints.binding)
        check_recorded(checkpoint.society, options.dense_replicates, options.keyframe_every)
    societies = {one.society: one for one in resume}
    jobs = batches(layout.scenario, batch_size_of(executor, scenario, batch), tuple(societies))
    monitor = RunMonitor(scenario.horizon, jobs, progress=progress, should_cancel=should_cancel)
    prepared = replace(prepare(layout.scenario, options), effects=SteeredEffects(layout))
    hybrid_batches = [
        _HybridBatch(
            prepared, layout, actors, seen, job, job.checkpoint and societies[job.checkpoint]
        )
        for job in jobs
    ]
    try:
        records = [
            run_monitored(hybrid_batch.reports(checkpoints), monitor)
            for hybrid_batch in hybrid_batches
        ]
    finally:
        monitor.end()
    entries = [
        entry for hybrid_batch in hybrid_batches for entry in hybrid_batch.actor_batch.entries
    ]
    return HybridRun(
        trajectory=trajectory_of(layout.scenario, records, options),
        ledger=tuple(sorted(entries, key=lambda entry: (entry.tick, entry.replicate))),
        scenario=layout.scenario,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _CheckpointSink:
    """Where the checkpoints of a run go, and at which ticks."""

    binding: str
    policy: CheckpointPolicy
    keep: KeepHybridCheckpoint | None

    def checkpoint_if_due(self, hybrid_batch: "_HybridBatch", run: BatchRun) -> None:
        """Checkpoint the batch if that is due."""
        if self.keep is not None and self.policy.due(
            run.tick, hybrid_batch.layout.scenario.horizon
        ):
            self.keep(hybrid_batch.checkpoint(run, self.binding))


def _policy(every: int | None) -> CheckpointPolicy:
    if every is not None:
        every = at_least("checkpoint_every", every, 1)
    return CheckpointPolicy(every=every or 0, at_end=True)


class _HybridBatch:
    """One batch of replicates with its actors, from the start or from a checkpoint."""

    def __init__(
        self,
        prepared: Prepared,
        layout: Allocation,
        actors: Sequence[Actor],
        signals: Sequence[Signal],
        job: Batch,
        checkpoint: HybridCheckpoint | None,
    ) -> None:
        self.prepared, self.layout, self.signals, self.job = prepared, layout, signals, job
        span = slice(job.first, job.first + job.count)
        occurrence = prepared.effects.occurrence[span]
        self.actor_batch = ActorBatch(layout, actors, first=job.first, occurrence=occurrence)
        self.means = Means(prepared.effects)
        if checkpoint is None:
            self.before = prepared.effects.batch(job.first, job.count).at(0)
        else:
            self.before = checkpoint.before
            restore_actors(self.actor_batch, checkpoint.actor_batch)

    def checkpoint(self, run: BatchRun, binding: str) -> HybridCheckpoint:
        """Return a checkpoint of the batch and its actors; they may go on at once."""
        return HybridCheckpoint(
            binding=binding,
            society=run.checkpoint(),
            before=self.before,
            actor_batch=stored_actors(self.actor_batch),
        )

    def reports(self, checkpoints: _CheckpointSink) -> Iterator[Report]:
        """Run to the horizon, one tick each time the next report is asked for."""
        run = BatchRun(self.prepared, self.job)
        steered = run.effects
        assert isinstance(steered, SteeredBatch)  # noqa: S101  SteeredEffects made it
        if run.tick == self.layout.scenario.horizon:
            yield self._report(run)
        with ThreadPoolExecutor(self.prepared.options.threads) as pool:

            def forward(state: State, effects: TickEffects, tick: int) -> NDArray[np.int32]:
                return advance(self.prepared, state, effects, pool, self.job.first, tick)

            while run.tick < self.layout.scenario.horizon:
                begun, starting = self.actor_batch.decide(run.tick + 1, self._seen(run))
                steered.starting = starting
                run.step(forward)
                now = steered.at(run.tick)
                self._note_moves(begun, now, run.tick)
                self.before = now
                checkpoints.checkpoint_if_due(self, run)
                yield self._report(run)

    def _seen(self, run: BatchRun) -> dict[str, NDArray[np.float64]]:
        """Return the signals at the run's tick by name, float64[R] each; nan: no value."""
        scenario, state, flows = self.layout.scenario, run.state, run.record.flows
        return {
            signal.name: measured(scenario, signal, state.stock, state.level_sums)
            if signal.flow_ticks is None
            else flow_share(scenario, signal, flows, run.tick)
            for signal in self.signals
        }

    def _note_moves(self, begun: Sequence[Due], now: TickEffects, tick: int) -> None:
        for due in begun:
            due.entry.moves.append(
                Move(
                    variable=self.layout.scenario.event_scripts[due.position].variable,
                    tick=tick,
                    occurred=due.occurred,
                    before=self.means.of(self.before, due.position, due.batch_index),
                    after=self.means.of(now, due.position, due.batch_index),
                )
            )

    def _report(self, run: BatchRun) -> Report:
        last = run.tick == self.layout.scenario.horizon
        return Report(
            scenario_index=self.job.scenario_index,
            first=self.job.first,
            tick=run.tick,
            record=run.record if last else None,
        )
