"""Columns that a frozen population holds, and what people start with where roles name them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentverse.platform.errors import FieldError
from agentverse.populations import Category, Snapshot
from agentverse.populations.schemas import LabelMapping
from agentverse.runs.errors import RoleInvalid
from agentverse.runs.template_roles import ABSTAIN, Role, TakenRole, TakenState
from agentverse_engine import Pack, Population

Floats = NDArray[np.float64]

MOST_STATES: Final = 12
# Of a scale of stances: the middle of what each of them covers, by cut points of 0.4 and 0.6.
STANCE_OPINIONS: Final = {"against": 0.2, "undecided": 0.5, "for": 0.8}
ABSTAINING: Final = re.compile(
    r"(?i)\b(abstain\w*|abstention|none|no vote|did not vote|not voting|non-?voters?)\b"
)
# What words of a scale of stances say of themselves.
STANCE_WORDS: Final = {
    "against": re.compile(r"(?i)\b(against|oppos\w*|disagree\w*|disapprov\w*|no)\b"),
    "undecided": re.compile(r"(?i)\b(undecided|neutral|neither|unsure|don'?t know)\b"),
    "for": re.compile(r"(?i)\b(for|in favou?r|support\w*|agrees?|approv\w*|yes)\b"),
}
YES: Final = re.compile(r"(?i)^(1|yes|y|true|adopted|has|infected|sick|ill|positive|case)$")
IMMUNE: Final = re.compile(r"(?i)immun|recover|vaccin|removed")
LEAST_MONEY: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldColumn:
    """A column as the personas have it.

    numbers: float64[personas], nan where there is no answer; None for words. codes:
    int64[personas] into values, -1 where there is no answer; values: at most MOST_STATES, else
    none; labels: what the file's mapping calls the values; ordered: whether the values rise.
    """

    name: str
    numbers: Floats | None
    codes: NDArray[np.int64]
    values: tuple[str, ...]
    labels: tuple[str, ...]
    ordered: bool = False

    @property
    def shares(self) -> dict[str, float]:
        """Of the personas with an answer, by value."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))
        total = max(1, int(counts.sum()))
        return {name: int(counts[index]) / total for index, name in enumerate(self.values)}


@lru_cache(maxsize=4)
def held_columns(snapshot: Snapshot) -> dict[str, HeldColumn]:
    """By name: the choice, the two groups, and the columns that are kept with each persona."""
    mapping, people = snapshot.mapping, snapshot.population
    columns = {name: _numbers(name, values) for name, values in snapshot.traits.items()}
    for group, labels, codes in (
        (mapping.segment, snapshot.segments, people.segment),
        (mapping.region, snapshot.regions, people.region),
    ):
        if group is not None and group.column not in columns:
            columns[group.column] = _words(group.column, labels, codes)
    for name, category in snapshot.categories.items():
        columns.setdefault(name, _category(name, category))
    if mapping.choice_column is not None:
        columns[mapping.choice_column] = HeldColumn(
            name=mapping.choice_column,
            numbers=None,
            codes=people.choice.astype(np.int64),
            values=tuple(item.value for item in mapping.alternatives),
            labels=tuple(item.label for item in mapping.alternatives),
        )
    return columns


def _words(name: str, labels: Sequence[LabelMapping], codes: NDArray[np.int16]) -> HeldColumn:
    few = len(labels) <= MOST_STATES
    return HeldColumn(
        name=name,
        numbers=None,
        codes=codes.astype(np.int64),
        values=tuple(label.name for label in labels) if few else (),
        labels=tuple(label.label for label in labels) if few else (),
    )


def _category(name: str, category: Category) -> HeldColumn:
    few = category.values if len(category.values) <= MOST_STATES else ()
    return HeldColumn(
        name=name,
        numbers=None,
        codes=category.codes.astype(np.int64) if few else np.full(category.codes.size, -1),
        values=few,
        labels=few,
        ordered=category.ordered,
    )


def _numbers(name: str, values: Floats) -> HeldColumn:
    distinct = np.unique(values[np.isfinite(values)])
    few = distinct if 2 <= len(distinct) <= MOST_STATES else distinct[:0]
    codes = np.searchsorted(few, values) if len(few) else np.full(len(values), -1)
    words = tuple(f"{value:.6g}" for value in few)
    return HeldColumn(
        name=name,
        numbers=values,
        codes=np.where(np.isfinite(values), codes, -1).astype(np.int64),
        values=words,
        labels=words,
    )


