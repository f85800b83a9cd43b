"""Impure rules are refused by name before they run: each could give one scenario two digests."""

# Here stands all that a rule may not do, and what is imported for it alone.
# ruff: noqa: DTZ005, ICN001, S307, S311, T201, TID251
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import builtins
import ctypes
import datetime
import io
import math
import os
import pathlib
import random
import secrets
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numba
import numpy as np
import pytest
from societies.moods import mood_scenario

import agentverse_engine as av
from agentverse_engine.errors import RuleError
from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules import Rule

counter = 0
SEEN: list[float] = []
BY_MOOD: dict[int, float] = {}
MOODS = {1.0}
BUFFER = bytearray(4)
GENERATOR = np.random.default_rng(1)
OLD_GENERATOR = np.random.RandomState(1)
SHUFFLER = random.Random(1)
FILE = io.StringIO()
ABSOLUTE = ctypes.CDLL(None).abs
CELL = ctypes.c_int(3)
RATE = 0.5
TABLE = np.array([0.0, 1.0])


@numba.njit
def _helper_with_a_generator(mood: float) -> float:
    return mood + np.random.random()


def _plain_helper_with_a_clock(mood: float) -> float:
    return mood + time.time()


def _counting(mood: float) -> float:
    global counter
    counter += 1
    return mood + counter


def _remembering() -> Callable[..., float]:
    total = 0.0

    def rule(mood: float) -> float:
        nonlocal total
        total += mood
        return total

    return rule


def _importing(mood: float) -> float:
    import random as other

    return mood + other.random()


def _renaming(mood: float) -> float:
    module = np
    return mood + module.random.random()


def _nested(mood: float) -> float:
    def draw() -> float:
        return random.random()

    return mood + draw()


def _in_object_mode(mood: float) -> float:
    with numba.objmode(drawn="float64"):
        drawn = 1.0
    return mood + drawn


def _default(mood: float, seen: list[float] = []) -> float:  # noqa: B006
    seen.append(mood)
    return len(seen)


def _array_default(mood: float, table: Any = np.zeros(2)) -> float:  # noqa: B008
    return mood + table[0]


IMPURE: list[tuple[Callable[..., Any], str, str]] = [
    (lambda mood: mood + np.random.random(), "np.random", "draw"),
    (lambda mood: mood + np.random.normal(0, 1), "np.random", "draw"),
    (lambda mood: mood + random.random(), "random", "draw"),
    (lambda mood: mood + GENERATOR.random(), "GENERATOR", "draw"),
    (lambda mood: mood + OLD_GENERATOR.rand(), "OLD_GENERATOR", "draw"),
    (lambda mood: mood + SHUFFLER.random(), "SHUFFLER", "draw"),
    (lambda mood: mood + secrets.randbelow(2), "secrets", "draw"),
    (lambda mood: mood + uuid.uuid4().int, "uuid", "draw"),
    (lambda mood: _helper_with_a_generator(mood), "np.random", "draw"),
    (_nested, "random", "draw"),
    (_renaming, "numpy.random", "draw"),
    (_importing, "random", "level"),
    (lambda mood: mood + time.time(), "time", "tick"),
    (lambda mood: mood + time.perf_counter_ns(), "time", "tick"),
    (lambda mood: mood + datetime.datetime.now().year, "datetime", "tick"),
    (lambda mood: _plain_helper_with_a_clock(mood), "time", "tick"),
    (_counting, "counter", "level"),
    (_remembering(), "total", "level"),
    (lambda mood: mood + len(SEEN), "SEEN", "level"),
    (lambda mood: BY_MOOD.get(1, mood), "BY_MOOD", "level"),
    (lambda mood: mood in MOODS, "MOODS", "level"),
    (lambda mood: mood + BUFFER[0], "BUFFER", "level"),
    (_default, "default argument", "level"),
    (_array_default, "default argument", "level"),
    (lambda mood: mood + len(open("mood").read()), "open", "constant"),  # noqa: PTH123, SIM115
    (lambda mood: print(mood), "print", "constant"),
    (lambda mood: mood + len(pathlib.Path("mood").read_text()), "pathlib", "constant"),
    (lambda mood: mood + len(os.environ), "os", "constant"),
    (lambda mood: mood + len(sys.argv), "sys", "constant"),
    (lambda mood: mood + np.loadtxt("mood")[0], "np.loadtxt", "constant"),
    (lambda mood: mood + len(FILE.read()), "FILE", "constant"),
    (lambda mood: mood + id(mood), "id", "constant"),
    (lambda mood: mood + hash("mood"), "hash", "constant"),
    (lambda mood: eval("mood"), "eval", "Python"),
    (lambda mood: mood + builtins.len(globals()), "globals", "level"),
    (lambda mood: mood + ABSOLUTE(1), "ABSOLUTE", "Python"),
    (lambda mood: mood + CELL.value, "CELL", "Python"),
    (_in_object_mode, "numba.objmode", "Python"),
]


