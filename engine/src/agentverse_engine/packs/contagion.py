"""The pack `contagion`: what passes from one to the next by single contacts, as SIR or SIS."""

from typing import Literal, get_args

from agentverse_engine.errors import PackError
from agentverse_engine.inputs.variables import Variable, parameter
from agentverse_engine.packs.pack import Pack
from agentverse_engine.rules.epidemic import (
    INFECTION,
    RECOVERY,
    RECOVERY_WITHOUT_IMMUNITY,
    VACCINATION,
)

Course = Literal["sir", "sis"]


def contagion(*, course: Course = "sir") -> Pack:
    """Return the pack with the alternatives susceptible, infected and, for sir, recovered.

    sir: who recovers, or is vaccinated, is immune; sis: who recovers is susceptible again, and
    there is no vaccination. Without anybody infected at the start nothing happens.
    PackError: an unknown course.
    """
    if course not in get_args(Course):
        raise PackError(
            f"is '{course}'.", field="course", fix=f"Use one of: {', '.join(get_args(Course))}."
        )
    immune = course == "sir"
    variables = (*_contacts(), *((_vaccination(),) if immune else ()))
    return Pack(
        name="contagion",
        alternatives=("susceptible", "infected", *(("recovered",) if immune else ())),
        rules=(INFECTION, VACCINATION, RECOVERY)
        if immune
        else (INFECTION, RECOVERY_WITHOUT_IMMUNITY),
        parameters=tuple(one.name for one in variables),
        variables=variables,
        labels={
            "susceptible": "susceptible",
            "infected": "infected",
            **({"recovered": "recovered or vaccinated"} if immune else {}),
        },
        outcome="infected",
    )


def _contacts() -> tuple[Variable, ...]:
    return (
        parameter(
            "infection_chance",
            label="chance that an infected neighbour infects in a tick",
            unit="per tick",
            default=0.03,
            bounds=(0.0, 1.0),
            source="assumption: with recovery_chance and 10 neighbours, about 1.5 infected by "
            "one (infection_chance * neighbours / recovery_chance)",
            synonyms=("infection rate", "transmission rate", "infectiousness", "beta"),
        ),
        parameter(
            "contact_reduction",
            label="share of contacts that are avoided",
            default=0.0,
            bounds=(0.0, 1.0),
            source="assumption: contacts as usual",
            synonyms=("social distancing", "lockdown", "fewer contacts", "masks"),
        ),
        parameter(
            "recovery_chance",
            label="chance that an infected persona recovers in a tick",
            unit="per tick",
            default=0.2,
            bounds=(0.0, 1.0),
            source="assumption: infected for five ticks, the mean of influenza in days (Carrat et "
            "al. 2008: 4.8)",
            synonyms=("recovery rate", "treatment", "gamma"),
        ),
    )


def _vaccination() -> Variable:
    return parameter(
        "vaccination_rate",
        label="share of the susceptible who are vaccinated in a tick",
        unit="per tick",
        default=0.0,
        bounds=(0.0, 1.0),
        source="assumption: no campaign",
        synonyms=("vaccination", "immunisation", "inoculation"),
    )