def suggested(snapshot: Snapshot, role: Role, *, sure: bool) -> TakenRole | None:
    """A column for the role, from its name and values; sure: only where its name says so.

    For a vote the choice column is the next best, since it is what people decided. No amount is
    suggested: a file does not say of how long a time its money is.
    """
    if role.kind == "money":
        return None
    columns = held_columns(snapshot)
    named = [
        column
        for column in columns.values()
        if re.search(role.words, column.name.casefold()) and fits(role, column)
    ]
    chosen = snapshot.mapping.choice_column
    if not named and not sure and role.open and chosen is not None:
        named = [columns[chosen]]
    taken = (taken_of(role, column) for column in named)
    return next((one for one in taken if one is not None), None)


def fits(role: Role, column: HeldColumn) -> bool:
    """Whether the column can be read as the role."""
    if role.kind == "money":
        return column.numbers is not None and not column.values
    if role.kind == "scale":
        return column.numbers is not None or len(column.values) >= 2
    return len(column.values) >= 2


def taken_of(role: Role, column: HeldColumn) -> TakenRole | None:
    """The role read from this column as its values suggest; None where they suggest nothing."""
    if role.kind == "money":
        return TakenRole(role=role.name, column=column.name)
    if role.kind == "scale" and column.numbers is not None:
        low, high = (float(end) for end in _ends(column.numbers))
        return TakenRole(role=role.name, column=column.name, low=low, high=high)
    if role.kind == "scale":
        meant = _stances(role, column)
    elif role.open:
        meant = _parties(column)
    else:
        meant = [_state(role, value, label) for value, label in _pairs(column)]
    if not meant:
        return None
    states = tuple(
        TakenState(value=value, state=state, label=_called(role, state, label))
        for (value, label), state in zip(_pairs(column), meant, strict=True)
        if column.shares[value] > 0 or not role.open
    )
    return TakenRole(role=role.name, column=column.name, states=states)


def _called(role: Role, state: str, label: str) -> str:
    """Parties keep the file's names, states of the template their own."""
    return label if role.open and state != ABSTAIN else role.states[state]


def _pairs(column: HeldColumn) -> list[tuple[str, str]]:
    return list(zip(column.values, column.labels, strict=True))


def _parties(column: HeldColumn) -> list[str]:
    return [
        ABSTAIN if ABSTAINING.search(f"{value} {label}") else value
        for value, label in _pairs(column)
    ]


def _stances(role: Role, column: HeldColumn) -> list[str]:
    """By what the labels say, else by their order; empty where neither tells which is which."""
    said = [
        next((name for name, words in STANCE_WORDS.items() if words.search(label)), None)
        for label in column.labels
    ]
    named = [name for name in said if name is not None]
    if sorted(named) == sorted(role.states):
        return named
    return list(role.states) if column.ordered and len(said) == len(role.states) else []


def _state(role: Role, value: str, label: str) -> str:
    names = list(role.states)
    if len(names) > 2 and IMMUNE.search(label):
        return names[2]
    return names[1] if YES.match(value) or YES.match(label) else names[0]


def _ends(numbers: Floats) -> Floats:
    answered = numbers[np.isfinite(numbers)]
    return np.array([answered.min(), answered.max()])


def _large(numbers: Floats) -> float:
    """The amount that one in ten is above."""
    answered = numbers[np.isfinite(numbers)]
    return float(np.quantile(answered, 0.9)) if answered.size else 0.0


def started(
    snapshot: Snapshot, roles: tuple[TakenRole, ...], offered: Sequence[Role], pack: Pack
) -> Population:
    """The personas with what the roles take from the file.

    Who has no answer gets that of the nearest row of the file that has one (sequential hot deck).
    Raises RoleInvalid where nobody has an answer.
    """
    people = snapshot.population
    kinds = {role.name: role for role in offered}
    for item in roles:
        column = held_columns(snapshot)[item.column]
        if kinds[item.role].kind == "state":
            people = replace(people, choice=_chosen(item, column, pack))
        else:
            level = level_of(item, column, kinds[item.role])
            people = replace(people, attributes={**people.attributes, item.role: level})
    return people


def mean_opinions(
    snapshot: Snapshot, vote: TakenRole, opinion: TakenRole, parties: Sequence[str]
) -> tuple[float, ...]:
    """The mean opinion of each party's voters, 0 to 1. Raises RoleInvalid where nobody has one."""
    columns = held_columns(snapshot)
    meant = {one.value: one.state for one in vote.states}
    voted = columns[vote.column]
    places = np.array([_place(meant.get(value), parties) for value in voted.values] + [-1])
    chosen, opinions = places[voted.codes], _scaled(opinion, columns[opinion.column])
    return tuple(float(opinions[chosen == index].mean()) for index in range(len(parties)))


