"""Schema version 8: absences and the frozen horizon."""

from __future__ import annotations

from db.migrate import run_scripts

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds them."""
    run_scripts("repair_v1")
