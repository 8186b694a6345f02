"""Schema version 3: tools."""

from __future__ import annotations

from db.migrate import run_scripts

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds them."""
    run_scripts("tools_v1")
