"""Profiles: named ways to call a model. What a version holds, as the tables keep it."""

from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, Literal

from agentverse.llm.catalogue import ProfileSettings

# Seeded by the first migration of the router; a platform admin may add any other.
ProfileName = Literal[
    "EVENT_COMPILER_INTENT",
    "EVENT_COMPILER_DECOMPOSE",
    "EVENT_COMPILER_VARIABLE_MAP",
    "SCENARIO_GENERATOR",
    "EXPLANATION_GENERATOR",
    "PERSONA_ENRICHMENT",
    "DEEP_SEARCH",
    "FOCUS_GROUP_DIALOGUE",
]

_NAMES = {field.name for field in fields(ProfileSettings)}


def read_settings(document: dict[str, Any]) -> ProfileSettings:
    """A version's settings from its stored document; what is absent has its default."""
    values = {name: value for name, value in document.items() if name in _NAMES}
    for name in ("fallback_models", "aliases"):
        if name in values:
            values[name] = tuple(values[name])
    if values.get("max_cost_per_request_usd") is not None:
        values["max_cost_per_request_usd"] = Decimal(values["max_cost_per_request_usd"])
    return ProfileSettings(**values)


def settings_document(settings: ProfileSettings) -> dict[str, Any]:
    """The settings as they are stored: money as plain digits, lists as lists."""
    document = asdict(settings)
    ceiling = settings.max_cost_per_request_usd
    document["fallback_models"] = list(settings.fallback_models)
    document["aliases"] = list(settings.aliases)
    document["max_cost_per_request_usd"] = None if ceiling is None else f"{ceiling:f}"
    return document
