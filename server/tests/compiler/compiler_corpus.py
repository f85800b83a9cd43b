"""Reads the tables of questions: one line each, "question => what has to come out"."""

import re
from dataclasses import dataclass
from pathlib import Path

from agentverse.compiler import Compilation
from agentverse_engine.inputs.events import EventScript

_SIGNS = {"multiply": "*", "add": "+", "set": "=", "min": "<", "max": ">"}
_SHORT = {
    "installation_cost": "ic",
    "operating_cost": "oc",
    "travel_time": "tt",
    "ticket_price": "tp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Expected scripts, codes of unmapped parts, contradicting variables, each sorted."""

    question: str
    scripts: tuple[str, ...]
    unmapped: tuple[str, ...]
    contradictions: tuple[str, ...]


def read_cases(name: str) -> list[Case]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [_case(line) for line in lines if line.strip() and not line.startswith("# ")]


def _case(line: str) -> Case:
    question, _, expected = line.rpartition(" => ")
    expected, _, contradictions = expected.partition("? ")
    scripts, _, unmapped = expected.partition("! ")
    parts = [part.strip() for part in scripts.split(";") if part.strip()]
    return Case(
        question=question,
        scripts=tuple(sorted(script for part in parts for script in _expand(part))),
        unmapped=tuple(sorted(unmapped.split())),
        contradictions=tuple(sorted(contradictions.split())),
    )


def _expand(part: str) -> list[str]:
    braces = re.search(r"\{(.*?)\}", part)
    if not braces:
        return [part]
    return [part.replace(braces.group(), name) for name in braces.group(1).split(",")]


def outcome(question: str, compilation: Compilation) -> Case:
    return Case(
        question=question,
        scripts=tuple(sorted(write(script) for script in compilation.event_scripts)),
        unmapped=tuple(sorted(part.code for part in compilation.unmapped)),
        contradictions=tuple(sorted({_short(c.variable) for c in compilation.contradictions})),
    )


def write(script: EventScript) -> str:
    """Say a script as the tables do: "ic.hp *0.7 @6..12 in valley for low_income"."""
    scope = script.scope
    words = [_short(script.variable), f"{_SIGNS[script.operation]}{script.value:.10g}"]
    if scope.start_tick or scope.end_tick is not None:
        end = "" if scope.end_tick is None else scope.end_tick
        words.append(f"@{scope.start_tick}..{end}")
    if scope.regions:
        words.append("in " + ",".join(scope.regions))
    if scope.segments:
        words.append("for " + ",".join(scope.segments))
    return " ".join(words)


def _short(variable: str) -> str:
    family, dot, alternative = variable.partition(".")
    return _SHORT.get(family, family) + dot + alternative
