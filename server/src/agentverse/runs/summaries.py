"""What a run's row keeps of its outcomes: values over the whole run, read without a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from agentverse.runs import starting_points
from agentverse.runs.schemas import OutcomeKind
from agentverse_engine import StartDrift

# Rows written before outcomes had these names call them otherwise.
FORMER_NAMES: Final[Mapping[str, OutcomeKind]] = {
    "new_installations": "flow_share",
    "stock": "stock_share",
}
Stored = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """Values per replicate of everyone, over ticks 1 to the horizon; null: a replicate has none.

    start_drift: what leaves the start in the first ticks by more than its interval; None where the
    release that ran it did not look; susceptibility: its means as assumed and as the opinions
    found allow, and the share of people who have less (None: nobody).
    """

    horizon: int
    stored: Mapping[OutcomeKind, Stored]
    segments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    start_drift: tuple[StartDrift, ...] | None = None
    susceptibility: Mapping[str, float] | None = None

    def names(self, kind: OutcomeKind) -> tuple[str, ...]:
        """The alternatives or levels that there are values of."""
        return tuple(self.stored.get(kind, {}))

    def values(self, kind: OutcomeKind, name: str) -> NDArray[np.float64]:
        """float64[replicates]; nan where a replicate has no value."""
        return np.array(self.stored[kind][name], dtype=np.float64)


def read_summary(document: Mapping[str, Any]) -> RunSummary:
    """document: the column `summary` of a run, of this release or an earlier one."""
    stored: dict[OutcomeKind, Stored] = {"level_mean": document.get("levels", {})}
    for name, shares in document["shares"].items():
        stored[cast("OutcomeKind", FORMER_NAMES.get(name, name))] = shares
    return RunSummary(
        horizon=document["to_tick"],
        stored=stored,
        start_drift=starting_points.stored(document),
        susceptibility=document.get("susceptibility"),
    )
