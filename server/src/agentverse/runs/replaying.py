"""Replay: what stored telemetry says. Reads files, starts nothing, never asks the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from agentverse import populations
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import FieldError
from agentverse.platform.scope import Scope
from agentverse.platform.storage import artifact_store
from agentverse.runs import artifacts, repository
from agentverse.runs.basis import basis_of
from agentverse.runs.errors import TelemetryMissing, TelemetryOutOfRange
from agentverse.runs.intervals import (
    RunSeries,
    band,
    cell_counts,
    covered,
    interval_kind,
    level_means,
    listed,
    named,
    shares,
)
from agentverse.runs.models import RunRow
from agentverse.runs.schemas import (
    EventMark,
    LevelSeries,
    RunVariant,
    ShareKind,
    Telemetry,
    TelemetrySeries,
)
from agentverse.runs.spec import template_of
from agentverse.runs.telemetry import (
    ArtifactKind,
    StoredStates,
    choices_at,
    choices_of,
    decode_series,
    stored_states,
)

CACHED: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryQuery:
    """What to read; empty names mean everyone, every alternative, every metric there is."""

    from_tick: int = 0
    to_tick: int | None = None
    metrics: tuple[ShareKind, ...] = ()
    groups: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    replicates: bool = False


def read_series(scope: Scope, run_id: UUID) -> RunSeries:
    """The counts of a finished run. Raises TelemetryMissing for any other."""
    return _series(scope.tenant_id, _key(scope, run_id, "series"))


def read_telemetry(scope: Scope, run_id: UUID, query: TelemetryQuery) -> Telemetry:
    """Raises TelemetryMissing for a run that has not succeeded, TelemetryOutOfRange for ticks or
    names that it does not have.
    """
    with tenant_session(scope, read_only=True) as db:
        row = repository.get_run(db, run_id)
        _check_finished(row)
        people = populations.named_populations(db, [row.population_id])[row.population_id]
        kinds: tuple[ArtifactKind, ...] = ("series", "keyframes")
        keys = [artifacts.key_of(db, run_id, kind) for kind in kinds]
    series = _series(scope.tenant_id, keys[0])
    first, last = _window(series, query)
    metrics = _metrics(row, query)
    return Telemetry(
        run_id=run_id,
        from_tick=first,
        to_tick=last,
        ticks=list(range(first, last + 1)),
        series=_selected(series, query, metrics, first, last),
        levels=_levels(series, query, first, last),
        interval=interval_kind(series.replicates, covers=covered(estimation=row.estimation)),
        basis=basis_of(
            template_of(row), variant=cast("RunVariant", row.variant), decision=people.decision
        ),
        events=[EventMark.model_validate(mark) for mark in (row.summary or {})["events"]],
        keyframe_ticks=list(_states(scope.tenant_id, keys[1]).ticks),
        digest=row.digest or "",
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """choices: uint8[personas], index into alternatives; changed: personas whose system
    differs from the tick before, so not those who replaced it by one of its kind.
    """

    alternatives: tuple[str, ...]
    choices: NDArray[np.uint8]
    changed: int


def read_frame(scope: Scope, run_id: UUID, tick: int, *, replicate: int = 0) -> State:
    """Raises TelemetryMissing for a run that has not succeeded, TelemetryOutOfRange for a tick or
    replicate that is not stored.
    """
    with tenant_session(scope, read_only=True) as db:
        row = repository.get_run(db, run_id)
        _check_finished(row)
        kinds: tuple[ArtifactKind, ...] = ("series", "keyframes", "deltas")
        keys = [artifacts.key_of(db, run_id, kind) for kind in kinds]
    _check_frame(_states(scope.tenant_id, keys[1]), row.horizon, tick, replicate)
    store = artifact_store()
    keyframes, deltas = (store.open(scope.tenant_id, key) for key in keys[1:])
    with keyframes, deltas:
        choices, changed = choices_at(keyframes, deltas, tick, replicate=replicate)
    alternatives = _series(scope.tenant_id, keys[0]).alternatives
    return State(alternatives=alternatives, choices=choices, changed=changed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class States:
    """What one persona has at each tick; codes: uint8[horizon+1], index into alternatives."""

    alternatives: tuple[str, ...]
    codes: NDArray[np.uint8]


def read_states(scope: Scope, run_id: UUID, persona: int, *, replicate: int = 0) -> States:
    """Raises TelemetryMissing for a run that has not succeeded, TelemetryOutOfRange for a persona
    or a replicate that is not stored.
    """
    with tenant_session(scope, read_only=True) as db:
        row = repository.get_run(db, run_id)
        _check_finished(row)
        kinds: tuple[ArtifactKind, ...] = ("series", "keyframes", "deltas")
        keys = [artifacts.key_of(db, run_id, kind) for kind in kinds]
    stored = _states(scope.tenant_id, keys[1])
    _check_frame(stored, row.horizon, 0, replicate)
    if not 0 <= persona < stored.personas:
        raise _out_of_range(
            "persona", f"The run holds personas 0 to {stored.personas - 1}, not {persona}."
        )
    store = artifact_store()
    keyframes, deltas = (store.open(scope.tenant_id, key) for key in keys[1:])
    with keyframes, deltas:
        codes = choices_of(keyframes, deltas, persona, row.horizon, replicate=replicate)
    return States(alternatives=_series(scope.tenant_id, keys[0]).alternatives, codes=codes)


def _key(scope: Scope, run_id: UUID, kind: ArtifactKind) -> str:
    with tenant_session(scope, read_only=True) as db:
        _check_finished(repository.get_run(db, run_id))
        return artifacts.key_of(db, run_id, kind)


@lru_cache(maxsize=CACHED)
def _series(tenant_id: UUID, key: str) -> RunSeries:
    return decode_series(artifacts.read(tenant_id, key))


@lru_cache(maxsize=CACHED)
def _states(tenant_id: UUID, key: str) -> StoredStates:
    return stored_states(artifacts.read(tenant_id, key))


def _check_finished(row: RunRow) -> None:
    if row.status != "succeeded":
        raise TelemetryMissing(
            f"The run is “{row.status}”, so there is nothing to show. Wait until it has "
            "succeeded, or start the node again if it failed or was cancelled."
        )


def _window(series: RunSeries, query: TelemetryQuery) -> tuple[int, int]:
    last = series.horizon if query.to_tick is None else query.to_tick
    if not 0 <= query.from_tick <= last <= series.horizon:
        from_tick_fits = 0 <= query.from_tick <= series.horizon
        raise _out_of_range(
            "to_tick" if from_tick_fits else "from_tick",
            f"The run holds ticks 0 to {series.horizon}; you asked for {query.from_tick} to "
            f"{last}. Choose a range inside it.",
        )
    return query.from_tick, last


def _check_frame(states: StoredStates, horizon: int, tick: int, replicate: int) -> None:
    stored = states.replicates
    if not 0 <= tick <= horizon:
        raise _out_of_range("tick", f"The run holds ticks 0 to {horizon}, not {tick}.")
    if not 0 <= replicate < stored:
        raise _out_of_range(
            "replicate",
            f"The state of every persona is stored for replicate 0 to {stored - 1}, not "
            f"{replicate}. The series hold all replicates.",
        )


def _metrics(row: RunRow, query: TelemetryQuery) -> Sequence[ShareKind]:
    offered = template_of(row).template.metrics
    for metric in query.metrics:
        if metric not in offered:
            raise _out_of_range(
                "metrics",
                f"A run of this kind has no “{metric}”. Use one of: {', '.join(offered)}.",
            )
    return tuple(dict.fromkeys(query.metrics)) or offered


def _groups(series: RunSeries, query: TelemetryQuery) -> list[tuple[str | None, str | None]]:
    """Segment and region of each group asked for; both None: everyone."""
    groups = _checked_names(
        query.groups, series.segments + series.regions, "segment or region", field="segments"
    )
    return [_scope_of(series, name) for name in groups] if query.groups else [(None, None)]


def _selected(
    series: RunSeries, query: TelemetryQuery, metrics: Sequence[ShareKind], first: int, last: int
) -> list[TelemetrySeries]:
    alternatives = _checked_names(
        query.alternatives, series.alternatives, "alternative", field="alternatives"
    )
    return [
        one
        for metric in metrics
        for segment, region in _groups(series, query)
        for one in _of_group(series, metric, segment, region, alternatives, query, first, last)
    ]


def _levels(series: RunSeries, query: TelemetryQuery, first: int, last: int) -> list[LevelSeries]:
    means = (
        (
            scale,
            segment,
            region,
            level_means(series, scale.name, segments=named(segment), regions=named(region)),
        )
        for scale in series.levels
        for segment, region in _groups(series, query)
    )
    return [
        LevelSeries(
            name=scale.name,
            label=scale.label,
            unit=scale.unit,
            segment=segment,
            region=region,
            band=band(values[:, first : last + 1]),
            replicates=[listed(row) for row in values[:, first : last + 1]]
            if query.replicates
            else [],
        )
        for scale, segment, region, values in means
    ]


def _of_group(
    series: RunSeries,
    metric: ShareKind,
    segment: str | None,
    region: str | None,
    alternatives: Sequence[str],
    query: TelemetryQuery,
    first: int,
    last: int,
) -> list[TelemetrySeries]:
    counts = cell_counts(series, metric, segments=named(segment), regions=named(region))
    values = shares(counts[:, first : last + 1])
    return [
        TelemetrySeries(
            metric=metric,
            alternative=name,
            segment=segment,
            region=region,
            band=band(values[:, :, series.alternatives.index(name)]),
            replicates=[listed(row) for row in values[:, :, series.alternatives.index(name)]]
            if query.replicates
            else [],
        )
        for name in alternatives
    ]


def _scope_of(series: RunSeries, name: str) -> tuple[str | None, str | None]:
    return (name, None) if name in series.segments else (None, name)


def _checked_names(
    asked: Sequence[str], available: Sequence[str], what: str, *, field: str
) -> Sequence[str]:
    for name in asked:
        if name not in available:
            raise _out_of_range(
                field,
                f"There is no {what} “{name}” in this run. Use one of: {', '.join(available)}.",
            )
    # Each once: a name repeated in the address must not multiply the answer.
    return tuple(dict.fromkeys(asked)) or available


def _out_of_range(field: str, message: str) -> TelemetryOutOfRange:
    return TelemetryOutOfRange(message, errors=[FieldError(field=field, message=message)])
