"""Scenarios in Ray's object store, and what Ray raises when a worker died."""

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from agentverse_engine.errors import RequestError
from agentverse_engine.execution.preparing import Prepared, RunOptions
from agentverse_engine.optional import require
from agentverse_engine.packs.pack import Pack
from agentverse_engine.scaling.payloads import Part, payload_of, unpack
from agentverse_engine.scenario.scenario import Scenario

MOST_PREPARED = 4

Reference = Any  # to an object in Ray's store
Shipment = tuple[str, bytes, Mapping[str, Reference]]  # key, content, parts of a payload

_prepared_runs: dict[str, Prepared] = {}  # of this worker


def running_ray() -> Any:
    """Return ray, or raise a RequestError while it is not running."""
    ray: Any = require("ray", extra="ray")
    if not ray.is_initialized():
        raise RequestError(
            "is not running here.",
            field="ray",
            fix="Call ray.init() first, or ray.init(address='auto') to join a cluster.",
        )
    return ray


def put_scenario(
    ray: Any, scenario: Scenario, options: RunOptions, references: dict[str, Any]
) -> Reference:
    """Put a scenario into Ray's store; parts that have a reference already are not put again."""
    with pickled_by_value(ray.cloudpickle, scenario.pack):
        payload = payload_of(scenario, options, ray.cloudpickle.CloudPickler)
    for digest, part in payload.parts.items():
        if digest not in references:
            references[digest] = ray.put(part)
    parts = {digest: references[digest] for digest in payload.parts}
    return ray.put((payload.key, payload.content, parts))


@contextmanager
def pickled_by_value(cloudpickle: Any, pack: Pack) -> Generator[None]:
    """Pickle rules of the user by value: other machines need not have their modules."""
    plain = [item.plain for item in (*pack.rules, *pack.filters)]
    names = {
        function.__module__ for function in plain
    } - cloudpickle.list_registry_pickle_by_value()
    modules = [
        sys.modules[name]
        for name in names
        if name in sys.modules and name.partition(".")[0] != "agentverse_engine"
    ]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def prepared_of(shipment: Shipment) -> Prepared:
    """Return a run that is ready; a worker keeps the last few for its next task."""
    key, content, parts = shipment
    if key not in _prepared_runs:
        ray: Any = require("ray", extra="ray")

        def part_of(digest: str) -> Part:
            return ray.get(parts[digest])

        while len(_prepared_runs) >= MOST_PREPARED:
            del _prepared_runs[next(iter(_prepared_runs))]
        _prepared_runs[key] = unpack(content, part_of)
    return _prepared_runs[key]


def ray_failures(ray: Any) -> tuple[type[Exception], ...]:
    """Return what Ray raises when a worker or node died, or an object was lost."""
    kinds = ray.exceptions
    return (
        kinds.RayActorError,
        kinds.WorkerCrashedError,
        kinds.NodeDiedError,
        kinds.ObjectLostError,
        kinds.OutOfMemoryError,
    )
