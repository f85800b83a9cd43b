"""The demo: its own tenant, the Heating households, one project with its question answered."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from agentverse import identity, populations
from agentverse.asks import answering
from agentverse.asks.answering import Answer, Timings, work_until
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import NotFound
from agentverse.platform.scope import Scope
from agentverse.populations.datasets import HEATING
from agentverse.populations.schemas import ImportRequest, Population, SynthesisOptions
from agentverse.universe import projects
from agentverse.universe.errors import PopulationNotUsable
from agentverse.universe.schemas import Project, ProjectCreate

ORGANIZATION: Final = "AgentVerse demo"
EMAIL: Final = "demo@agentverse.example"
PROJECT: Final = "heating"
PERSONAS: Final = 100_000
QUESTION: Final = "What if a subsidy cuts the installation cost of heat pumps by 30% from month 6?"
GOAL: Final = "How many more households would install a heat pump if it were subsidised?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    scope: Scope
    user_id: UUID
    project: Project


def prepare(timings: Timings) -> Demo:
    """Tenant, population and project; what is already there is used as it is."""
    scope = demo_scope() or _create_tenant()
    with tenant_session(scope, read_only=True) as db:
        project = projects.find_by_slug(db, PROJECT)
    timings.reused["population"] = timings.reused["project"] = project is not None
    if project is None:
        project = _create_project(scope, _ready_population(scope, timings))
    if scope.actor.id is None:
        raise TypeError("The demo's scope belongs to a user.")
    return Demo(scope=scope, user_id=scope.actor.id, project=project)


def demo_scope() -> Scope | None:
    try:
        return identity.scope_of_email(EMAIL)
    except NotFound:
        return None


def scope_for(email: str | None) -> Scope:
    """Who the command line acts as: the named user, else the demo's, else the only one."""
    if email is not None:
        return identity.scope_of_email(email)
    return demo_scope() or identity.scope_of_only_user()


def one_time_sign_in(demo: Demo) -> str:
    return identity.issue_one_time_sign_in(demo.scope, demo.user_id)


def ensure_answered(demo: Demo, timings: Timings) -> None:
    """Baseline and question, only if they are not there yet."""
    if answering.find_answered(demo.scope, demo.project, QUESTION) is None:
        answering.answer(demo.scope, demo.project, QUESTION, timings)


def answer_again(demo: Demo, timings: Timings) -> Answer:
    """Execute baseline and branch now, whether or not they ran before."""
    earlier = answering.find_answered(demo.scope, demo.project, QUESTION)
    if earlier is not None:
        return answering.repeat(demo.scope, demo.project, earlier, timings)
    return answering.answer(demo.scope, demo.project, QUESTION, timings)


def _create_tenant() -> Scope:
    made = identity.create_tenant_with_owner(
        email=EMAIL, full_name="Demo", organization_name=ORGANIZATION, password_hash=None
    )
    return made.scope


def _ready_population(scope: Scope, timings: Timings) -> Population:
    answering.prepare_engine(timings)
    line = f"Importing the households and synthesising {PERSONAS:,} personas"
    return timings.step("population", line, lambda: _import(scope))


def _import(scope: Scope) -> Population:
    """The same path as any user's file: upload, mapping, job."""
    uploaded = populations.upload_population(
        scope, HEATING.path, file_name=HEATING.file_name, name=HEATING.title
    )
    request = ImportRequest(mapping=HEATING.mapping, synthesis=SynthesisOptions(personas=PERSONAS))
    with tenant_session(scope) as db:
        populations.start_import(db, uploaded.id, request)
    imported = work_until(
        lambda: _population(scope, uploaded.id), lambda seen: seen.status != "importing"
    )
    if imported.status != "ready":
        raise PopulationNotUsable(str((imported.problem or {}).get("detail", "The import failed.")))
    return imported


def _population(scope: Scope, population_id: UUID) -> Population:
    with tenant_session(scope, read_only=True) as db:
        return populations.get_population(db, population_id)


def _create_project(scope: Scope, population: Population) -> Project:
    request = ProjectCreate(name=PROJECT.capitalize(), goal=GOAL, population_id=population.id)
    with tenant_session(scope) as db:
        return projects.create_project(db, request)
