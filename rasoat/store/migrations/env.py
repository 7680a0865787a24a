"""Alembic's entry, run in process by `rasoat.store.migrating` on its connection. Leaves the logging of the process alone."""

from alembic import context

from rasoat.store import tables_work  # which brings the other tables

metadata = tables_work.FenceRow.metadata
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