def test_there_are_thirty_ways_and_more() -> None:
    assert len(IMPURE) >= 30


@pytest.mark.parametrize(("function", "named", "instead"), IMPURE)
def test_impure_rule_is_refused_by_name_with_what_to_use_instead(
    function: Callable[..., Any], named: str, instead: str
) -> None:
    with pytest.raises(RuleError) as refused:
        Rule(name="moody", function=function, writes=("mood",), source="made up")
    assert refused.value.field == "moody.function"
    assert named in refused.value.message
    assert instead in refused.value.fix


@inlined
def _halved(mood: float) -> float:
    return mood * RATE


PURE: list[Callable[..., Any]] = [
    lambda mood: math.sqrt(abs(mood)) + min(mood, 1.0),
    lambda mood: _halved(mood) + TABLE[1],
    lambda mood: np.float64(mood) + np.pi,
    lambda mood, draw: mood + draw,
    lambda mood: sum([mood, 1.0]),
]


@pytest.mark.parametrize("function", PURE)
def test_pure_rule_is_taken(function: Callable[..., Any]) -> None:
    Rule(name="moody", function=function, writes=("mood",), source="made up")


def test_filter_is_searched_as_well() -> None:
    with pytest.raises(RuleError) as refused:
        av.NeighbourFilter(
            name="near", function=lambda their_mood: time.time() > their_mood, source="?"
        )
    assert refused.value.field == "near.function"


def _with_rule(function: Callable[..., Any]) -> av.Scenario:
    scenario = mood_scenario()
    (rule, *_) = scenario.pack.rules
    changed = Rule(name="own", function=function, writes=rule.writes, source="made up")
    return replace(scenario, pack=replace(scenario.pack, rules=(changed,)))


def _follows_rate(mood: float) -> float:
    return mood * RATE


def test_scenario_whose_rule_changed_since_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = _with_rule(_follows_rate)
    av.simulate_ensemble(scenario)
    monkeypatch.setitem(globals(), "RATE", 0.25)
    with pytest.raises(RuleError, match="changed after the scenario was made"):
        av.simulate_ensemble(scenario)
    assert av.simulate_ensemble(replace(scenario)).digest != ""


@pytest.mark.parametrize("index", [17, -9])
def test_index_outside_the_counts_is_refused(index: int) -> None:
    def looks_beyond(counts: Any, mood: float) -> float:
        return mood + counts[index]

    with pytest.raises(RuleError, match="failed at tick 1"):
        av.simulate(_with_rule(looks_beyond))


def test_index_outside_that_depends_on_the_persona_is_refused() -> None:
    def looks_beyond(counts: Any, degree: int, mood: float) -> float:
        return mood + counts[degree + 5]

    with pytest.raises(RuleError, match="failed at tick 1"):
        av.simulate(_with_rule(looks_beyond))
