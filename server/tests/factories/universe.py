"""Populations, projects and finished baselines, small enough for a test."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agentverse import hybrids, plans, populations
from agentverse.asks import asking
from agentverse.asks import jobs as ask_jobs
from agentverse.asks.schemas import Ask, AskRequest
from agentverse.hybrids import jobs as hybrid_jobs
from agentverse.hybrids.schemas import Hybrid, HybridRequest
from agentverse.plans import jobs as plan_jobs
from agentverse.plans.schemas import Plan, PlanRequest
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.populations import jobs as population_jobs
from agentverse.populations.datasets import HEATING
from agentverse.populations.schemas import ImportRequest, SynthesisOptions
from agentverse.runs import jobs as run_jobs
from agentverse.runs.schemas import TemplateName
from agentverse.universe import branching, projects
from agentverse.universe.schemas import Project, ProjectCreate

SUBSIDY = "What if a subsidy cuts the installation cost of heat pumps by 30% from month 2?"

# One action that costs money, and a wish.
SMALL_PLAN: dict[str, Any] = {
    "actions": [
        {
            "name": "campaign",
            "money": 10.0,
            "effects": [
                {
                    "event_scripts": [
                        {"variable": "conformity", "operation": "multiply", "value": 0.5}
                    ]
                }
            ],
        }
    ],
    "goals": [{"quantity": "money", "weight": -1.0}],
    "decision_ticks": [1],
}

# Someone who halves the pull of neighbours as soon as it can.
SMALL_HYBRID: dict[str, Any] = {
    "actors": [{"name": "regulator", "actions": SMALL_PLAN["actions"]}],
}

# Importing the doors registers their handlers.
HANDLERS = (population_jobs, run_jobs, ask_jobs, plan_jobs, hybrid_jobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    project: Project
    ask: Ask

    @property
    def node_id(self) -> UUID:
        assert self.ask.node_id is not None
        return self.ask.node_id


def make_population(scope: Scope, *, personas: int = 600, seed: int = 20) -> UUID:
    """The Heating households through the ordinary import, few personas."""
    uploaded = populations.upload_population(
        scope, HEATING.path, file_name="heating.csv", name="Households"
    )
    request = ImportRequest(
        mapping=HEATING.mapping, synthesis=SynthesisOptions(personas=personas, seed=seed)
    )
    with tenant_session(scope) as db:
        populations.start_import(db, uploaded.id, request)
    run_queued_jobs()
    return uploaded.id


def make_project(
    scope: Scope,
    *,
    population_id: UUID | None = None,
    name: str = "Heating",
    personas: int = 600,
    horizon: int = 6,
    replicates: int = 8,
    parameters: dict[str, float] | None = None,
    domain_template: TemplateName = "consumer_choice",
    template_options: dict[str, str] | None = None,
    start_shares: dict[str, float] | None = None,
    social_rules: bool | None = None,
) -> Project:
    """A project in which many replace early, so that few personas say enough."""
    request = ProjectCreate(
        name=name,
        population_id=population_id or make_population(scope, personas=personas),
        horizon=horizon,
        replicates=replicates,
        parameters={"replacement_rate": 0.2} if parameters is None else parameters,
        domain_template=domain_template,
        template_options=template_options or {},
        start_shares=start_shares,
        social_rules=social_rules,
    )
    with tenant_session(scope) as db:
        return projects.create_project(db, request)


def run_baseline(scope: Scope, project: Project) -> list[UUID]:
    with tenant_session(scope) as db:
        started = branching.run_node(db, project.root_node_id)
    run_queued_jobs()
    return started.run_ids


def answer(
    scope: Scope,
    project: Project,
    question: str = SUBSIDY,
    *,
    parent_node_id: UUID | None = None,
    accept_partial: bool = False,
) -> Ask:
    """Ask and work off every job; the finished question."""
    request = AskRequest(
        question=question, parent_node_id=parent_node_id, accept_partial=accept_partial
    )
    with tenant_session(scope) as db:
        accepted = asking.ask(db, project.id, request)
    run_queued_jobs()
    return asking.read_ask(scope, accepted.id)


def make_answered(scope: Scope, **options: int) -> Answered:
    project = make_project(scope, **options)  # pyright: ignore[reportArgumentType]
    run_baseline(scope, project)
    return Answered(project=project, ask=answer(scope, project))


def make_plan(scope: Scope, project: Project, **request: Any) -> Plan:
    """A search that waits in the queue."""
    wanted = PlanRequest.model_validate({**SMALL_PLAN, **request})
    with tenant_session(scope) as db:
        return plans.start(db, project.id, wanted)


def make_hybrid(scope: Scope, project: Project, **request: Any) -> Hybrid:
    """A run with actors that waits in the queue."""
    wanted = HybridRequest.model_validate({**SMALL_HYBRID, **request})
    with tenant_session(scope) as db:
        return hybrids.start(db, project.id, wanted)
