"""What a domain template is: an engine pack, its registry, and the words around them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict

from agentverse.platform.errors import FieldError
from agentverse.populations import Snapshot
from agentverse.runs.errors import TemplateOptionUnknown
from agentverse.runs.schemas import ShareKind, TemplateName, TickUnit
from agentverse.runs.template_roles import Role, TakenRole
from agentverse_engine import Pack, Variable

Options = Mapping[str, str]
Shares = Mapping[str, float]
Roles = tuple[TakenRole, ...]
# Variables and, in words, other assumptions → the value with which they move nobody (None: there
# is none; a name: that variable's value).
Movers = Mapping[str, float | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A choice between variants of a template, value → label; the first is the default."""

    name: str
    label: str
    choices: Mapping[str, str]

    @property
    def default(self) -> str:
        return next(iter(self.choices))


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltTemplate:
    """A pack and the registry that belongs to it."""

    pack: Pack
    variables: tuple[Variable, ...]


def surveyed_start(_: Options) -> Shares | None:
    """Everybody starts with what the population says."""
    return None


class ResultOverrides(TypedDict, total=False):
    """How results of a variant are read, where its options change that: fields of `Template`."""

    metrics: tuple[ShareKind, ...]
    closed_form: bool
    social: str


def read_alike(_: Options) -> ResultOverrides:
    """Whatever the options, results are read in the same way."""
    return {}


def moved_by_nothing(_: Options) -> Movers:
    """People stay as they are until something changes."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a project can simulate.

    build: pack and registry for a population (None: before there is one) and the roles taken from
    it; roles: what can be taken from it; metrics: what may be
    read of a run, the default first; social: what the social rules are called in findings;
    reading: what of these is otherwise under some options;
    start: shares of the alternatives where a project gives none (None: as the population, or the
    pack's own levels, say), start_source: where they come from; starts_by_level: the alternatives
    follow from a level, so no shares can be given; moved_by: what moves people although nothing
    changes; asked: variables and what examples say of them.
    """

    name: TemplateName
    label: str
    description: str
    tick_unit: TickUnit
    build: Callable[[Snapshot | None, Options, Roles], BuiltTemplate]
    social: str
    roles: tuple[Role, ...] = ()
    metrics: tuple[ShareKind, ...] = ("stock_share",)
    options: tuple[Option, ...] = ()
    closed_form: bool = False
    reading: Callable[[Options], ResultOverrides] = read_alike
    start: Callable[[Options], Shares | None] = surveyed_start
    start_source: str = ""
    starts_by_level: bool = False
    moved_by: Callable[[Options], Movers] = moved_by_nothing
    asked: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def metric(self) -> ShareKind:
        """The one that lists and maps show."""
        return self.metrics[0]

    @property
    def surveyed(self) -> bool:
        """Whether the alternatives are those of the survey, as its choice model was fitted."""
        return self.name == "consumer_choice"

    @property
    def social_by_default(self) -> bool:
        """A survey of choices does not identify the social rules; the others are about them."""
        return not self.surveyed

    def under(self, settled: Options) -> "Template":
        """The template as its results are read under these options, all of them given."""
        return replace(self, **self.reading(settled))

    def settled(self, given: Options) -> dict[str, str]:
        """Every option with its value; an unknown option or value is named."""
        by_name = {option.name: option for option in self.options}
        for name, value in given.items():
            if name not in by_name:
                raise _unknown(name, name, f"“{self.label}”", by_name)
            if value not in by_name[name].choices:
                raise _unknown(name, value, f"“{by_name[name].label}”", by_name[name].choices)
        return {name: given.get(name, option.default) for name, option in by_name.items()}


def _unknown(
    option: str, asked: str, where: str, allowed: Mapping[str, object]
) -> TemplateOptionUnknown:
    names = ", ".join(allowed) or "none"
    return TemplateOptionUnknown(
        f"“{asked}” is unknown in {where}. Use one of: {names}.",
        errors=[FieldError(field=f"template_options.{option}", message=f"use one of: {names}")],
    )
