"""What a template can take from a population, before there is a project of it."""

from uuid import UUID

from agentverse import populations
from agentverse.platform.db.session import TenantSession
from agentverse.runs import role_columns, template_roles
from agentverse.runs.domains import TEMPLATES
from agentverse.runs.role_columns import HeldColumn
from agentverse.runs.schemas import TemplateName
from agentverse.runs.template_roles import Role, TakenRole
from agentverse.universe.schemas import NamedLabel, RoleColumn, RoleOffer


def offers(db: TenantSession, template: TemplateName, population_id: UUID) -> list[RoleOffer]:
    """Every role of the template with the columns that can be read as it.

    Raises PopulationNotFound, PopulationNotReady.
    """
    snapshot = populations.load_snapshot(db, population_id)
    columns = role_columns.held_columns(snapshot)
    return [
        _offer(
            role,
            [column for column in columns.values() if role_columns.fits(role, column)],
            sure=role_columns.suggested(snapshot, role, sure=True),
            likely=role_columns.suggested(snapshot, role, sure=False),
        )
        for role in TEMPLATES[template].roles
    ]


def defaults(
    db: TenantSession, template: TemplateName, population_id: UUID
) -> tuple[TakenRole, ...]:
    """What a project takes where its request does not say: columns whose name leaves no doubt."""
    offered = TEMPLATES[template].roles
    if not offered:
        return ()
    snapshot = populations.load_snapshot(db, population_id)
    taken = (role_columns.suggested(snapshot, role, sure=True) for role in offered)
    return tuple(sorted((one for one in taken if one is not None), key=lambda one: one.role))


def _offer(
    role: Role, columns: list[HeldColumn], *, sure: TakenRole | None, likely: TakenRole | None
) -> RoleOffer:
    suggested = sure or likely
    return RoleOffer(
        name=role.name,
        label=role.label,
        kind=role.kind,
        states=[NamedLabel(name=name, label=label) for name, label in role.states.items()],
        open=role.open,
        columns=[_column(role, column) for column in columns],
        suggested=None if suggested is None else suggested.column,
        sure=sure is not None,
    )


def _column(role: Role, column: HeldColumn) -> RoleColumn:
    read = role_columns.taken_of(role, column)
    return RoleColumn(
        name=column.name,
        shares=column.shares,
        mapping=None if read is None else template_roles.wire((read,))[role.name],
    )
