"""Scenarios serialised for other processes: large parts are sent once, the rest for each run."""

import pickle
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import Any

from agentverse_engine.errors import RuleError, ScenarioError
from agentverse_engine.execution.preparing import Prepared, RunOptions, prepare
from agentverse_engine.inputs.population import Population
from agentverse_engine.networks import Network
from agentverse_engine.packs.pack import Spread
from agentverse_engine.scenario.scenario import Scenario

Part = Population | Network
OMITTED = "spread"  # starting distributions are not needed to run a scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payload:
    """A scenario and its options as bytes that name their population and network by digest."""

    content: bytes
    parts: Mapping[str, Part]
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", sha256(self.content).hexdigest())


def payload_of(
    scenario: Scenario, options: RunOptions, pickler: type[pickle.Pickler] = pickle.Pickler
) -> Payload:
    """Pack a scenario; `pickler` decides whether functions go by name or by content."""
    parts: dict[str, Part] = {}

    class Packer(pickler):
        def persistent_id(self, obj: Any) -> str | None:
            if isinstance(obj, Spread):
                return OMITTED
            if not isinstance(obj, Population | Network):
                return None
            parts[obj.digest] = obj
            return obj.digest

    stream = BytesIO()
    try:
        Packer(stream, protocol=pickle.HIGHEST_PROTOCOL).dump((scenario, options))
    except (pickle.PicklingError, AttributeError, TypeError) as fault:
        raise ScenarioError(
            f"cannot be sent to another process: {fault}.",
            field="scenario",
            fix="Use plain values, and functions from the top level of a module.",
        ) from fault
    return Payload(content=stream.getvalue(), parts=parts)


def unpack(content: bytes, part_of: Callable[[str], Part]) -> Prepared:
    """Return the run that a payload's content describes, ready for its first tick."""

    class Unpacker(pickle.Unpickler):
        def persistent_load(self, pid: str) -> Part | None:
            return None if pid == OMITTED else part_of(pid)

    scenario, options = Unpacker(BytesIO(content)).load()
    return prepare(scenario, options)


def check_importable(scenario: Scenario) -> None:
    """Raise a RuleError unless a new process can import each rule and filter by its name."""
    for item in (*scenario.pack.rules, *scenario.pack.filters):
        if not _importable(item.plain):
            raise RuleError(
                f"is '{item.plain.__qualname__}' of '{item.plain.__module__}', which another "
                "process cannot import.",
                field=f"{scenario.pack.name}.{item.name}",
                fix="Write the function at the top level of a module that is saved as a file, or "
                "run on threads or Ray.",
            )


def _importable(function: Callable[..., Any]) -> bool:
    module = sys.modules.get(function.__module__)
    member = getattr(module, "__file__", None) and getattr(module, function.__qualname__, None)
    return getattr(member, "py_func", member) is function
