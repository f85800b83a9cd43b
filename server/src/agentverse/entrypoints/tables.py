"""Every table of the installation, for Alembic and for the catalogue test."""

from importlib import import_module
from importlib.util import find_spec

from agentverse.audit import models as audit
from agentverse.identity import models as identity
from agentverse.platform.db.base import Row

_ = (audit, identity)
for _context in ("llm", "populations", "runs", "universe"):
    if find_spec(f"agentverse.{_context}.models") is not None:
        import_module(f"agentverse.{_context}.models")

metadata = Row.metadata
