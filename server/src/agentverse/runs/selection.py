"""A template as a project or a run holds it, and what it makes of a frozen population."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from agentverse.platform.errors import FieldError
from agentverse.populations import Snapshot
from agentverse.runs.domain_template import BuiltTemplate, Roles, Template
from agentverse.runs.domains import TEMPLATES
from agentverse.runs.errors import StartSharesInvalid
from agentverse.runs.role_columns import started
from agentverse.runs.schemas import RoleMapping, TemplateName
from agentverse.runs.template_roles import taken
from agentverse_engine import Population, packs
from agentverse_engine.errors import EngineError


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSelection:
    """Hashable, so that what it makes can be kept."""

    name: TemplateName = "consumer_choice"
    options: tuple[tuple[str, str], ...] = ()
    start_shares: tuple[tuple[str, float], ...] | None = None
    roles: Roles = ()

    @property
    def template(self) -> Template:
        """As its results are read under these options."""
        return TEMPLATES[self.name].under(self.settled)

    @property
    def settled(self) -> dict[str, str]:
        """Every option with its value."""
        return TEMPLATES[self.name].settled(dict(self.options))

    @property
    def takes_state(self) -> bool:
        """Whether the file says the alternative that everybody starts with."""
        kinds = {role.name: role.kind for role in TEMPLATES[self.name].roles}
        return any(kinds.get(item.role) == "state" for item in self.roles)

    @property
    def labels(self) -> dict[str, str]:
        """What people call the alternatives, where these are not the survey's."""
        return dict(self.template.build(None, self.settled, self.roles).pack.labels)

    @property
    def closed_form(self) -> bool:
        return self.template.closed_form

    @property
    def shares(self) -> dict[str, float] | None:
        """Of the personas that start with each alternative; None: as their own data say."""
        if self.start_shares is not None:
            return dict(self.start_shares)
        if self.takes_state:
            return None
        given = self.template.start(self.settled)
        return None if given is None else dict(given)


def select_template(
    name: str,
    options: Mapping[str, str],
    start_shares: Mapping[str, float] | None,
    roles: Mapping[str, RoleMapping] | None = None,
) -> TemplateSelection:
    """From the sent or stored form, checked as far as it can be without a population.

    Raises StartSharesInvalid for shares of a template whose people start at levels.
    """
    template = TEMPLATES[cast("TemplateName", name)]
    template.settled(options)
    if start_shares is not None and template.starts_by_level:
        raise StartSharesInvalid(
            f"In “{template.label}” the start follows from the personas' own levels. Leave "
            "start_shares out.",
            errors=[FieldError(field="start_shares", message="cannot be set in this template")],
        )
    return TemplateSelection(
        name=template.name,
        options=tuple(sorted(options.items())),
        start_shares=None if start_shares is None else tuple(sorted(start_shares.items())),
        roles=taken(roles or {}),
    )


@lru_cache(maxsize=16)
def build_template(snapshot: Snapshot, selection: TemplateSelection) -> BuiltTemplate:
    return selection.template.build(snapshot, selection.settled, selection.roles)


@lru_cache(maxsize=4)
def population_of(snapshot: Snapshot, selection: TemplateSelection, seed: int) -> Population:
    """The frozen personas with what the pack needs besides; the survey's own stay as they are.

    Raises StartSharesInvalid, with the engine's reason.
    """
    if selection.template.surveyed and selection.shares is None:
        return snapshot.population
    pack = build_template(snapshot, selection).pack
    try:
        people = started(snapshot, selection.roles, selection.template.roles, pack)
        whole = packs.completed(people, pack, seed=seed, shares=selection.shares)
    except EngineError as error:
        raise StartSharesInvalid(
            f"The personas' start cannot be drawn: {error}",
            errors=[
                FieldError(
                    field=error.field.replace("shares", "start_shares", 1),
                    message=f"{error.message} {error.fix}",
                )
            ],
        ) from error
    return packs.stances(whole, pack) if selection.template.starts_by_level else whole
