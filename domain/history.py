"""Who changed what and when, as the audit trail tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One changed row.

    ``before``/``after`` hold columns by name; None before: an insert, None after: a delete.
    """

    sequence: int
    at: datetime
    who: str
    table: str
    row_id: UUID
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
