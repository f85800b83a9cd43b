"""The pack `election`: opinions as in `opinion`, and a vote by distance, habit and neighbours."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PackError
from agentverse_engine.inputs.variables import Variable, parameter
from agentverse_engine.packs.availability_variables import availability_variables
from agentverse_engine.packs.influence import InfluenceName, influence_named
from agentverse_engine.packs.issue import (
    AFTER_INFLUENCE,
    BEFORE_INFLUENCE,
    LEVELS,
    MEDIA_USE,
    SPREADS,
    campaign_variables,
)
from agentverse_engine.packs.pack import Pack
from agentverse_engine.rules import (
    AVAILABILITY,
    CONFORMITY,
    LOGIT_CHOICE,
    PARTY_APPEAL,
    PARTY_PROXIMITY,
    VOTE_HABIT,
)

ABSTAIN = "abstain"


def election(
    *,
    parties: Sequence[str] = ("left", "centre", "right"),
    positions: Sequence[float] = (0.2, 0.5, 0.8),
    influence: InfluenceName = "friedkin_johnsen",
    labels: Mapping[str, str] | None = None,
    abstaining: bool = True,
    removable: bool = False,
) -> Pack:
    """Return the pack in which personas intend to vote for a party or to abstain, at every tick.

    positions: of the parties on the scale of opinions, 0 to 1; labels: what people call each of
    them, by name (left out: its name); abstaining: whether anybody may stay at home; removable:
    scripts may take a party out of the race. PackError: no party, two of one name, one called
    "abstain", positions that are not one per party within 0 to 1.
    """
    names = _parties(parties)
    called = {**{name: name for name in names}, ABSTAIN: "does not vote", **(labels or {})}
    alternatives = (*names, ABSTAIN) if abstaining else names
    chosen = influence_named(influence)
    variables = (
        *chosen.variables,
        MEDIA_USE,
        *campaign_variables(
            persuasion_rate=0.002,
            persuasion_source="assumption: near zero, as contacts in general elections are on "
            "average (Kalla & Broockman 2018)",
        ),
        *_vote_variables(),
        *(_appeal(name, called[name]) for name in alternatives),
        *(availability_variables(called, alternatives) if removable else ()),
    )
    return Pack(
        name="election",
        alternatives=alternatives,
        levels=LEVELS,
        filters=chosen.filters,
        rules=(
            *BEFORE_INFLUENCE,
            *chosen.rules,
            *AFTER_INFLUENCE,
            PARTY_APPEAL,
            PARTY_PROXIMITY,
            VOTE_HABIT,
            CONFORMITY,
            *((AVAILABILITY,) if removable else ()),
            LOGIT_CHOICE,
        ),
        parameters=tuple(item.name for item in variables if item.kind == "parameter"),
        attributes=tuple(item.name for item in variables if item.kind == "attribute"),
        variables=variables,
        constants={"positions": _positions(positions, names)},
        spreads=SPREADS,
        labels={name: called[name] for name in alternatives},
        outcome=names[0],
    )


def _vote_variables() -> tuple[Variable, ...]:
    return (
        parameter(
            "issue_weight",
            label="weight of how near a party is on an issue that matters fully",
            default=4.0,
            bounds=(0.0, 20.0),
            source="assumption: utility falls with the distance (Downs 1957)",
            synonyms=("issue voting", "ideology"),
        ),
        parameter(
            "vote_habit",
            label="pull of doing the same as at the last tick",
            default=1.0,
            bounds=(0.0, 5.0),
            source="assumption: Gerber, Green & Shachar 2003 and Heckman 1981 give the direction",
            synonyms=("party loyalty", "voting habit"),
        ),
        parameter(
            "conformity",
            label="pull of what the neighbours intend to vote",
            default=0.5,
            bounds=(0.0, 3.0),
            source="assumption: a third of d = 0.92, 1.67 in log-odds, which Bond & Smith 1996 "
            "find where others look on: a vote is secret",
            synonyms=("bandwagon", "peer pressure"),
        ),
    )


def _appeal(name: str, label: str) -> Variable:
    abstaining = name == ABSTAIN
    return parameter(
        f"appeal.{name}",
        label="pull of staying at home" if abstaining else f"appeal of {label} beyond the issue",
        default=1.0 if abstaining else 0.0,
        bounds=(-5.0, 5.0),
        source="assumption: what voting costs beyond the duty to vote (Riker & Ordeshook 1968)"
        if abstaining
        else "assumption: none; valence, Stokes 1963",
        family="appeal",
        alternative=name,
        synonyms=("abstention", "cost of voting", "turnout")
        if abstaining
        else (f"popularity of {label}", f"candidate of {label}"),
    )


def _parties(given: Sequence[str]) -> tuple[str, ...]:
    names = tuple(given)
    if not names or ABSTAIN in names or len(set(names)) != len(names):
        raise PackError(
            f"are {', '.join(names) or 'none'}.",
            field="parties",
            fix=f"Give at least one, each once, none called '{ABSTAIN}'.",
        )
    return names


def _positions(given: Sequence[float], names: tuple[str, ...]) -> NDArray[np.float64]:
    positions = np.array(given, dtype=np.float64)
    if positions.shape != (len(names),) or not ((positions >= 0) & (positions <= 1)).all():
        raise PackError(
            f"are {', '.join(f'{value:g}' for value in given)}.",
            field="positions",
            fix=f"Give one number from 0 to 1 for each of {', '.join(names)}.",
        )
    return positions
