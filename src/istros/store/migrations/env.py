"""Alembic's entry: always on a connection that `istros.store` opened and locked."""

from __future__ import annotations

from alembic import context

from istros.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