def _place(state: str | None, parties: Sequence[str]) -> int:
    return parties.index(state) if state in parties else -1


def _chosen(item: TakenRole, column: HeldColumn, pack: Pack) -> NDArray[np.uint8]:
    meant = {one.value: pack.alternatives.index(one.state) for one in item.states}
    places = np.array([float(meant.get(value, np.nan)) for value in column.values] + [np.nan])
    return _filled(places[column.codes], item).astype(np.uint8)


def level_of(item: TakenRole, column: HeldColumn, role: Role) -> Floats:
    """float64[personas], in the level's unit; debts count as an amount of 0.

    Raises RoleInvalid where nobody has an answer.
    """
    if role.kind == "money":
        values = np.full(0, 0.0) if column.numbers is None else column.numbers * item.times
        return _filled(np.maximum(values, 0.0), item)
    return _scaled(item, column)


def _scaled(item: TakenRole, column: HeldColumn) -> Floats:
    """float64[personas], 0 to 1."""
    if item.states or column.numbers is None:
        meant = {one.value: STANCE_OPINIONS[one.state] for one in item.states}
        opinions = np.array([meant.get(value, np.nan) for value in column.values] + [np.nan])
        return _filled(opinions[column.codes], item)
    on_scale = (column.numbers - item.low) / (item.high - item.low)
    return _filled(np.clip(on_scale, 0.0, 1.0), item)


def _filled(values: Floats, item: TakenRole) -> Floats:
    """values: float64[personas], nan where there is no answer."""
    answered = np.flatnonzero(np.isfinite(values))
    if not answered.size:
        raise role_invalid(item.role, f"nobody in column “{item.column}” has an answer for it")
    nearest = answered[
        np.minimum(np.searchsorted(answered, np.arange(len(values))), len(answered) - 1)
    ]
    return values[nearest]


def role_invalid(role: str, message: str) -> RoleInvalid:
    return RoleInvalid(
        f"The role “{role}” cannot be taken so: {message}.",
        errors=[FieldError(field=f"roles.{role}", message=message)],
    )


def check_roles(snapshot: Snapshot, roles: tuple[TakenRole, ...], offered: Sequence[Role]) -> None:
    """Raise RoleInvalid for a role, a column or a value that there is not, or an empty scale."""
    kinds = {role.name: role for role in offered}
    columns = held_columns(snapshot)
    for item in roles:
        if item.role not in kinds:
            listed = ", ".join(kinds) or "none"
            raise role_invalid(item.role, f"the template takes only: {listed}")
        if item.column not in columns:
            listed = ", ".join(columns)
            raise role_invalid(
                item.role, f"“{item.column}” is not among the kept columns: {listed}"
            )
        check_role(item, kinds[item.role], columns[item.column])


def check_role(item: TakenRole, role: Role, column: HeldColumn) -> None:
    """Raise RoleInvalid where the column, its values or their meanings do not make the role."""
    if not fits(role, column):
        raise role_invalid(item.role, f"column “{column.name}” cannot be read as {role.label}")
    if role.kind == "scale" and not item.states and item.low == item.high:
        raise role_invalid(item.role, "the two ends of the scale are the same number")
    if role.kind == "money":
        _check_amounts(item, column)
    for one in item.states:
        if one.value not in column.values:
            listed = ", ".join(column.values)
            raise role_invalid(item.role, f"“{one.value}” is no value of it; use {listed}")
        if not role.open and one.state not in role.states:
            listed = ", ".join(role.states)
            raise role_invalid(item.role, f"“{one.state}” is no state; use {listed}")
    is_words = role.kind == "state" or (role.kind == "scale" and column.numbers is None)
    if is_words and len(item.states) < 2:
        raise role_invalid(item.role, "say what at least two of its values mean")


def _check_amounts(item: TakenRole, column: HeldColumn) -> None:
    if item.times <= 0:
        raise role_invalid(item.role, "an amount must be multiplied by more than 0")
    large = 0.0 if column.numbers is None else _large(column.numbers) * item.times
    if large < LEAST_MONEY:
        raise role_invalid(
            item.role,
            f"nine in ten have less than {large:.4g} a tick; an amount in thousands is multiplied "
            "by 1000",
        )
