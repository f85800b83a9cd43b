"""A rule of behaviour: a plain Python function whose argument names say what it reads."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from agentverse_engine.errors import RuleError
from agentverse_engine.numerics.canonical import listed
from agentverse_engine.numerics.number_checks import whole
from agentverse_engine.rules.purity import check_pure

CUSTOM_PURPOSES = 0x80000000  # numbers from here on belong to rules that are not the package's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One behaviour of one persona in one tick.

    function: called with what its arguments name (see docs/guides/write-a-rule.md), in scalars;
    it returns the new value of the column in `writes`, or a tuple of them. A `gate` returns a
    bool: where it is false the persona stays as it is in this tick. `social` rules are left out
    when a scenario has its social rules off. `purpose` keys the rule's random draws; two rules
    of one pack never share it (default: a number made of the name). RuleError: no name, no
    function, one that is not pure, a column twice in `writes`, a purpose of the engine's own draws.
    """

    name: str
    function: Callable[..., Any]
    source: str
    equation: str = ""
    writes: tuple[str, ...] = ()
    gate: bool = False
    social: bool = False
    purpose: int = 0

    def __post_init__(self) -> None:
        _check_name(self.name, "rule")
        _check_function(self.name, self.plain)
        _check_writes(self)
        field = f"{self.name}.purpose"
        whole(self.purpose, field=field, least=0, most=2**32 - 1, error=RuleError)
        module = self.plain.__module__ or ""
        if 0 < self.purpose < CUSTOM_PURPOSES and not module.startswith("agentverse_engine."):
            raise RuleError(
                f"is {self.purpose}, a number of the engine's own draws.",
                field=f"{self.name}.purpose",
                fix=f"Use {CUSTOM_PURPOSES} or more, or leave it out.",
            )
        if self.purpose == 0:
            number = int.from_bytes(sha256(self.name.encode()).digest()[:4], "little")
            object.__setattr__(self, "purpose", number | CUSTOM_PURPOSES)

    @property
    def plain(self) -> Callable[..., Any]:
        """The function as Python runs it, not compiled."""
        return getattr(self.function, "py_func", self.function)

    def reads(self) -> tuple[str, ...]:
        """Return the names of the arguments, in order.

        RuleError: an argument that is not plain, such as *args.
        """
        return argument_names(self.name, self.plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourFilter:
    """Which neighbours count for a rule, e.g. those of a similar opinion.

    function: as a rule's, and may also read `their_<level>` and `their_choice`; returns a bool.
    Rules read `count_<name>` (how many pass) and `mean_<name>_<level>` (0 where none passes).
    RuleError: no name, no function, one that is not pure (docs/guides/write-a-rule.md).
    """

    name: str
    function: Callable[..., Any]
    source: str

    def __post_init__(self) -> None:
        _check_name(self.name, "filter")
        _check_function(self.name, self.plain)

    @property
    def plain(self) -> Callable[..., Any]:
        """Return the function as it was given, before it was compiled."""
        return getattr(self.function, "py_func", self.function)

    def reads(self) -> tuple[str, ...]:
        """Return the names of the arguments, in order; RuleError where one is not plain."""
        return argument_names(self.name, self.plain)


def _check_name(name: object, what: str) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise RuleError(
            "is not a name.", field=f"{what} '{name}'", fix="Use letters, digits and _."
        )


def _check_function(name: str, plain: object) -> None:
    """Only a function written in Python has names of arguments and code to compile."""
    if not inspect.isfunction(plain):
        raise RuleError(
            f"is {plain!r:.60}.",
            field=f"{name}.function",
            fix="Give a function made with def, or a lambda.",
        )
    check_pure(f"{name}.function", plain)


def _check_writes(rule: Rule) -> None:
    field, writes = f"{rule.name}.writes", rule.writes
    kept = listed(writes, field=field, of=str, error=RuleError)
    object.__setattr__(rule, "writes", kept)
    if len(set(kept)) != len(kept):
        raise RuleError("names a column twice.", field=field, fix="Name each column once.")


@cache
def argument_names(name: str, function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the argument names of a plain function; every argument must be a plain one."""
    arguments = inspect.signature(function).parameters.values()
    for argument in arguments:
        if argument.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            raise RuleError(
                f"has the argument '{argument}'.",
                field=name,
                fix="Use plain arguments only: no *args, no **kwargs, none by keyword.",
            )
    return tuple(argument.name for argument in arguments)
