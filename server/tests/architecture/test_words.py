"""Names are the field's terms: a name that once stood for one metaphorically does not come back."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
SOURCES: Final = ("engine/src", "server/src")
# What was said metaphorically, and the term for it. Leading underscores and case do not matter.
TERMS: Final = {
    "aside": "checkpoint, copy",
    "belonging": "run_origin",
    "carried_out": "run_with_retries",
    "cast": "actor_batch",
    "crew": "worker_pool",
    "driving": "drivers",
    "dull": "ignored_kinds",
    "enlist": "start_workers",
    "felt": "intensities",
    "foreseen": "forecasts",
    "found": "what it is: match, record, reading",
    "fusing": "kernel_cache",
    "grounding": "survey_fit",
    "heard": "received",
    "hears": "receives",
    "inquiry": "task",
    "keeping": "policy",
    "known": "what it is: earlier_id, allowed, by_name",
    "laid_out": "allocate",
    "lanes": "batch_size",
    "leave_off": "cancel_all",
    "lend": "acquire",
    "levelling": "levels",
    "lived": "step_result",
    "merrier": "mood_effect",
    "offering": "template_options",
    "parcel": "payload",
    "player": "actor_state",
    "poisoned": "invalidated",
    "portion": "kernel_inputs",
    "scoping": "scope_masks",
    "standing": "revalidated_scope",
    "taints": "rejections",
    "take_up": "load_checkpoints",
    "there": "what it is: other, outside",
    "told": "what it is: sentence, reason",
    "troupe": "actor_setup",
}
# The engine's public names of the release before, kept for one more.
ALIASES: Final = {"doubt": "PlausibilityCheck", "doubts": "plausibility_checks"}


@cache
def sources() -> dict[str, str]:
    """The text of each module of engine and server by its path."""
    files = [file for root in SOURCES for file in (ROOT / root).rglob("*.py")]
    return {str(file.relative_to(ROOT)): file.read_text() for file in files}


@cache
def named(source: str) -> frozenset[str]:
    """What a module names itself: functions, classes, arguments, variables, attributes."""
    return frozenset(_named(ast.parse(source)))


def _named(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def metaphors(path: str, source: str) -> list[str]:
    """Names of a module, its own included, for which there is a term."""
    names = {Path(path).stem, *named(source)}
    plain = {name: name.strip("_").lower() for name in sorted(names)}
    return [f"{path}: {name} → {TERMS[key]}" for name, key in plain.items() if key in TERMS]


def test_no_name_stands_for_what_has_a_term() -> None:
    assert len(sources()) > 300
    faults = [fault for path, source in sources().items() for fault in metaphors(path, source)]
    assert not faults, f"use the term, or a better one: {faults}"


def test_old_public_name_stands_only_where_it_is_an_alias() -> None:
    for old, new in ALIASES.items():
        where = {
            path
            for path, source in sources().items()
            if "/rules/" not in path  # a doubt there is a variable of complex contagion
            if old in {name.lower() for name in named(source)}
        }
        assert where == {"engine/src/agentverse_engine/__init__.py"}, f"call it {new}"


@pytest.mark.parametrize(
    "source",
    [
        *("def told(): ...", "class Portion: ...", "def f(lanes): ...", "_aside = 1"),
        *("found = 1", "[known for known in ()]"),
        *("for heard in (): ...", "self.keeping = 1", "async def _hears(): ..."),
    ],
)
def test_new_metaphor_is_found(source: str) -> None:
    assert metaphors("a.py", source)
    assert metaphors("engine/grounding.py", "")


def test_terms_pass() -> None:
    assert not metaphors("a.py", "def f(batch_size): intensity = 'told'\nx.other(lanes=1)")
