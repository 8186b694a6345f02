"""Schema version 2: what planners want of their plans, as named profiles."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the table of profiles."""
    script = Path(__file__).parents[2] / "sql" / "tables_objectives_v1.sql"
    # The driver's own cursor: nothing in the script is a placeholder.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script.read_text(encoding="utf-8"))
