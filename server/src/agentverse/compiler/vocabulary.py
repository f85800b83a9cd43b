"""What a project can be asked about: its variables and the words people use for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

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

    def variable(self, name: str) -> Variable | None:
        return next((v for v in self.variables if v.name == name), None)

    def attribute(self, family: str, alternative: str) -> Variable | None:
        return next(
            (v for v in self.variables if v.family == family and v.alternative == alternative),
            None,
        )


def has_own_words(variable: Variable) -> bool:
    """Whether a variable is named by itself: parameters, and what each persona has one of.

    An attribute of an alternative is named by its family and its alternative.
    """
    return variable.kind == "parameter" or variable.alternative is None
