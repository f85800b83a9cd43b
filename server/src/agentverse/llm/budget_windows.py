"""Windows of budgets: computed from the time, so that no job has to reset anything."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def window_end(period: str, time_zone: str, window_start: str | datetime) -> str | None:
    """When the window that began then ends, RFC 3339; None for one that never does."""
    if period == "total":
        return None
    started = (
        window_start if isinstance(window_start, datetime) else datetime.fromisoformat(window_start)
    )
    local = started.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    match period:
        case "day":
            end = local + timedelta(days=1)
        case "week":
            end = local + timedelta(weeks=1)
        case _:
            end = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
    return end.replace(tzinfo=ZoneInfo(time_zone)).isoformat()
