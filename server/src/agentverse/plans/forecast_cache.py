"""A plan's search after its worker died: what it had foreseen, it need not foresee again."""

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

Foreseen = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """What a search was told so far, in the order in which it asked.

    A search is deterministic, so another attempt asks for the same in the same order. binding:
    digest of the scenario that is planned for; the row that owns them names the rest.
    """

    binding: str
    foreseen: Sequence[Foreseen]
    first: int = 0
    replicates: int = 1

    @property
    def tick(self) -> int:
        """How many there are."""
        return len(self.foreseen)

    def to_bytes(self) -> bytes:
        """All of them, without pickle."""
        labels = {
            "engine": ENGINE_VERSION,
            "binding": self.binding,
            "names": [list(one) for one in self.foreseen],
        }
        arrays = {
            f"{place}.{name}": series
            for place, one in enumerate(self.foreseen)
            for name, series in one.items()
        }
        return packed(KIND, labels, arrays, compressed=True)


@dataclass(slots=True, kw_only=True)
class Recall:
    """Answers a search from what an earlier attempt left, then by a forecast, which it keeps."""

    binding: str
    keep: Callable[[Forecasts], None]
    foreseen: list[Foreseen] = field(default_factory=list[Foreseen])
    asked: int = 0

    def of(self, forecast: Forecast) -> Forecast:
        """The forecast that does not look at a path a second time."""

        def told(event_scripts: tuple[EventScript, ...], own: Foreseen) -> Foreseen:
            self.asked += 1
            if self.asked > len(self.foreseen):
                self.foreseen.append(forecast(event_scripts, own))
                self.keep(Forecasts(binding=self.binding, foreseen=tuple(self.foreseen)))
            return self.foreseen[self.asked - 1]

        return told


def recall(attempt: Attempt, binding: str) -> Recall:
    """What an earlier attempt was told; damaged, or of another world or engine, it is left out."""
    keeper = checkpointing.Keeper(
        scope=attempt.scope,
        owner_id=attempt.subject_id,
        horizon=NEVER_ENDS,
        owned=lambda db: tasks.owned(db, attempt),
    )
    left = checkpointing.take_up(attempt.scope, attempt.subject_id, SEARCH, partial(_read, binding))
    return Recall(
        binding=binding,
        keep=keeper.of(SEARCH),
        foreseen=[foreseen for forecasts in left for foreseen in forecasts.foreseen],
    )


def _read(binding: str, data: bytes) -> Forecasts:
    labels, arrays = unpacked(KIND, data)
    if (labels["engine"], labels["binding"]) != (ENGINE_VERSION, binding):
        raise CheckpointError(
            "belong to another world or engine.", field="bytes", fix="Begin the search anew."
        )
    foreseen = [
        {name: arrays[f"{place}.{name}"] for name in names}
        for place, names in enumerate(labels["names"])
    ]
    return Forecasts(binding=binding, foreseen=foreseen)
