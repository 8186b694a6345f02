"""When a due day is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from widgets.gantt.scale import to_minute


def due_minute(due_on: date, zone: tzinfo) -> int:
    """24:00 of the day in the plant's zone."""
    local = datetime.combine(due_on + timedelta(days=1), time(), zone)
    return to_minute(local.astimezone(UTC))
