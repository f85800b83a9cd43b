"""Roles: what a template takes from the people of a file, and from which column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from agentverse.runs.schemas import RoleMapping, StateMapping

RoleKind = Literal["state", "scale", "money"]
ABSTAIN: Final = "abstain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One thing that a template can take from a column.

    kind: state (the alternative that everybody starts with), scale (a level from 0 to 1, by a
    number or by stances) or money (a level in money a tick); states: those of the template that
    values of the column can mean, name → label; open: the values themselves are alternatives;
    words: what a column's name says that is for this role, as a pattern.
    """

    name: str
    label: str
    kind: RoleKind
    words: str
    states: Mapping[str, str]
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenState:
    """A value of the column and the alternative that it means."""

    value: str
    state: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRole:
    """A role with its column: hashable, so that what is made of it can be kept.

    low, high: the numbers that mean 0 and 1 on a scale, either may be the larger; times: what an
    amount is multiplied by to be one of a tick.
    """

    role: str
    column: str
    states: tuple[TakenState, ...] = ()
    low: float = 0.0
    high: float = 1.0
    times: float = 1.0

    @property
    def labels(self) -> dict[str, str]:
        """What the file calls the alternatives, in its order."""
        return {item.state: item.label for item in self.states}


def taken(roles: Mapping[str, RoleMapping]) -> tuple[TakenRole, ...]:
    """From the sent or stored form."""
    return tuple(
        TakenRole(
            role=name,
            column=mapping.column,
            states=tuple(TakenState(**item.model_dump()) for item in mapping.states),
            low=mapping.low,
            high=mapping.high,
            times=mapping.times,
        )
        for name, mapping in sorted(roles.items())
    )


def wire(roles: tuple[TakenRole, ...]) -> dict[str, RoleMapping]:
    return {
        item.role: RoleMapping(
            column=item.column,
            states=[
                StateMapping(value=one.value, state=one.state, label=one.label)
                for one in item.states
            ],
            low=item.low,
            high=item.high,
            times=item.times,
        )
        for item in roles
    }


def stored(document: Mapping[str, Any]) -> dict[str, RoleMapping]:
    """As a row holds it."""
    return {name: RoleMapping.model_validate(item) for name, item in document.items()}


def find(roles: tuple[TakenRole, ...], name: str) -> TakenRole | None:
    return next((item for item in roles if item.role == name), None)


VOTE: Final = Role(
    name="vote",
    label="what people intend to vote",
    kind="state",
    words=r"vote|party|ballot|candidate|intention",
    states={ABSTAIN: "does not vote"},
    open=True,
)
OPINION: Final = Role(
    name="opinion",
    label="opinion on the issue",
    kind="scale",
    words=r"opinion|attitude|support|stance|agree|approv|favou?r|scale|leftright|lrscale|ideolog",
    states={"against": "against", "undecided": "undecided", "for": "in favour"},
)
HAS_IT: Final = Role(
    name="has_it",
    label="who has it already",
    kind="state",
    words=r"adopt|owns|has_|takeup|take_up|subscri|uptake",
    states={"not_yet": "not yet adopted", "adopted": "adopted"},
)
INFECTED: Final = Role(
    name="status",
    label="who is infected, who is immune",
    kind="state",
    words=r"infect|status|immun|disease|sick|ill|recover|vaccin",
    states={
        "susceptible": "susceptible",
        "infected": "infected",
        "recovered": "recovered or vaccinated",
    },
)


def _money(name: str, label: str, words: str) -> Role:
    return Role(name=name, label=label, kind="money", words=words, states={})


MONEY: Final = (
    _money("income", "income", r"income|earning|salary|wage"),
    _money("spending", "spending", r"spend|expend|consum|outlay"),
    _money("wealth", "liquid wealth", r"wealth|asset|savings"),
)
