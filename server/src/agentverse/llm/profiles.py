"""The named ways in which the product uses a model; which model answers is a setting.

Seam: overrides per project and tenant resolve here, before the built-in profile.
"""

from dataclasses import dataclass
from typing import Literal, get_args

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    name: ProfileName
    temperature: float
    max_output_tokens: int
    connect_seconds: float = 5.0
    total_seconds: float = 60.0


def _profile(name: ProfileName, temperature: float, max_output_tokens: int) -> Profile:
    return Profile(name=name, temperature=temperature, max_output_tokens=max_output_tokens)


PROFILES: dict[ProfileName, Profile] = {
    profile.name: profile
    for profile in (
        _profile("EVENT_COMPILER_INTENT", 0.3, 500),
        _profile("EVENT_COMPILER_DECOMPOSE", 0.5, 1000),
        _profile("EVENT_COMPILER_VARIABLE_MAP", 0.3, 1500),
        _profile("SCENARIO_GENERATOR", 0.7, 2000),
        _profile("EXPLANATION_GENERATOR", 0.5, 1500),
        _profile("PERSONA_ENRICHMENT", 0.7, 1000),
        _profile("DEEP_SEARCH", 0.5, 2000),
        _profile("FOCUS_GROUP_DIALOGUE", 0.8, 2000),
    )
}

if PROFILES.keys() != set(get_args(ProfileName)):
    raise LookupError("Every profile name needs its profile.")


def resolve(name: ProfileName) -> Profile:
    return PROFILES[name]
