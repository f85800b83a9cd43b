"""Long tables hold what the trajectory counted, in Arrow, pandas and polars alike."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import agentverse_engine as av

COLUMNS = ["tick", "replicate", "segment", "region", "alternative", "metric", "value"]


def _rise(mood: float) -> float:
    return mood + 0.25


MOODS = av.Pack(
    name="moods",
    alternatives=("a", "b"),
    levels=(av.Level(name="mood", label="mood", unit="", minimum=0, maximum=8, default=1.0),),
    rules=(av.Rule(name="rise", function=_rise, writes=("mood",), source="made up"),),
)


@pytest.fixture(scope="module")
def moods() -> av.Trajectory:
    """Nobody is in the second segment; moods rise from 1 by a quarter each tick."""
    population = av.Population(
        segments=("here", "nobody"),
        regions=("r",),
        segment=np.zeros(5, dtype=np.int16),
        region=np.zeros(5, dtype=np.int16),
        attributes={},
        choice=np.array([0, 0, 0, 1, 1], dtype=np.uint8),
    )
    network = av.network_from_edges(5, [])
    return av.simulate_ensemble(
        av.Scenario(
            population=population,
            network=network,
            pack=MOODS,
            horizon=2,
            replicates=2,
            allow=("isolated_personas", "empty_groups"),
        )
    )


@pytest.fixture(scope="module")
def run(society: Callable[..., av.Scenario]) -> av.Trajectory:
    return av.simulate_ensemble(society(120))


def test_arrow_table_has_a_row_per_count(run: av.Trajectory) -> None:
    table = run.to_arrow()
    assert table.column_names == COLUMNS
    assert table.num_rows == run.flows.size + run.stock.size
    assert table.schema.metadata[b"digest"] == run.digest.encode()


def test_pandas_rows_are_the_counts_of_their_labels(run: av.Trajectory) -> None:
    frame = run.to_pandas()
    index = frame.set_index(COLUMNS[:-1]).sort_index()
    assert index.index.is_unique
    found = index.loc[(3, 1, "rich", "north", "pump", "stock"), "value"]
    assert found == run.stock[1, 3, 1, 0, 2]
    found = index.loc[(6, 2, "poor", "south", "wood", "flows"), "value"]
    assert found == run.flows[2, 6, 0, 1, 1]


def test_pandas_sums_of_stock_are_everyone(run: av.Trajectory) -> None:
    frame = run.to_pandas()
    stock = frame[frame.metric == "stock"].groupby(["replicate", "tick"]).value.sum()
    assert len(stock) == 4 * 7
    assert (stock == 120).all()


def test_polars_frame_equals_the_pandas_frame(run: av.Trajectory) -> None:
    ours, theirs = run.to_polars(), run.to_pandas()
    assert ours.columns == COLUMNS
    for column in COLUMNS:
        assert ours[column].to_list() == theirs[column].tolist()


def test_levels_are_means_in_their_unit_and_empty_for_nobody(moods: av.Trajectory) -> None:
    frame: Any = moods.to_polars()
    rows = [row for row in frame.to_dicts() if row["metric"] == "mean_mood"]
    assert {row["alternative"] for row in rows} == {None}
    here = {(row["replicate"], row["tick"]): row for row in rows if row["segment"] == "here"}
    assert {key: row["value"] for key, row in here.items()} == {
        (replicate, tick): 1 + tick / 4 for replicate in range(2) for tick in range(3)
    }
    assert {row["value"] for row in rows if row["segment"] == "nobody"} == {None}


def test_pandas_shows_an_absent_mean_as_missing(moods: av.Trajectory) -> None:
    frame = moods.to_pandas()
    means = frame[frame.metric == "mean_mood"]
    assert means[means.segment == "nobody"].value.isna().all()
    assert means.alternative.isna().all()
    assert not frame[frame.metric != "mean_mood"].isna().any().any()
