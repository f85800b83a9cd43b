"""Event scripts: the engine's form, the stored form and the wire form of one delta."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from agentverse.platform.db.session import TenantSession
from agentverse.universe import repository
from agentverse.universe.event_schemas import EventScriptInput, EventScriptWire
from agentverse.universe.models import EventScriptRow
from agentverse_engine import EventScript

SCRIPT: Final = TypeAdapter(EventScript)


def of_nodes(db: TenantSession, node_ids: Sequence[UUID]) -> list[EventScriptRow]:
    """Scripts in the order they fold: node by node as given, each in its own order."""
    order = {node_id: index for index, node_id in enumerate(node_ids)}
    rows = repository.scripts_of(db, node_ids)
    return sorted(rows, key=lambda row: (order[row.node_id], row.position))


def engine_form(row: EventScriptRow) -> EventScript:
    return SCRIPT.validate_python(row.script)


def stored_form(node_id: UUID, position: int, script: EventScript, sentence: str) -> EventScriptRow:
    return EventScriptRow(
        node_id=node_id,
        position=position,
        variable=script.variable,
        script=asdict(script),
        sentence=sentence,
    )


def wire_form(script: EventScript, sentence: str) -> EventScriptWire:
    return EventScriptWire.model_validate(
        {**SCRIPT.dump_python(script, mode="json"), "sentence": sentence}
    )


def from_wire(script: EventScriptInput) -> EventScript:
    return SCRIPT.validate_python(script.model_dump())


def wire_of_row(row: EventScriptRow) -> EventScriptWire:
    return wire_form(engine_form(row), row.sentence)
