"""The same rule in mesa-frames: people as rows of a polars frame, neighbours by a join.

Run by its own Python (mesa-frames needs an older numpy): arrays in a file, figures on stdout.
"""

# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUntypedBaseClass=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pyright: reportUnknownParameterType=false, reportUnknownLambdaType=false

import json
import sys
import time
from typing import Any

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF


class People(AgentSetPolars):
    """Opinions between the neighbours' mean and where they started, all at once."""

    def __init__(self, model: Any, people: pl.DataFrame, links: pl.DataFrame) -> None:
        super().__init__(model)
        self += people
        self.links = links

    def step(self) -> None:
        heard = (
            self.links.join(
                self.agents.select("unique_id", "opinion"), left_on="other", right_on="unique_id"
            )
            .group_by("unique_id")
            .agg(pl.col("opinion").mean().alias("heard"))
        )
        own = pl.col("susceptibility")
        self.agents = (
            self.agents.join(heard, on="unique_id", how="left")
            .with_columns(
                opinion=own * pl.coalesce("heard", "opinion") + (1 - own) * pl.col("start")
            )
            .drop("heard")
        )


class Society(ModelDF):
    def __init__(self, people: pl.DataFrame, links: pl.DataFrame) -> None:
        super().__init__()
        self.agents += People(self, people, links)

    def step(self) -> None:
        self.agents.do("step")


def main() -> None:
    data = np.load(sys.argv[1])
    size, ticks = data["opinion"].size, int(sys.argv[2])
    rows = np.repeat(np.arange(size), np.diff(data["indptr"]))
    links = pl.DataFrame({"unique_id": rows, "other": data["indices"].astype(np.int64)})
    people = pl.DataFrame(
        {
            "unique_id": np.arange(size),
            "opinion": data["opinion"],
            "start": data["opinion"],
            "susceptibility": data["susceptibility"],
        }
    )
    society = Society(people, links)
    society.step()
    start = time.perf_counter()
    for _ in range(ticks):
        society.step()
    taken = time.perf_counter() - start
    frame = next(iter(society.agents._agentsets)).agents
    print(json.dumps({"steps_per_s": size * ticks / taken, "mean": float(frame["opinion"].mean())}))


if __name__ == "__main__":
    main()
