"""Every table of the installation, for Alembic and for the catalogue test."""

from agentverse.asks import models as asks
from agentverse.audit import models as audit
from agentverse.hybrids import models as hybrids
from agentverse.identity import models as identity
from agentverse.llm import models as llm
from agentverse.plans import models as plans
from agentverse.platform.db.base import Row
from agentverse.populations import models as populations
from agentverse.privacy import models as privacy
from agentverse.runs import models as runs
from agentverse.tasks import models as tasks
from agentverse.universe import models as universe

CONTEXTS = (identity, audit, tasks, llm, populations, runs, universe, asks, plans, hybrids, privacy)

metadata = Row.metadata
