"""Schema version 2: what planners want of their plans, as named profiles."""

from __future__ import annotations

from db.migrate import run_scripts

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the table of profiles."""
    run_scripts("tables_objectives_v1")
