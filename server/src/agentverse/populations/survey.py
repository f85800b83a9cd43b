"""The accepted rows of a file as arrays."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.categories import Category
from agentverse.populations.schemas import LabelMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The accepted rows, n of them.

    line: int64[n], where a row stood in the file; choice: uint8[n], index of the alternative, 0
    where the file has no choice; region, segment: int16[n]; attributes ("family.alternative") and
    traits: float64[n] each; categories: n codes each; weight: float64[n], people a row stands for,
    or None: all alike; offered: bool[n] by alternative, empty where everybody was offered all;
    person: int64[n], whose row it is, from 0, or None: every row is another person's.
    """

    line: NDArray[np.int64]
    choice: NDArray[np.uint8]
    regions: tuple[LabelMapping, ...]
    region: NDArray[np.int16]
    segments: tuple[LabelMapping, ...]
    segment: NDArray[np.int16]
    attributes: dict[str, NDArray[np.float64]]
    traits: dict[str, NDArray[np.float64]]
    categories: dict[str, Category]
    weight: NDArray[np.float64] | None = None
    offered: dict[str, NDArray[np.bool_]] = field(default_factory=dict[str, NDArray[np.bool_]])
    person: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return self.line.size

    def of_rows(self, rows: NDArray[np.int64]) -> "Survey":
        """Return these rows, in their order."""
        return replace(
            self,
            line=self.line[rows],
            choice=self.choice[rows],
            region=self.region[rows],
            segment=self.segment[rows],
            attributes={name: values[rows] for name, values in self.attributes.items()},
            traits={name: values[rows] for name, values in self.traits.items()},
            categories={name: each.of_rows(rows) for name, each in self.categories.items()},
            weight=None if self.weight is None else self.weight[rows],
            offered={name: flags[rows] for name, flags in self.offered.items()},
            person=None if self.person is None else self.person[rows],
        )
