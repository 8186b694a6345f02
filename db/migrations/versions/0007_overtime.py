"""Schema version 7: overtime."""

from __future__ import annotations

from db.migrate import run_scripts

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds it."""
    run_scripts("overtime_v1")
