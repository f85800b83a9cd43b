"""What a project can be asked about: its variables and the words people use for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from agentverse.compiler.tokenizing import singular
from agentverse_engine.inputs.events import EventScript, Scope
from agentverse_engine.inputs.variables import Variable

TickUnit = Literal["day", "week", "month", "quarter", "year"]


class Alternative(NamedTuple):
    """One thing people choose among."""

    label: str
    synonyms: tuple[str, ...] = ()


class Family(NamedTuple):
    """One attribute that every alternative has, such as its installation cost."""

    label: str
    unit: str
    synonyms: tuple[str, ...] = ()


class Term(NamedTuple):
    """A region or a segment."""

    label: str
    synonyms: tuple[str, ...] = ()


class People(Protocol):
    """Whom a change can reach, and what they have today."""

    def count(self, scope: Scope) -> int:
        """How many personas are in the regions and segments of a scope."""
        ...

    def values(self, variable: str, scope: Scope) -> tuple[float, float] | None:
        """Smallest and largest value of an attribute among them; None where it is not known."""
        ...

    def without_choice(self, scripts: Sequence[EventScript]) -> int:
        """How many have nothing left to choose, with these on top of what the node changes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Mappings go from the internal name to its words; a plain (label, synonyms) pair will do."""

    variables: tuple[Variable, ...]
    alternatives: Mapping[str, Alternative | tuple[str, tuple[str, ...]]]
    families: Mapping[str, Family | tuple[str, str, tuple[str, ...]]]
    regions: Mapping[str, Term | tuple[str, tuple[str, ...]]] = field(
        default_factory=dict[str, Term]
    )
    segments: Mapping[str, Term | tuple[str, tuple[str, ...]]] = field(
        default_factory=dict[str, Term]
    )
    horizon: int
    tick_unit: TickUnit = "month"
    people: People | None = None
    # What the project is about, in singular: the words of its name.
    subject: frozenset[str] = frozenset()
    # Variables that the node asked from already changes: their value of today is not known here.
    changed: frozenset[str] = frozenset()

    def variable(self, name: str) -> Variable | None:
        return next((v for v in self.variables if v.name == name), None)

    def today(self, variable: Variable, scope: Scope) -> tuple[float, float] | None:
        """Smallest and largest value before any change; None where that is not known."""
        if variable.name in self.changed:
            return None
        if variable.default is not None:
            return variable.default, variable.default
        return self.people.values(variable.name, scope) if self.people else None

    def attribute(self, family: str, alternative: str) -> Variable | None:
        return next(
            (v for v in self.variables if v.family == family and v.alternative == alternative),
            None,
        )


def subject_of(name: str) -> frozenset[str]:
    """The words of a project's name that say what it is about."""
    words = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    return frozenset(singular(word) for word in words if len(word) >= 4)


def has_own_words(variable: Variable) -> bool:
    """Whether a variable is named by itself: parameters, and what each persona has one of.

    An attribute of an alternative is named by its family and its alternative.
    """
    return variable.kind == "parameter" or variable.alternative is None
