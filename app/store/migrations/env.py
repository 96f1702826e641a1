"""Alembic's entry: runs the migrations on the connection, and inside the transaction, that the caller hands over."""

from alembic import context

from app.store.tables import Stored

context.configure(connection=context.config.attributes["connection"], target_metadata=Stored.metadata)
with context.begin_transaction():
    context.run_migrations()
