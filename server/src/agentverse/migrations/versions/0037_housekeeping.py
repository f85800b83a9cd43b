"""Tags, and a project that takes with it whatever names it or one of its nodes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037_housekeeping"
down_revision = "0036_retention"
branch_labels = None
depends_on = None

TAGGED = ("projects", "populations")
# Every key to a project or a node, whichever context it is of. The owner of the tables looks past
# their row security while the keys are checked: they are every tenant's.
CASCADE = """
DO $$
DECLARE one record;
DECLARE keys jsonb;
BEGIN
  SELECT jsonb_agg(jsonb_build_object(
    'owner', conrelid::regclass::text, 'name', conname, 'definition', pg_get_constraintdef(oid)
  )) INTO keys
  FROM pg_constraint
  WHERE contype = 'f' AND confdeltype = 'a'
    AND confrelid IN ('projects'::regclass, 'nodes'::regclass);
  ALTER TABLE projects NO FORCE ROW LEVEL SECURITY;
  FOR one IN SELECT * FROM jsonb_to_recordset(keys) AS k(owner text, name text, definition text)
  LOOP
    EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', one.owner);
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.owner, one.name);
    EXECUTE format(
      'ALTER TABLE %s ADD CONSTRAINT %I %s ON DELETE CASCADE', one.owner, one.name, one.definition
    );
  END LOOP;
  FOR one IN SELECT * FROM jsonb_to_recordset(keys) AS k(owner text)
  LOOP
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', one.owner);
  END LOOP;
  ALTER TABLE projects FORCE ROW LEVEL SECURITY;
END $$
"""


def upgrade() -> None:
    for table in TAGGED:
        op.add_column(
            table, sa.Column("tags", postgresql.JSONB(), nullable=False, server_default="[]")
        )
    op.execute(sa.text(CASCADE))


def downgrade() -> None:
    raise NotImplementedError("Restore the dump made before the upgrade.")
