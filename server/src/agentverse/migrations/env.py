"""Alembic's entry: runs the history as the owner role, told which logins the roles have."""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from agentverse.entrypoints.tables import metadata

config = context.config

engine = create_engine(config.attributes["owner_url"], poolclass=NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        logins=config.attributes["logins"],
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
