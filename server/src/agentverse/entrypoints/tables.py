"""Every table of the installation, for Alembic and for the catalogue test."""

from agentverse.audit import models as audit
from agentverse.entrypoints.contexts import importable
from agentverse.identity import models as identity
from agentverse.platform.db.base import Row

_ = (audit, identity)
importable("models")

metadata = Row.metadata
