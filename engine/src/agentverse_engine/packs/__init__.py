"""Packs: rules, columns and variables that belong together, one per domain template."""

from agentverse_engine.packs.adoption import adoption
from agentverse_engine.packs.consumer_choice import (
    ChoiceRate,
    consumer_choice,
    consumer_choice_parameters,
    consumer_choice_variables,
)
from agentverse_engine.packs.consumption import consumption
from agentverse_engine.packs.contagion import contagion
from agentverse_engine.packs.election import election
from agentverse_engine.packs.influence import INFLUENCES
from agentverse_engine.packs.opinion import opinion, stances
from agentverse_engine.packs.pack import Level, Pack, Spread
from agentverse_engine.packs.resting import RestingStart, at_rest
from agentverse_engine.packs.starting import beta_4_2, completed

__all__ = [
    "INFLUENCES",
    "ChoiceRate",
    "Level",
    "Pack",
    "RestingStart",
    "Spread",
    "adoption",
    "at_rest",
    "beta_4_2",
    "completed",
    "consumer_choice",
    "consumer_choice_parameters",
    "consumer_choice_variables",
    "consumption",
    "contagion",
    "election",
    "opinion",
    "stances",
]
