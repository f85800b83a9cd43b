"""Results as one long table, for Arrow, pandas or polars: a row per count or mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.optional import require


class Scale(Protocol):
    """A level, `per_unit` stored steps to the unit."""

    @property
    def name(self) -> str: ...
    @property
    def per_unit(self) -> int: ...


class Recorded(Protocol):
    """What a table is made of; arrays as in `Trajectory`."""

    @property
    def alternatives(self) -> tuple[str, ...]: ...
    @property
    def levels(self) -> Sequence[Scale]: ...
    @property
    def segments(self) -> tuple[str, ...]: ...
    @property
    def regions(self) -> tuple[str, ...]: ...
    @property
    def flows(self) -> NDArray[np.int32]: ...
    @property
    def stock(self) -> NDArray[np.int32]: ...
    @property
    def level_sums(self) -> NDArray[np.int64]: ...
    @property
    def digest(self) -> str: ...
    @property
    def scenario_digest(self) -> str: ...
    @property
    def engine_version(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Metric:
    """values: float64[replicates, ticks, segments, regions, outcomes], nan for nobody.

    alternatives: which one each outcome is, -1 for a level.
    """

    name: str
    values: NDArray[np.float64]
    alternatives: NDArray[np.int32]


def arrow_table(recorded: Recorded) -> Any:
    """Return a pyarrow.Table with tick, replicate, segment, region, alternative, metric, value.

    metric: "flows" and "stock", in personas by alternative, and "mean_<level>" in the level's
    unit, whose alternative is null; value is null where nobody is in the cell. Labels are
    dictionary-encoded; the metadata name the run. Raises MissingExtra without pyarrow.
    """
    pa: Any = require("pyarrow", extra="tables")
    metrics = list(_metrics(recorded))
    grids = [np.indices(metric.values.shape, dtype=np.int32) for metric in metrics]
    replicate, tick, segment, region = (
        np.concatenate([grid[axis].reshape(-1) for grid in grids]) for axis in range(4)
    )
    alternative = np.concatenate(
        [
            metric.alternatives[grid[4]].reshape(-1)
            for metric, grid in zip(metrics, grids, strict=True)
        ]
    )
    sizes = [metric.values.size for metric in metrics]
    kind = np.repeat(np.arange(len(metrics), dtype=np.int32), sizes)
    values = np.concatenate([metric.values.reshape(-1) for metric in metrics])
    columns = {
        "tick": pa.array(tick),
        "replicate": pa.array(replicate),
        "segment": _labels(segment, recorded.segments),
        "region": _labels(region, recorded.regions),
        "alternative": _labels(alternative, recorded.alternatives),
        "metric": _labels(kind, [metric.name for metric in metrics]),
        "value": pa.array(values, mask=np.isnan(values)),
    }
    return pa.table(columns).replace_schema_metadata(_metadata(recorded))


def pandas_frame(recorded: Recorded) -> Any:
    """Return the long table of `arrow_table` as a pandas.DataFrame, its labels categorical."""
    require("pandas", extra="tables")
    return arrow_table(recorded).to_pandas()


def polars_frame(recorded: Recorded) -> Any:
    """Return the long table of `arrow_table` as a polars.DataFrame, its labels categorical."""
    polars: Any = require("polars", extra="tables")
    return polars.from_arrow(arrow_table(recorded))


def _metrics(recorded: Recorded) -> Iterator[_Metric]:
    positions = np.arange(len(recorded.alternatives), dtype=np.int32)
    for name, counts in (("flows", recorded.flows), ("stock", recorded.stock)):
        yield _Metric(name=name, values=counts.astype(np.float64), alternatives=positions)
    people = recorded.stock.sum(axis=-1).astype(np.float64)
    for position, scale in enumerate(recorded.levels):
        sums = recorded.level_sums[..., position] / scale.per_unit
        means = np.divide(sums, people, out=np.full_like(people, np.nan), where=people > 0)
        none = np.full(1, -1, dtype=np.int32)
        yield _Metric(name=f"mean_{scale.name}", values=means[..., None], alternatives=none)


def _labels(codes: NDArray[np.int32], labels: Sequence[str]) -> Any:
    pa: Any = require("pyarrow", extra="tables")
    indices = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(labels, pa.string()))


def _metadata(recorded: Recorded) -> dict[str, str]:
    return {
        "digest": recorded.digest,
        "scenario_digest": recorded.scenario_digest,
        "engine_version": recorded.engine_version,
    }
