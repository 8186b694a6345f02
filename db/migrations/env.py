"""Runs the migrations on the connection that `db.migrate` opened; there is no offline mode."""

from __future__ import annotations

from alembic import context

from db.schema import SCHEMA, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="schema_version",
    version_table_schema=SCHEMA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
