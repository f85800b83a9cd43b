"""Packs: rules, columns and variables that belong together, one per domain template."""

from agentverse_engine.packs.consumer_choice import (
    consumer_choice,
    consumer_choice_parameters,
    consumer_choice_variables,
)
from agentverse_engine.packs.pack import Level, Pack

__all__ = [
    "Level",
    "Pack",
    "consumer_choice",
    "consumer_choice_parameters",
    "consumer_choice_variables",
]
