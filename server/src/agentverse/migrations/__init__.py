"""One linear Alembic history: expand, backfill, contract."""
