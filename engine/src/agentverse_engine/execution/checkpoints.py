"""Checkpoint of a run between two ticks: it continues later, elsewhere, or as another branch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import BatchEffects
from agentverse_engine.errors import CheckpointError
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.state import State
from agentverse_engine.numerics.array_bytes import packed, unpacked
from agentverse_engine.numerics.canonical import content_digest
from agentverse_engine.scenario.scenario import Scenario
from agentverse_engine.version import ENGINE_VERSION

KIND = "agentverse checkpoint 1"
STATE = ("choice", "levels", "stock", "level_sums", "level_bins", "digest")
COUNTS = ("flows", "stock", "level_sums", "level_bins", "tick_digests")
RECORD = (*COUNTS, "started")
NO_CHANGE = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint8))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
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

    def __repr__(self) -> str:
        last = self.first + self.replicates - 1
        return f"Checkpoint(tick {self.tick}, replicates {self.first} to {last})"

    @property
    def first(self) -> int:
        """The first replicate of the batch."""
        return self.record.first

    @property
    def replicates(self) -> int:
        """How many replicates it holds, from `first` on."""
        return self.record.replicates

    def to_bytes(self, *, compressed: bool = True) -> bytes:
        """Return all of it as bytes for a file or another machine; without pickle."""
        labels, arrays = _taken_apart(self)
        return packed(KIND, {"engine": ENGINE_VERSION, **labels}, arrays, compressed=compressed)

    @classmethod
    def from_bytes(cls, packet: bytes) -> "Checkpoint":
        """Return the checkpoint that `to_bytes` wrote; its arrays are read-only.

        CheckpointError: bytes that are not whole, or that another version of the engine wrote.
        """
        labels, arrays = unpacked(KIND, packet)
        if labels.get("engine") != ENGINE_VERSION:
            raise CheckpointError(
                f"was written by the engine {labels.get('engine')}; this is {ENGINE_VERSION}.",
                field="bytes",
                fix="Go on with that version, or start the run again.",
            )
        return _put_together(labels, arrays)

    def __reduce__(self) -> tuple[object, ...]:
        # Plain pickling would carry the empty buffers of the state and forget what is read-only.
        return Checkpoint.from_bytes, (self.to_bytes(compressed=False),)


def _taken_apart(checkpoint: Checkpoint) -> tuple[dict[str, object], dict[str, NDArray[Any]]]:
    """Return labels and arrays; telemetry of single replicates is joined end to end."""
    record, memory = checkpoint.record, dict(checkpoint.memory)
    labels: dict[str, object] = {
        "tick": checkpoint.tick,
        "prefix": checkpoint.prefix,
        "scripts": checkpoint.scripts,
        "first": record.first,
        "memory_tick": memory.pop("tick"),
        "keyframes": [list(key) for key in record.keyframes],
        "changes": [[*key, rows.size] for key, (rows, _) in record.changes.items()],
    }
    arrays = {f"state_{name}": getattr(checkpoint.state, name) for name in STATE}
    arrays |= {f"record_{name}": getattr(record, name) for name in RECORD}
    arrays |= {f"memory_{name}": array for name, array in memory.items() if array is not None}
    rows, values = (list(parts) for parts in zip(NO_CHANGE, *record.changes.values(), strict=True))
    arrays["keyframes"] = np.array(list(record.keyframes.values()), dtype=np.uint8)
    arrays["rows"], arrays["values"] = np.concatenate(rows), np.concatenate(values)
    return labels, arrays


def _put_together(labels: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Checkpoint:
    try:
        return Checkpoint(
            tick=labels["tick"],
            prefix=labels["prefix"],
            scripts=labels["scripts"],
            state=State(**{name: arrays[f"state_{name}"] for name in STATE}),
            record=_record_of(labels, arrays),
            memory={
                "tick": labels["memory_tick"],
                "memory": arrays.get("memory_memory"),
                **{name: arrays[f"memory_{name}"] for name in ("started", "lineage", "groups")},
            },
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise CheckpointError(
            f"hold no checkpoint: {fault}.",
            field="bytes",
            fix="Use the bytes as to_bytes returned them.",
        ) from fault


def _record_of(labels: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> BatchRecord:
    sizes = [size for *_, size in labels["changes"]]
    ends = np.cumsum([0, *sizes]).tolist()
    spans = [slice(start, end) for start, end in pairwise(ends)]
    return BatchRecord(
        first=labels["first"],
        **{name: arrays[f"record_{name}"] for name in RECORD},
        keyframes={
            (column, replicate, tick): frame
            for (column, replicate, tick), frame in zip(
                labels["keyframes"], arrays["keyframes"], strict=True
            )
        },
        changes={
            (column, replicate, tick): (arrays["rows"][span], arrays["values"][span])
            for (column, replicate, tick, _), span in zip(labels["changes"], spans, strict=True)
        },
    )


def taken(
    scenario: Scenario, tick: int, state: State, record: BatchRecord, effects: BatchEffects
) -> Checkpoint:
    """Return a checkpoint of a batch; the state is copied, as the run writes into its own."""
    kept = replace(state)
    for name in STATE:
        array = getattr(state, name).copy()
        array.setflags(write=False)
        setattr(kept, name, array)
    return Checkpoint(
        tick=tick,
        prefix=prefix_digest(scenario, len(scenario.event_scripts), record),
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
    late = [
        position for position, one in enumerate(scripts) if one.scope.start_tick <= checkpoint.tick
    ]
    if late:
        position = checkpoint.scripts + late[0]
        raise CheckpointError(
            f"starts at tick {scripts[late[0]].scope.start_tick}, but the checkpoint is at tick "
            f"{checkpoint.tick} already.",
            field=f"event_scripts[{position}].scope.start_tick",
            fix=f"Start the script at tick {checkpoint.tick + 1} or later, or fork earlier.",
        )
    if prefix_digest(scenario, checkpoint.scripts, checkpoint.record) != checkpoint.prefix:
        raise CheckpointError(
            "belongs to another past: population, network, rules, variables, draws, seed or the "
            "scripts before the fork differ.",
            field="resume",
            fix="Fork with Scenario.branch of the scenario that the checkpoint came from.",
        )


def check_recorded(checkpoint: Checkpoint, dense_replicates: int, keyframe_every: int) -> None:
    """Raise a CheckpointError unless the past has the states that the run is to record."""
    last = min(dense_replicates, checkpoint.first + checkpoint.replicates)
    needed = {
        ("choice", replicate, tick)
        for replicate in range(checkpoint.first, last)
        for tick in range(0, checkpoint.tick + 1, keyframe_every)
    }
    if needed - checkpoint.record.keyframes.keys():
        raise CheckpointError(
            "was taken in a run that recorded fewer states.",
            field="resume",
            fix="Use the dense_replicates and keyframe_every of that run.",
        )


def prefix_digest(scenario: Scenario, scripts: int, record: BatchRecord) -> str:
    """Hash what decides the ticks of a batch: all but the horizon, other replicates and later
    scripts."""
    terms = scenario.terms()
    kept = {name: terms[name] for name in terms if name not in ("horizon", "replicates", "draws")}
    kept |= scenario.draws_terms(record.first, record.first + record.replicates)
    kept["event_scripts"] = list(scenario.event_scripts_terms()[:scripts])
    return content_digest("scenario prefix", labels=kept, arrays={})


def resumed(record: BatchRecord, checkpoint: Checkpoint) -> None:
    """Copy the telemetry of the past into a fresh record of the whole run."""
    past, span = checkpoint.record, slice(0, checkpoint.tick + 1)
    for name in COUNTS:
        whole: NDArray[np.generic] = getattr(record, name)
        whole[:, span] = getattr(past, name)
    record.started[:, : checkpoint.scripts] = past.started
    record.keyframes |= past.keyframes
    record.changes |= past.changes
