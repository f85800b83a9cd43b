"""The domain templates, one entry each.

To add one: an entry here, its name in `TemplateName`, and a migration that widens the check
constraints of `projects` and `runs`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypedDict, cast

from agentverse.populations import Snapshot
from agentverse.populations.schemas import DecisionMapping
from agentverse.runs import role_columns, template_roles
from agentverse.runs.domain_template import (
    BuiltTemplate,
    Movers,
    Option,
    Options,
    ResultOverrides,
    Roles,
    Shares,
    Template,
)
from agentverse.runs.schemas import TemplateName, TickUnit
from agentverse.runs.template_roles import TakenRole
from agentverse_engine import (
    ChoiceModel,
    ChoiceRate,
    Pack,
    Variable,
    consumer_choice,
    consumer_choice_variables,
    generous_range,
    packs,
)

_TICK: Final = re.compile(r"\btick(?=s?\b)")
_AT_TICK: Final = re.compile(r"\bat the (?=(last|next) tick\b)")

# Stands in where there is no population yet, so no alternative has a name.
NO_PEOPLE: Final = ChoiceModel(
    alternatives=("one", "another"), coefficients={}, constants={"another": 0.0}
)

ADVERTISING: Final = Option(
    name="advertising",
    label="advertising",
    choices={
        "off": "left out",
        "on": "moves utility",
        "wearing_out": "moves utility and wears out",
    },
)
LOSSES: Final = Option(
    name="losses",
    label="losses against what one has",
    choices={
        "linear": "weigh more (Tversky & Kahneman 1991)",
        "diminishing": "diminish too (Tversky & Kahneman 1992)",
    },
)


class Variant(TypedDict):
    """The variants of the engine's pack, as its functions name them."""

    media: bool
    wearout: bool
    prospect: bool


def _variant(options: Options) -> Variant:
    return {
        "media": options["advertising"] != "off",
        "wearout": options["advertising"] == "wearing_out",
        "prospect": options["losses"] == "diminishing",
    }


def _reading(options: Options) -> ResultOverrides:
    """With wear-out the engine's flows count changes of system alone, not replacements by one of
    the same kind; and responsiveness depends on what was seen before, so no tick has a closed
    form by itself.
    """
    variant = _variant(options)
    reading: ResultOverrides = {}
    if variant["wearout"]:
        reading = {"metrics": ("stock_share",), "closed_form": False}
    if variant["prospect"]:
        reading["social"] = "conformity and the value of gains and losses"
    return reading


def _consumer_choice(snapshot: Snapshot | None, options: Options, _: Roles) -> BuiltTemplate:
    variant = _variant(options)
    if snapshot is None:
        return _shared_parameters(variant)
    model, mapping = snapshot.choice_model, snapshot.mapping
    matrix = snapshot.population.attributes
    columns = {
        family.name: [matrix[f"{family.name}.{name}"] for name in model.alternatives]
        for family in mapping.families
    }
    variables = consumer_choice_variables(
        model,
        attribute_ranges={name: generous_range(values) for name, values in columns.items()},
        family_labels={family.name: family.label for family in mapping.families},
        family_units={family.name: family.unit for family in mapping.families},
        alternative_labels={item.value: item.label for item in mapping.alternatives},
        attribute_source=snapshot.source,
        synonyms={family.name: family.synonyms for family in mapping.families},
        choice_rate=_choice_rate(mapping.decision),
        removable=True,
        **variant,
    )
    return BuiltTemplate(
        pack=consumer_choice(model, removable=True, **variant), variables=variables
    )


def _choice_rate(decision: DecisionMapping) -> ChoiceRate:
    """How often people choose, as the population says it."""
    months = decision.months_between
    source = decision.source or f"assumption: one choice in {months:g} months, not in the file"
    return ChoiceRate(
        rate=1 / months,
        label=f"share of {decision.holders} with a new choice each month",
        source=source,
    )


def _shared_parameters(variant: Variant) -> BuiltTemplate:
    """What every project of the template has, whatever its people choose among."""
    variables = consumer_choice_variables(
        NO_PEOPLE,
        attribute_ranges={},
        family_labels={},
        family_units={},
        alternative_labels={name: name for name in NO_PEOPLE.alternatives},
        attribute_source="",
        choice_rate=_choice_rate(DecisionMapping()),
        **variant,
    )
    shared = tuple(variable for variable in variables if variable.alternative is None)
    return BuiltTemplate(pack=consumer_choice(NO_PEOPLE, **variant), variables=shared)


