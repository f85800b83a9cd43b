"""What calls were made and what they cost: pages of calls, sums for dashboards, exports."""

import csv
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import orjson

from agentverse.llm import repository
from agentverse.llm.errors import NoSuchCall
from agentverse.llm.models import CallRow
from agentverse.llm.repository import AnySession
from agentverse.llm.schemas import (
    Attempt,
    Call,
    CallDetail,
    CallFilter,
    CostReport,
    CostRow,
    Costs,
    ExportFormat,
    GroupBy,
)
from agentverse.platform.pagination import (
    DEFAULT_LIMIT,
    Page,
    decode_cursor,
    encode_cursor,
    page_size,
)
from agentverse.platform.spreadsheets import escape_formula

EXPORT_PAGE = 1000
HOUR = timedelta(hours=1)
SUMS = ("calls", "cost_usd", "input_tokens", "output_tokens", "unknown_cost_calls")


class Sessions(Protocol):
    """Opens a short read-only session each time it is called."""

    def __call__(self) -> AbstractContextManager[AnySession]: ...


def list_calls(
    db: AnySession, wanted: CallFilter, *, cursor: str | None, limit: int = DEFAULT_LIMIT
) -> Page[Call]:
    """Newest first."""
    size = page_size(limit)
    before = None if cursor is None else decode_cursor(cursor)
    rows = repository.list_calls(db, wanted, before=before, limit=size + 1)
    more = len(rows) > size
    return Page[Call](
        items=[call_view(row) for row in rows[:size]],
        next_cursor=encode_cursor(rows[size - 1].id) if more else None,
    )


def get_call(db: AnySession, call_id: UUID) -> CallDetail:
    """Raises NoSuchCall."""
    row = repository.find_call(db, call_id)
    if row is None:
        raise NoSuchCall("There is no such call. GET /calls lists them.")
    attempts = [Attempt.model_validate(attempt) for attempt in repository.attempts_of(db, row)]
    return CallDetail(**call_view(row).model_dump(), attempts=attempts)


def call_view(row: CallRow) -> Call:
    values: dict[str, Any] = {
        name: getattr(row, name) for name in Call.model_fields if hasattr(row, name)
    }
    user = row.actor_id if row.actor_kind == "user" else None
    return Call.model_validate({**values, "user_id": user})


# --- sums ---------------------------------------------------------------------------------------


def cost_summary(db: AnySession, wanted: CallFilter) -> Costs:
    rows = cost_report(db, wanted, None).rows
    if not rows:
        return Costs(
            calls=0, cost_usd=Decimal(0), input_tokens=0, output_tokens=0, unknown_cost_calls=0
        )
    return Costs(**rows[0].model_dump(exclude={"key"}))


def cost_report(db: AnySession, wanted: CallFilter, group_by: GroupBy | None) -> CostReport:
    """From the hourly sums; calls themselves are read only for a part of an hour at either end."""
    first, last, edges = _hours(wanted)
    sums_by_key: dict[str, dict[str, Any]] = {}
    if first is None or last is None or first < last:
        _add(sums_by_key, repository.sum_hours(db, wanted, first, last, group_by))
    for since, until in edges:
        _add(sums_by_key, repository.sum_calls_between(db, wanted, since, until, group_by))
    rows = [CostRow(key=key, **sums) for key, sums in sums_by_key.items()]
    rows.sort(key=lambda row: (row.key if group_by == "day" else "", -row.cost_usd, row.key))
    return CostReport(rows=rows)


def _hours(
    wanted: CallFilter,
) -> tuple[datetime | None, datetime | None, list[tuple[datetime, datetime]]]:
    """Whole hours, and the parts of hours before and after them."""
    since, until = wanted.since, wanted.until
    first = None if since is None else _next_hour(since.astimezone(UTC))
    last = None if until is None else _hour(until.astimezone(UTC))
    if since and until and first and last and first > last:
        return first, last, [(since, until)]
    edges: list[tuple[datetime, datetime]] = []
    if since is not None and first is not None and since < first:
        edges.append((since, first))
    if until is not None and last is not None and last < until:
        edges.append((last, until))
    return first, last, edges


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _next_hour(moment: datetime) -> datetime:
    start = _hour(moment)
    return start if start == moment else start + HOUR


def _add(sums_by_key: dict[str, dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        sums = sums_by_key.setdefault(row["key"] or "", dict.fromkeys(SUMS, 0))
        for name in SUMS:
            sums[name] += row[name] or 0


# --- exports ------------------------------------------------------------------------------------


def export_calls(open_session: Sessions, wanted: CallFilter, form: ExportFormat) -> Iterator[bytes]:
    """All matching calls, oldest first, in pieces; no session is open between two of them."""
    writer = {"csv": _csv, "jsonl": _json_lines, "json": _json_array}[form]
    return writer(_pages(open_session, wanted))


def _pages(open_session: Sessions, wanted: CallFilter) -> Iterator[list[dict[str, Any]]]:
    after: UUID | None = None
    while True:
        with open_session() as db:
            rows = repository.next_calls(db, wanted, after=after, limit=EXPORT_PAGE)
            page = [call_view(row).model_dump(mode="json") for row in rows]
        if page:
            yield page
        if len(page) < EXPORT_PAGE:
            return
        after = rows[-1].id


def _csv(pages: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    yield _csv_lines([list(Call.model_fields)])
    for page in pages:
        yield _csv_lines([[_cell(value) for value in row.values()] for row in page])


def _csv_lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    return escape_formula(value) if isinstance(value, str) else value


def _json_lines(pages: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    for page in pages:
        yield b"".join(orjson.dumps(row) + b"\n" for row in page)


def _json_array(pages: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    yield b"["
    separator = b"\n"
    for page in pages:
        yield separator + b",\n".join(orjson.dumps(row) for row in page)
        separator = b",\n"
    yield b"\n]\n"
