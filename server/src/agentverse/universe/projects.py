"""Projects: a goal, a frozen population, a horizon, and the root of a universe map."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from agentverse import audit, populations, runs, tasks
from agentverse.platform.db.queries import RowPage, insert
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import FieldError
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.request_digests import digest_of
from agentverse.platform.tags import tidy_tags
from agentverse.platform.versions import refuse_stale
from agentverse.populations import NamedPopulation
from agentverse.runs import launches, template_roles
from agentverse.runs.domains import TEMPLATES
from agentverse.runs.launches import NodeRuns
from agentverse.runs.outcomes import listed_strip
from agentverse.runs.role_columns import check_roles
from agentverse.runs.schemas import RoleMapping
from agentverse.runs.selection import TemplateSelection, select_template
from agentverse.universe import repository, role_offers, variables
from agentverse.universe.baselines import notices
from agentverse.universe.bases import headline_basis
from agentverse.universe.errors import (
    AlternativeUnknown,
    ParameterOutOfRange,
    ParameterUnknown,
    PopulationNotUsable,
    ProjectInvalid,
    ProjectNotFound,
)
from agentverse.universe.graph import status_of
from agentverse.universe.headlines import headline_of
from agentverse.universe.models import NodeRow, ProjectRow
from agentverse.universe.schemas import CompilerChoice, Project, ProjectCreate, ProjectUpdate
from agentverse.universe.variables import Registry
from agentverse_engine import Variable
from agentverse_engine.packs.availability_variables import FAMILY

LONGEST_SLUG: Final = 60
BASELINE_LABEL: Final = "Baseline"
BASELINE_EXPLANATION: Final = "Nothing is changed: what the population does by itself."


def create_project(
    db: TenantSession, request: ProjectCreate, *, idempotency_key: str | None = None
) -> Project:
    """A project and its root node; the same key with the same request gives the same project.

    Raises ProjectInvalid for a blank name, PopulationNotUsable, ParameterUnknown,
    ParameterOutOfRange, or AlternativeUnknown for the outcome to follow.
    """
    project_id = new_id()
    earlier_id = tasks.made_before(db, idempotency_key, digest_of(request), resource_id=project_id)
    if earlier_id is not None:
        return view(db, [repository.get_project(db, earlier_id)])[0]
    row = _new_row(db, request, project_id)
    _insert(db, row)
    root = NodeRow(
        project_id=row.id,
        kind="root",
        label=BASELINE_LABEL,
        explanation=BASELINE_EXPLANATION,
        depth=0,
    )
    db.add(root)
    db.flush()
    audit.record(
        db,
        action="project.create",
        resource_type="project",
        resource_id=row.id,
        after={"name": row.name, "population_id": str(row.population_id), "seed": row.seed},
    )
    return view(db, [row])[0]


def update_project(
    db: TenantSession, project_id: UUID, request: ProjectUpdate, *, if_match: str | None = None
) -> Project:
    """Change what people call it and who reads its questions; what it computes stays.

    Raises ProjectNotFound, ProjectInvalid for a blank name, or ChangedMeanwhile.
    """
    row = repository.get_project(db, project_id, for_update=True)
    refuse_stale(if_match, view(db, [row])[0])
    before = _editable(row)
    if request.name is not None:
        _check_name(request.name)
        row.name = request.name.strip()
    if request.goal is not None:
        row.goal = request.goal.strip()
    if request.tags is not None:
        row.tags = tidy_tags(request.tags)
    if request.compiler is not None:
        row.compiler = request.compiler
    db.flush()
    after = _editable(row)
    audit.record(
        db,
        action="project.update",
        resource_type="project",
        resource_id=row.id,
        before={name: value for name, value in before.items() if after[name] != value},
        after={name: value for name, value in after.items() if before[name] != value},
    )
    return view(db, [row])[0]


def _editable(row: ProjectRow) -> dict[str, Any]:
    return {"name": row.name, "goal": row.goal, "tags": row.tags, "compiler": row.compiler}


def _check_name(name: str) -> None:
    if not name.strip():
        raise ProjectInvalid(
            "Give the project a name.", errors=[FieldError(field="name", message="is blank")]
        )


def get_project(db: TenantSession, project_id: UUID) -> Project:
    return view(db, [repository.get_project(db, project_id)])[0]


def list_projects(db: TenantSession, *, cursor: str | None, limit: int) -> Page[Project]:
    page: RowPage[ProjectRow] = repository.page_projects(db, cursor=cursor, limit=limit)
    return Page(items=view(db, page.items), next_cursor=page.next_cursor)


def find_by_slug(db: TenantSession, slug: str) -> Project | None:
    row = repository.find_project_by_slug(db, slug)
    return None if row is None else view(db, [row])[0]


def get_by_slug(db: TenantSession, slug: str) -> Project:
    """By the name used on the command line; the error names the projects there are.

    Raises ProjectNotFound.
    """
    project = find_by_slug(db, slug)
    if project is None:
        slugs = ", ".join(repository.slugs(db)) or "none yet; create one in the app"
        raise ProjectNotFound(f"There is no project “{slug}”. Projects here: {slugs}.")
    return project


def view(db: TenantSession, rows: Sequence[ProjectRow]) -> list[Project]:
    """Rows with what is derived: counts, status and outcome of the baseline."""
    ids = [row.id for row in rows]
    roots = {node.project_id: node for node in repository.roots_of(db, ids)}
    counts = repository.node_counts(db, ids)
    launched = launches.of_nodes(db, [node.id for node in roots.values()])
    last_runs = _last_runs(db, ids)
    named = populations.named_populations(db, {row.population_id for row in rows})
    return [
        _project(
            row,
            named[row.population_id],
            root_id=roots[row.id].id,
            root_runs=launched[roots[row.id].id],
            nodes=counts[row.id],
            last_run_at=last_runs.get(row.id),
        )
        for row in rows
    ]


def _project(
    row: ProjectRow,
    people: NamedPopulation,
    *,
    root_id: UUID,
    root_runs: NodeRuns,
    nodes: int,
    last_run_at: datetime | None,
) -> Project:
    selection = variables.template_of_project(row)
    template = selection.template
    headline = headline_of(row, root_runs.explored)
    return Project(
        id=row.id,
        name=row.name,
        tags=row.tags,
        slug=row.slug,
        goal=row.goal,
        domain_template=selection.name,
        template_options=selection.settled,
        start_shares=selection.shares,
        roles=template_roles.wire(selection.roles),
        parameters=row.parameters,
        metrics=list(template.metrics),
        population_id=row.population_id,
        population_name=people.name,
        personas=people.personas,
        horizon=row.horizon,
        tick_unit=template.tick_unit,
        replicates=row.replicates,
        seed=row.seed,
        outcome_alternative=row.outcome_alternative,
        outcome_label=_outcome_label(selection, people, row.outcome_alternative),
        root_node_id=root_id,
        created_at=row.created_at,
        nodes=nodes,
        last_run_at=last_run_at,
        baseline_status=status_of(root_runs),
        baseline_outcome=listed_strip(
            root_runs.explored, row.outcome_alternative, template.metric, headline.variant
        ),
        social_rules=row.social_rules,
        compiler=cast("CompilerChoice", row.compiler),
        headline=headline.variant,
        calibration=headline.calibration,
        notices=notices(
            row,
            selection,
            headline,
            root_runs.explored,
            survey=people.survey_shares,
            labels=people.alternative_labels,
        ),
        basis=headline_basis(row, headline, people.decision, template.metric),
        words=variables.words_of(template, people.decision),
    )


def _outcome_label(
    selection: TemplateSelection, population: NamedPopulation, alternative: str
) -> str:
    if not selection.template.surveyed:
        return selection.labels.get(alternative, alternative)
    return population.alternative_labels.get(alternative, alternative)


def _new_row(db: TenantSession, request: ProjectCreate, project_id: UUID) -> ProjectRow:
    population = populations.get_population(db, request.population_id)
    if population.status != "ready":
        raise PopulationNotUsable(
            f"The population “{population.name}” is “{population.status}”. Finish its import "
            "first, then create the project."
        )
    _check_name(request.name)
    selection = select_template(
        request.domain_template,
        request.template_options,
        request.start_shares,
        _roles(db, request),
    )
    check_roles(
        populations.load_snapshot(db, request.population_id),
        selection.roles,
        selection.template.roles,
    )
    registry = variables.registry_for(db, request.population_id, selection, request.seed)
    _check_start(registry)
    _check_parameters(request.parameters, registry.variables)
    return ProjectRow(
        id=project_id,
        name=request.name.strip(),
        slug=slugify(request.name),
        goal=request.goal.strip(),
        population_id=request.population_id,
        domain_template=selection.name,
        template_options=dict(selection.options),
        start_shares=request.start_shares,
        roles={
            name: item.model_dump(mode="json")
            for name, item in template_roles.wire(selection.roles).items()
        },
        horizon=request.horizon,
        replicates=request.replicates,
        seed=request.seed,
        estimation=selection.template.surveyed,
        outcome_alternative=_outcome(request.outcome_alternative, registry),
        parameters=dict(request.parameters),
        social_rules=_social_rules(request, selection),
        compiler=request.compiler,
    )


def _roles(db: TenantSession, request: ProjectCreate) -> Mapping[str, RoleMapping]:
    if request.roles is not None:
        return request.roles
    defaults = role_offers.defaults(db, request.domain_template, request.population_id)
    # Whoever gives the shares of a start has said what nobody needs to read off the file.
    states = {
        role.name for role in TEMPLATES[request.domain_template].roles if role.kind == "state"
    }
    skipped = states if request.start_shares is not None else frozenset[str]()
    return template_roles.wire(tuple(one for one in defaults if one.role not in skipped))


def _social_rules(request: ProjectCreate, selection: TemplateSelection) -> bool:
    if request.social_rules is None:
        return selection.template.social_by_default
    return request.social_rules


def _check_parameters(given: Mapping[str, float], variables: Sequence[Variable]) -> None:
    parameters = {
        variable.name: variable
        for variable in variables
        if variable.kind == "parameter" and variable.family != FAMILY
    }
    for name, value in given.items():
        if name not in parameters:
            raise ParameterUnknown(
                f"“{name}” is no parameter of this project. Use one of: {', '.join(parameters)}.",
                errors=[FieldError(field=f"parameters.{name}", message="unknown parameter")],
            )
        low, high = parameters[name].minimum, parameters[name].maximum
        if not low <= value <= high:
            raise ParameterOutOfRange(
                f"“{name}” is {value:.15g}; it must lie between {low:.15g} and {high:.15g}.",
                errors=[FieldError(field=f"parameters.{name}", message="outside its range")],
            )


def _check_start(registry: Registry) -> None:
    """Draws the start once, so that shares that cannot be drawn are refused here."""
    _ = registry.population


def _outcome(wished: str | None, registry: Registry) -> str:
    if wished is None:
        return registry.outcome_alternative
    if wished not in registry.names:
        raise AlternativeUnknown(
            f"“{wished}” is no alternative of this project. Use one of: "
            f"{', '.join(registry.names)}.",
            errors=[FieldError(field="outcome_alternative", message="unknown alternative")],
        )
    return wished


def slugify(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return words[:LONGEST_SLUG].strip("-") or "project"


def _insert(db: TenantSession, row: ProjectRow) -> None:
    """Take the first free slug: heating, heating-2 …; the next one if somebody was faster."""
    wished, inserted = row.slug, False
    while not inserted:
        taken = set(repository.slugs(db))
        candidates = (wished, *(f"{wished}-{number}" for number in range(2, len(taken) + 3)))
        row.slug = next(slug for slug in candidates if slug not in taken)
        inserted = insert(db, row)


def _last_runs(db: TenantSession, project_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    nodes = repository.project_of_nodes(db, project_ids)
    latest: dict[UUID, datetime] = {}
    for node_id, started in runs.last_started(db, nodes).items():
        project_id = nodes[node_id]
        latest[project_id] = max(started, latest.get(project_id, started))
    return latest