MECHANISM: Final = Option(
    name="mechanism",
    label="how people take it up",
    choices={
        "bass": "innovators and imitators (Bass 1969)",
        "threshold": "enough neighbours (Granovetter 1978)",
        "complex": "several sources (Centola & Macy 2007)",
    },
)
COURSE: Final = Option(
    name="course",
    label="what comes after",
    choices={
        "sir": "who recovers is immune (SIR)",
        "sis": "who recovers can catch it again (SIS)",
    },
)
INFLUENCE: Final = Option(
    name="influence",
    label="how people influence each other",
    choices={
        "friedkin_johnsen": "anchored (Friedkin & Johnsen 1990)",
        "confirmation_bias": "anchored, biased (Rabin & Schrag 1999)",
        "degroot": "averaging (DeGroot 1974)",
        "bounded_confidence": "like-minded (Hegselmann & Krause 2002)",
        "pairwise": "similar pairs (Deffuant et al. 2000)",
        "biased_assimilation": "biased reading (Dandekar et al. 2013)",
    },
)


def _packed(pack: Pack, tick_unit: TickUnit) -> BuiltTemplate:
    variables = tuple(
        _described(variable, tick_unit, pack.variables) for variable in pack.variables
    )
    return BuiltTemplate(pack=pack, variables=variables)


def _described(
    variable: Variable, tick_unit: TickUnit, variables: tuple[Variable, ...]
) -> Variable:
    """The engine knows ticks and names of columns, people know their clock and plain words."""

    def words(text: str) -> str:
        for other in variables:
            text = text.replace(other.name, other.name.replace("_", " "))
        return _TICK.sub(tick_unit, _AT_TICK.sub("", text))

    label, unit, source = (words(text) for text in (variable.label, variable.unit, variable.source))
    return replace(variable, label=label, unit=unit, source=source)


def _adoption(_: Snapshot | None, options: Options, __: Roles) -> BuiltTemplate:
    return _packed(packs.adoption(mechanism=cast("Any", options["mechanism"])), "month")


def _adopted_at_start(options: Options) -> Shares:
    """In complex contagion nobody starts by themselves, so some have it already."""
    if options["mechanism"] == "complex":
        return {"not_yet": 0.95, "adopted": 0.05}
    return {"not_yet": 1.0, "adopted": 0.0}


def _contagion(_: Snapshot | None, options: Options, __: Roles) -> BuiltTemplate:
    return _packed(packs.contagion(course=cast("Any", options["course"])), "day")


def _opinion(_: Snapshot | None, options: Options, __: Roles) -> BuiltTemplate:
    return _packed(packs.opinion(cast("Any", options["influence"])), "week")


def _election(snapshot: Snapshot | None, options: Options, taken: Roles) -> BuiltTemplate:
    influence = cast("Any", options["influence"])
    vote = template_roles.find(taken, "vote")
    if vote is None:
        return _packed(packs.election(influence=influence, removable=True), "week")
    parties = tuple(name for name in vote.labels if name != template_roles.ABSTAIN)
    pack = packs.election(
        parties=parties,
        positions=_positions(snapshot, vote, template_roles.find(taken, "opinion"), parties),
        influence=influence,
        labels={name: vote.labels[name] for name in parties},
        abstaining=template_roles.ABSTAIN in vote.labels,
        removable=True,
    )
    return _packed(pack, "week")


def _positions(
    snapshot: Snapshot | None,
    vote: TakenRole,
    opinion: TakenRole | None,
    parties: tuple[str, ...],
) -> tuple[float, ...]:
    """Where the parties stand: as their voters do, where the file says what these think."""
    if snapshot is None or opinion is None:
        return tuple((index + 0.5) / len(parties) for index in range(len(parties)))
    return role_columns.mean_opinions(snapshot, vote, opinion, parties)


def _consumption(_: Snapshot | None, __: Options, ___: Roles) -> BuiltTemplate:
    return _packed(packs.consumption(), "quarter")


def _few_infected(options: Options) -> Shares:
    recovered = {"recovered": 0.0} if options["course"] == "sir" else {}
    return {"susceptible": 0.99, "infected": 0.01, **recovered}


def _undecided_voters(_: Options) -> Shares:
    return {"left": 0.25, "centre": 0.25, "right": 0.25, "abstain": 0.25}


def _hand_to_mouth(_: Options) -> Shares:
    return {"unconstrained": 0.7, "hand_to_mouth": 0.3}


def _choices_move(_: Options) -> Movers:
    return {"replacement_rate": 0.0}


def _adoption_moves(options: Options) -> Movers:
    mechanism: dict[str, Movers] = {
        "bass": {"imitation": 0.0},
        "threshold": {"threshold": None},
        "complex": {"first_exposure": 0.0, "reinforcement": None, "sources_needed": None},
    }
    return {"innovation": 0.0, **mechanism[options["mechanism"]], "abandonment": 0.0}


def _contagion_moves(options: Options) -> Movers:
    always = {"infection_chance": 0.0, "recovery_chance": 0.0}
    return {**always, "vaccination_rate": 0.0} if options["course"] == "sir" else always


# Anchored opinions rest where they were found; all others only in agreement or in camps.
UNANCHORED: Final[Mapping[str, Movers]] = {
    "degroot": {"self_weight": 1.0},
    "bounded_confidence": {"confidence_bound": None},
    "pairwise": {"convergence_rate": 0.0, "confidence_bound": None},
    "biased_assimilation": {"assimilation_bias": None, "own_weight": None},
}


