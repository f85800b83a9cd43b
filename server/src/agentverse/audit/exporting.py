"""The audit as a stream of CSV, JSON or JSON lines: page by page, in constant memory."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, Literal
from uuid import UUID

from agentverse.audit import repository
from agentverse.audit.reading import checked, views
from agentverse.audit.recording import record
from agentverse.audit.repository import Filters
from agentverse.audit.schemas import AuditEntryDetail
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.spreadsheets import escape_formula

ExportFormat = Literal["csv", "json", "jsonl"]
MEDIA_TYPES: dict[ExportFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}
ROWS_PER_READ = 1000
# A spreadsheet takes a cell that begins like this for a formula.

COLUMNS = (
    "id",
    "occurred_at",
    "actor_kind",
    "actor_id",
    "credential_kind",
    "credential_id",
    "action",
    "resource_type",
    "resource_id",
    "outcome",
    "request_id",
    "ip",
    "agent",
    "position",
    "before",
    "after",
)


def export(
    scope_now: Callable[[], Scope], filters: Filters, format_: ExportFormat
) -> Iterator[bytes]:
    """Newest first. Recorded before the first row leaves.

    scope_now: the reader's scope as of now, asked for before each page: lost authority ends it.
    """
    wanted = checked(filters)
    with tenant_session(scope_now()) as db:
        record(
            db,
            action="audit.export",
            resource_type="audit",
            resource_id=None,
            after={"kind": format_, "filters": _named(wanted)},
        )
    return WRITERS[format_](_entries(scope_now, wanted))


def _named(filters: Filters) -> dict[str, str]:
    values = ((name, getattr(filters, name)) for name in Filters.__slots__)
    return {name: str(value) for name, value in values if value is not None}


def _entries(scope_now: Callable[[], Scope], filters: Filters) -> Iterator[AuditEntryDetail]:
    before: UUID | None = None
    while True:
        with tenant_session(scope_now(), read_only=True) as db:
            rows = repository.list_entries(db, filters, before=before, limit=ROWS_PER_READ)
            page = [view.detail() for view in views(db, rows)]
        yield from page
        if len(page) < ROWS_PER_READ:
            return
        before = page[-1].id


def _csv(entries: Iterator[AuditEntryDetail]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([escape_formula(cell) for cell in _cells(entry)])
        if buffer.tell() > 64 * 1024:
            yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "backslashreplace")


def _cells(entry: AuditEntryDetail) -> list[str]:
    fields = entry.model_dump(mode="json")
    fields |= {"actor_kind": fields["actor"]["kind"], "actor_id": fields["actor"]["id"]}
    return [_cell(fields[name]) for name in COLUMNS]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _jsonl(entries: Iterator[AuditEntryDetail]) -> Iterator[bytes]:
    for entry in entries:
        yield entry.model_dump_json().encode() + b"\n"


def _json(entries: Iterator[AuditEntryDetail]) -> Iterator[bytes]:
    opening = b"[\n"
    for entry in entries:
        yield opening + entry.model_dump_json().encode()
        opening = b",\n"
    yield b"[]\n" if opening == b"[\n" else b"\n]\n"


WRITERS: dict[ExportFormat, Callable[[Iterator[AuditEntryDetail]], Iterator[bytes]]] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
}
