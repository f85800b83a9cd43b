"""HTTP door of runs."""

from base64 import b64encode
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from agentverse.platform.http.context_router import ContextRouter, audits
from agentverse.platform.http.sse import changes
from agentverse.platform.pagination import Page
from agentverse.runs import inputs, lifecycle, listing, persona_histories, replaying, watching
from agentverse.runs.errors import TelemetryOutOfRange
from agentverse.runs.permissions import ReadRuns, RunsReader, RunsWatcher, WriteRuns
from agentverse.runs.schemas import (
    Frame,
    FrameLayout,
    PersonaHistory,
    Run,
    RunEvent,
    ShareKind,
    Telemetry,
)

router = ContextRouter("runs")

LARGEST_CODE = 256  # group codes travel as uint8


@router.get("/runs")
def list_runs(
    db: ReadRuns,
    node_id: UUID | None = None,
    project_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Run]:
    return listing.page_runs(db, node_id=node_id, project_id=project_id, cursor=cursor, limit=limit)


@router.get("/runs/{run_id}")
def get_run(db: ReadRuns, run_id: UUID) -> Run:
    return listing.get_run(db, run_id)


@router.post("/runs/{run_id}/cancel", status_code=202)
@audits("run.cancel")
def cancel_run(db: WriteRuns, run_id: UUID) -> Run:
    return listing.views(db, [lifecycle.cancel(db, run_id)])[0]


@router.post("/runs/{run_id}/retry", status_code=202)
@audits("run.retry")
def retry_run(db: WriteRuns, run_id: UUID) -> list[Run]:
    """Start a failed or cancelled run's node again, with the same inputs; both variants."""
    return listing.views(db, lifecycle.retry(db, run_id))


@router.get("/runs/{run_id}/telemetry")
def get_telemetry(
    scope: RunsReader,
    run_id: UUID,
    from_tick: int = 0,
    to_tick: int | None = None,
    metrics: Annotated[
        list[ShareKind], Query(description="Empty: all that the run's template has.")
    ] = [],  # noqa: B006
    segments: Annotated[
        list[str], Query(description="Segment or region names; empty: everyone.")
    ] = [],  # noqa: B006
    alternatives: Annotated[list[str], Query()] = [],  # noqa: B006
    replicates: bool = False,
) -> Telemetry:
    query = replaying.TelemetryQuery(
        from_tick=from_tick,
        to_tick=to_tick,
        metrics=tuple(metrics),
        groups=tuple(segments),
        alternatives=tuple(alternatives),
        replicates=replicates,
    )
    return replaying.read_telemetry(scope, run_id, query)


@router.get("/runs/{run_id}/frames/{tick}")
def get_frame(scope: RunsReader, run_id: UUID, tick: int, replicate: int = 0) -> Frame:
    frame = replaying.read_frame(scope, run_id, tick, replicate=replicate)
    return Frame(
        run_id=run_id,
        tick=tick,
        replicate=replicate,
        personas=frame.choices.size,
        alternatives=list(frame.alternatives),
        choices_base64=b64encode(frame.choices.tobytes()).decode(),
        changed=frame.changed,
    )


@router.get("/runs/{run_id}/layout")
def get_frame_layout(scope: RunsReader, run_id: UUID) -> FrameLayout:
    population = inputs.population_of_run(scope, run_id)
    if max(len(population.regions), len(population.segments)) > LARGEST_CODE:
        raise TelemetryOutOfRange(
            f"Frames can be drawn for at most {LARGEST_CODE} regions or segments."
        )
    return FrameLayout(
        run_id=run_id,
        personas=len(population),
        regions=list(population.regions),
        segments=list(population.segments),
        region_base64=b64encode(population.region.astype("uint8").tobytes()).decode(),
        segment_base64=b64encode(population.segment.astype("uint8").tobytes()).decode(),
    )


@router.get("/runs/{run_id}/personas/{persona}")
def get_persona(
    scope: RunsReader, run_id: UUID, persona: int, replicate: int = 0
) -> PersonaHistory:
    """Who one persona of a finished run is, and what happened to it."""
    return persona_histories.read_history(scope, run_id, persona, replicate=replicate)


def first_event(watcher: RunsWatcher, run_id: UUID) -> RunEvent:
    """Read before the stream opens, so that an unknown run is a 404 and not a broken stream."""
    return _look(watcher, run_id)


def _look(watcher: RunsWatcher, run_id: UUID) -> RunEvent:
    return watching.read_event(watcher.scope(), run_id)


@router.get("/runs/{run_id}/events", response_class=EventSourceResponse)
async def stream_events(
    watcher: RunsWatcher, run_id: UUID, event: Annotated[RunEvent, Depends(first_event)]
) -> AsyncIterator[RunEvent]:
    """The state at once, then each change; a terminal status ends it, and so does a sign-out."""
    # Each event is the whole state, so a client that comes back with `Last-Event-ID` has missed
    # nothing by being told the present one.
    look = partial(_look, watcher, run_id)
    async for change in changes(look, watching.is_terminal, first=event):
        yield cast("RunEvent", ServerSentEvent(data=change, id=watching.event_id(change)))
