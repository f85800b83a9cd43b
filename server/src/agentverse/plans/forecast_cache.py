"""Caches forecasts so that a restarted search reuses them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentverse import tasks
from agentverse.runs import checkpointing
from agentverse.tasks import Attempt
from agentverse_engine.errors import CheckpointError
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.numerics.array_bytes import packed, unpacked
from agentverse_engine.planning import Forecast
from agentverse_engine.version import ENGINE_VERSION

KIND: Final = "agentverse forecasts 1"
SEARCH: Final = "search"
NEVER_ENDS: Final = -1  # no checkpoint of a search is its last: its end takes them all away

Series = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredForecasts:
    """What a search was told so far, in the order in which it asked.

    A search is deterministic, so another attempt asks for the same in the same order. binding:
    digest of the scenario that is planned for; the row that owns them names the rest.
    """

    binding: str
    forecasts: Sequence[Series]
    first: int = 0
    replicates: int = 1

    @property
    def tick(self) -> int:
        """How many there are."""
        return len(self.forecasts)

    def to_bytes(self) -> bytes:
        """All of them, without pickle."""
        labels = {
            "engine": ENGINE_VERSION,
            "binding": self.binding,
            "names": [list(one) for one in self.forecasts],
        }
        arrays = {
            f"{index}.{name}": series
            for index, one in enumerate(self.forecasts)
            for name, series in one.items()
        }
        return packed(KIND, labels, arrays, compressed=True)


@dataclass(slots=True, kw_only=True)
class ForecastCache:
    """Answers a search from stored forecasts, then with new ones, which it stores."""

    binding: str
    keep: Callable[[StoredForecasts], None]
    forecasts: list[Series] = field(default_factory=list[Series])
    asked: int = 0

    def of(self, forecast: Forecast) -> Forecast:
        """The forecast that does not look at a path a second time."""

        def cached(event_scripts: tuple[EventScript, ...], own: Series) -> Series:
            self.asked += 1
            if self.asked > len(self.forecasts):
                self.forecasts.append(forecast(event_scripts, own))
                self.keep(StoredForecasts(binding=self.binding, forecasts=tuple(self.forecasts)))
            return self.forecasts[self.asked - 1]

        return cached


def load_cache(attempt: Attempt, binding: str) -> ForecastCache:
    """The forecasts of an earlier attempt; damaged, or of another world or engine, none."""
    checkpoint_writer = checkpointing.CheckpointWriter(
        scope=attempt.scope,
        owner_id=attempt.subject_id,
        horizon=NEVER_ENDS,
        owned=lambda db: tasks.owned(db, attempt),
    )
    loaded = checkpointing.load_checkpoints(
        attempt.scope, attempt.subject_id, SEARCH, partial(_read, binding)
    )
    return ForecastCache(
        binding=binding,
        keep=checkpoint_writer.of(SEARCH),
        forecasts=[one for stored in loaded for one in stored.forecasts],
    )


def _read(binding: str, data: bytes) -> StoredForecasts:
    labels, arrays = unpacked(KIND, data)
    if (labels["engine"], labels["binding"]) != (ENGINE_VERSION, binding):
        raise CheckpointError(
            "belong to another world or engine.", field="bytes", fix="Begin the search anew."
        )
    forecasts = [
        {name: arrays[f"{index}.{name}"] for name in names}
        for index, names in enumerate(labels["names"])
    ]
    return StoredForecasts(binding=binding, forecasts=forecasts)
