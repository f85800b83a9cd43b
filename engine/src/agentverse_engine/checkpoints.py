"""A run put aside between two ticks: to go on later, elsewhere, or as another branch."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.canonical import content_digest
from agentverse_engine.effects import BatchEffects
from agentverse_engine.errors import CheckpointError
from agentverse_engine.recording import BatchRecord
from agentverse_engine.scenario import Scenario
from agentverse_engine.state import State


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checkpoint:
    """All that the replicates of a batch need to go on after `tick`.

    The arrays of `state` and `record` are shared, not copied: whoever goes on from here reads
    them and writes elsewhere. prefix: digest of everything that decided the ticks so far.
    """

    tick: int
    prefix: str
    scripts: int
    state: State
    record: BatchRecord
    memory: dict[str, Any]

    @property
    def first(self) -> int:
        """The first replicate of the batch."""
        return self.record.first

    @property
    def replicates(self) -> int:
        return self.record.replicates


def taken(
    scenario: Scenario, tick: int, state: State, record: BatchRecord, effects: BatchEffects
) -> Checkpoint:
    """Put a batch aside; the state is copied once, as the run goes on writing into its own."""
    kept = replace(state)
    for name in ("choice", "levels", "stock", "level_sums", "level_bins", "digest"):
        array = getattr(state, name).copy()
        array.setflags(write=False)
        setattr(kept, name, array)
    return Checkpoint(
        tick=tick,
        prefix=prefix_digest(scenario, len(scenario.event_scripts)),
        scripts=len(scenario.event_scripts),
        state=kept,
        record=until(record, tick),
        memory=effects.memory(),
    )


def until(record: BatchRecord, tick: int) -> BatchRecord:
    """Return a record of ticks 0 … tick, as copies of the counts."""
    span = slice(0, tick + 1)
    return replace(
        record,
        flows=record.flows[:, span].copy(),
        stock=record.stock[:, span].copy(),
        level_sums=record.level_sums[:, span].copy(),
        level_bins=record.level_bins[:, span].copy(),
        tick_digests=record.tick_digests[:, span].copy(),
        started=record.started.copy(),
        keyframes={key: kept for key, kept in record.keyframes.items() if key[2] <= tick},
        changes={key: kept for key, kept in record.changes.items() if key[2] <= tick},
    )


def check_continues(scenario: Scenario, checkpoint: Checkpoint) -> None:
    """Raise a CheckpointError unless the scenario had the same past up to the checkpoint."""
    if checkpoint.tick > scenario.horizon:
        raise CheckpointError(
            f"lies at tick {checkpoint.tick}, after the horizon {scenario.horizon}.",
            field="resume",
            fix="Lengthen the horizon, or use an earlier checkpoint.",
        )
    if checkpoint.first + checkpoint.replicates > scenario.replicates:
        raise CheckpointError(
            f"holds replicate {checkpoint.first + checkpoint.replicates - 1}; the scenario has "
            f"{scenario.replicates}.",
            field="resume",
            fix="Ask for as many replicates as the checkpoints hold, or more.",
        )
    scripts = scenario.event_scripts[checkpoint.scripts :]
    late = [place for place, one in enumerate(scripts) if one.scope.start_tick <= checkpoint.tick]
    if late:
        place = checkpoint.scripts + late[0]
        raise CheckpointError(
            f"starts at tick {scenario.event_scripts[place].scope.start_tick}, but the checkpoint "
            f"is at tick {checkpoint.tick} already.",
            field=f"event_scripts[{place}].scope.start_tick",
            fix=f"Start the script at tick {checkpoint.tick + 1} or later, or fork earlier.",
        )
    if prefix_digest(scenario, checkpoint.scripts) != checkpoint.prefix:
        raise CheckpointError(
            "belongs to another past: population, network, rules, variables, seed or the scripts "
            "before the fork differ.",
            field="resume",
            fix="Fork with Scenario.branch of the scenario that the checkpoint came from.",
        )


def prefix_digest(scenario: Scenario, scripts: int) -> str:
    """Hash what decides the ticks: all but the horizon, the replicates and later scripts."""
    terms = scenario.terms()
    kept = {name: terms[name] for name in terms if name not in ("horizon", "replicates")}
    kept["event_scripts"] = list(scenario.event_scripts_terms()[:scripts])
    return content_digest("scenario prefix", labels=kept, arrays={})


def resumed(record: BatchRecord, checkpoint: Checkpoint) -> None:
    """Copy the telemetry of the past into a fresh record of the whole run."""
    past, span = checkpoint.record, slice(0, checkpoint.tick + 1)
    for name in ("flows", "stock", "level_sums", "level_bins", "tick_digests"):
        whole: NDArray[np.generic] = getattr(record, name)
        whole[:, span] = getattr(past, name)
    record.started[:, : checkpoint.scripts] = past.started
    record.keyframes |= past.keyframes
    record.changes |= past.changes