def _opinions_move(options: Options) -> Movers:
    campaigns = {"campaign_for": 0.0, "campaign_against": 0.0}
    return {**UNANCHORED.get(options["influence"], {}), **campaigns}


def _votes_move(options: Options) -> Movers:
    votes = {"issue_weight": None, "vote_habit": None, "conformity": None}
    return {**_opinions_move(options), **votes}


def _money_moves(_: Options) -> Movers:
    return {
        "what is left of incomes at the start, which households save": None,
        "income_change": 0.0,
        "interest_rate": "neutral_rate",
        "confidence": 100.0,
        "credit_limit": None,
    }


_ENTRIES: Final = (
    Template(
        name="consumer_choice",
        label="Consumer choice",
        description="People choose anew, now and then, what a choice model fitted to the survey "
        "finds most attractive; what they assume of neighbours and losses stands beside it.",
        tick_unit="month",
        build=_consumer_choice,
        social="conformity and loss aversion",
        metrics=("flow_share", "stock_share"),
        options=(ADVERTISING, LOSSES),
        moved_by=_choices_move,
        closed_form=True,
        reading=_reading,
    ),
    Template(
        name="adoption",
        label="Adoption",
        description="Something new spreads: who takes it up, and when.",
        tick_unit="month",
        build=_adoption,
        social="influence of neighbours who have adopted",
        roles=(template_roles.HAS_IT,),
        moved_by=_adoption_moves,
        options=(MECHANISM,),
        start=_adopted_at_start,
        start_source="assumption: nobody has adopted yet; 5 % where several sources have to "
        "confirm each other, because nobody begins alone there",
        asked={
            "advertising": "advertising rises to 150",
            "price": "the price falls by 20%",
            "imitation": "word of mouth rises by 50%",
            "innovation": "the innovation rate is set to 0.02",
            "threshold": "thresholds fall by 20%",
            "first_exposure": "the persuasion chance doubles",
            "reinforcement": "social reinforcement is set to 3",
        },
    ),
    Template(
        name="opinion",
        label="Opinion",
        description="Opinions on one issue move by influence, campaigns and news; stances follow.",
        tick_unit="week",
        build=_opinion,
        social="influence of other people's opinions",
        roles=(template_roles.OPINION,),
        options=(INFLUENCE,),
        moved_by=_opinions_move,
        start_source="the personas' opinions, by cut points of 0.4 and 0.6",
        starts_by_level=True,
        asked={
            "campaign_for": "the campaign in favour is set to 2",
            "campaign_against": "the campaign against is set to 5",
            "susceptibility": "susceptibility to influence falls by 50%",
            "self_weight": "self-confidence is set to 0.9",
            "confidence_bound": "tolerance is set to 0.6",
            "assimilation_bias": "biased assimilation is set to 3",
        },
    ),
    Template(
        name="election",
        label="Election",
        description="Opinions on one issue, and a vote by distance, habit and neighbours.",
        tick_unit="week",
        build=_election,
        social="influence of others on opinion and vote",
        roles=(template_roles.VOTE, template_roles.OPINION),
        options=(INFLUENCE,),
        moved_by=_votes_move,
        start=_undecided_voters,
        start_source="assumption: parties and abstention as frequent as each other",
        asked={
            "issue_weight": "issue voting rises by 25%",
            "conformity": "peer pressure doubles",
            "coverage": "news coverage rises by 50%",
            "vote_habit": "party loyalty is set to 3",
        },
    ),
    Template(
        name="contagion",
        label="Contagion",
        description="Something passes from one to the next by single contacts.",
        tick_unit="day",
        build=_contagion,
        social="infection by neighbours",
        roles=(template_roles.INFECTED,),
        moved_by=_contagion_moves,
        options=(COURSE,),
        start=_few_infected,
        start_source="assumption: one in a hundred is infected",
        asked={
            "vaccination_rate": "the vaccination rate is set to 0.02",
            "contact_reduction": "contact reduction is set to 0.5",
            "infection_chance": "the transmission rate doubles",
            "recovery_chance": "the recovery rate rises by 50%",
        },
    ),
    Template(
        name="consumption",
        label="Consumption",
        description="What households spend and save as interest, income and mood change.",
        tick_unit="quarter",
        build=_consumption,
        social="keeping up with the neighbours' spending",
        roles=template_roles.MONEY,
        moved_by=_money_moves,
        start=_hand_to_mouth,
        start_source="Kaplan & Violante 2014: about 30 % live hand to mouth",
        asked={
            "interest_rate": "the interest rate rises by 1",
            "income_change": "income change is set to 0.05",
            "confidence": "consumer confidence falls by 20%",
        },
    ),
)
TEMPLATES: Final[Mapping[TemplateName, Template]] = {entry.name: entry for entry in _ENTRIES}
