"""Telemetry to bytes and back: exact, sought by keyframe, of every version, or refused."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from societies import ANYTHING

import agentverse_engine as av
from agentverse_engine import codec, packs
from agentverse_engine.codec import Part
from agentverse_engine.errors import CodecError, RequestError
from agentverse_engine.optional import require

pa: Any = require("pyarrow", extra="tables")
pq: Any = require("pyarrow.parquet", extra="tables")

DATA = Path(__file__).parents[2] / "data"
TAG, SEAL = b"agentverse.telemetry", b"agentverse.telemetry.sha256"


def _pull(mean_opinion: float, opinion: float, degree: int) -> float:
    return opinion if degree == 0 else 0.5 * (opinion + mean_opinion)


def _drift(wealth: float, fine_draw: float) -> float:
    return wealth + 10.0 * (fine_draw - 0.5)


def _vote(new_opinion: float, draw: float) -> int:
    return 1 if new_opinion + 0.2 * draw > 0.6 else 0


OPINION = av.Level(name="opinion", label="opinion", unit="", minimum=0.0, maximum=1.0, default=0.5)
WEALTH = av.Level(
    name="wealth",
    label="wealth",
    unit="USD",
    minimum=-50.0,
    maximum=50.0,
    default=0.0,
    per_unit=100,
)
TWO_LEVELS = av.Pack(
    name="two_levels",
    alternatives=("no", "yes"),
    levels=(OPINION, WEALTH),
    rules=(
        av.Rule(name="pull", function=_pull, writes=("opinion",), source="made up", social=True),
        av.Rule(name="drift", function=_drift, writes=("wealth",), source="made up"),
        av.Rule(name="vote", function=_vote, writes=("choice",), source="made up"),
    ),
)


@cache
def leveled(size: int = 90, horizon: int = 11, dense: int = 2, every: int = 4) -> av.Trajectory:
    draw = np.random.default_rng(size)
    population = av.Population(
        segments=("a", "b", "nobody"),
        regions=("r",),
        segment=(np.arange(size) % 2).astype(np.int16),
        region=np.zeros(size, dtype=np.int16),
        attributes={"opinion": draw.random(size)},
        choice=np.zeros(size, dtype=np.uint8),
    )
    scenario = av.Scenario(
        population=population,
        network=av.homophilous_network(
            {"segment": population.segment}, mean_degree=6, odds_ratios={}, seed=1
        ),
        pack=TWO_LEVELS,
        horizon=horizon,
        replicates=3,
        seed=5,
        allow=("isolated_personas", "empty_groups"),
    )
    return av.simulate_ensemble(scenario, dense_replicates=dense, keyframe_every=every)


@cache
def stored() -> Mapping[Part, bytes]:
    return codec.encode(leveled())


def assert_equal(one: av.Trajectory, other: av.Trajectory) -> None:
    arrays = ("flows", "stock", "level_sums", "level_bins", "tick_digests", "keyframe_ticks")
    pairs = [(getattr(one, name), getattr(other, name)) for name in arrays]
    assert list(one.tracks) == list(other.tracks)
    for column, track in one.tracks.items():
        names = ("keyframes", "indptr", "rows", "values")
        pairs += [(getattr(track, name), getattr(other.tracks[column], name)) for name in names]
    for first, second in pairs:
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)
    plain = ("alternatives", "levels", "segments", "regions", "digest", "scenario_digest")
    for name in (*plain, "engine_version"):
        assert getattr(one, name) == getattr(other, name)
    assert repr(one.ledger) == repr(other.ledger)  # nan is not equal to itself


@pytest.mark.parametrize(("dense", "every"), [(0, 4), (1, 1), (2, 4), (3, 100), (2, 11)])
def test_decode_of_encoded_gives_every_array_back(dense: int, every: int) -> None:
    trajectory = leveled(dense=dense, every=every)
    assert_equal(codec.decode(codec.encode(trajectory)), trajectory)


@pytest.mark.parametrize("seed", range(12))
def test_decode_of_random_runs_with_scripts_is_exact(
    random_scenario: Callable[[int], av.Scenario], seed: int
) -> None:
    trajectory = av.simulate_ensemble(random_scenario(seed), dense_replicates=2, keyframe_every=3)
    assert_equal(codec.decode(codec.encode(trajectory)), trajectory)


def test_ledger_of_nobody_survives(society: Callable[..., av.Scenario]) -> None:
    script = av.EventScript(
        variable="conformity", operation="set", value=1.0, scope=av.Scope(segments=("poor",))
    )
    scenario = society(60, event_scripts=(script,))
    lonely = replace(
        scenario,
        population=replace(scenario.population, segment=np.ones(60, dtype=np.int16)),
        allow=ANYTHING,
    )
    trajectory = av.simulate_ensemble(lonely)
    assert np.isnan(trajectory.ledger[0].mean_before)
    assert_equal(codec.decode(codec.encode(trajectory)), trajectory)


def test_encode_twice_gives_the_same_bytes() -> None:
    assert codec.encode(leveled()) == stored()


def test_save_then_load_gives_the_trajectory(tmp_path: Path) -> None:
    codec.save(leveled(), tmp_path / "run")
    assert_equal(codec.load(tmp_path / "run"), leveled())
    (tmp_path / "run" / "deltas.parquet").unlink()
    with pytest.raises(CodecError) as caught:
        codec.load(tmp_path / "run")
    assert caught.value.field == "deltas"


def test_series_is_a_plain_table_that_any_tool_reads() -> None:
    table = pq.read_table(BytesIO(stored()["series"]))
    assert table.num_rows == 3 * 12 * 3 * 1
    assert sum(table.column("stock.yes").to_pylist()) == leveled().stock[..., 1].sum()


@pytest.mark.parametrize("column", ["choice", "opinion", "wealth"])
def test_seek_gives_the_state_of_each_tick(column: str) -> None:
    trajectory = leveled()
    track = trajectory.tracks[column]
    for replicate in range(2):
        for tick in range(12):
            found = codec.seek(
                stored()["keyframes"],
                stored()["deltas"],
                tick=tick,
                replicate=replicate,
                column=column,
            )
            np.testing.assert_array_equal(
                found, track.at(tick, replicate, trajectory.keyframe_ticks)
            )


def _without_other_groups(data: bytes, kept: int) -> bytes:
    """Overwrite the bytes of all row groups but one."""
    metadata: Any = pq.ParquetFile(BytesIO(data)).metadata
    damaged = bytearray(data)
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns if group != kept else 0):
            chunk = metadata.row_group(group).column(place)
            start = min(chunk.data_page_offset, chunk.dictionary_page_offset or 2**62)
            damaged[start : start + chunk.total_compressed_size] = (
                b"\xff" * chunk.total_compressed_size
            )
    return bytes(damaged)


def test_seek_needs_no_row_group_but_its_own() -> None:
    # Keyframes at 0, 4 and 8 of two replicates: tick 6 of the second needs the fifth group.
    keyframes = _without_other_groups(stored()["keyframes"], 4)
    deltas = _without_other_groups(stored()["deltas"], 4)
    found = codec.seek(keyframes, deltas, tick=6, replicate=1, column="opinion")
    np.testing.assert_array_equal(
        found, leveled().tracks["opinion"].at(6, 1, leveled().keyframe_ticks)
    )
    with pytest.raises(CodecError):
        codec.seek(keyframes, deltas, tick=3, replicate=1, column="opinion")


class _Counting(BytesIO):
    """A file that counts the bytes read from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_seek_reads_a_small_part_of_a_long_file() -> None:
    trajectory = leveled(size=20_000, horizon=60, dense=1, every=5)
    parts = codec.encode(trajectory)
    files = _Counting(parts["keyframes"]), _Counting(parts["deltas"])
    found = codec.seek(*files, tick=33, column="wealth")
    np.testing.assert_array_equal(
        found, trajectory.tracks["wealth"].at(33, 0, trajectory.keyframe_ticks)
    )
    total = len(parts["keyframes"]) + len(parts["deltas"])
    assert sum(file.taken for file in files) < total / 4


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"tick": 12}, "tick"),
        ({"tick": -1}, "tick"),
        ({"tick": 3, "replicate": 2}, "replicate"),
        ({"tick": 3, "column": "mood"}, "column"),
    ],
)
def test_seek_of_what_was_not_recorded_is_refused(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError) as caught:
        codec.seek(stored()["keyframes"], stored()["deltas"], **arguments)
    assert caught.value.field == field


def test_random_walks_take_less_than_a_byte_per_column_and_recorded_agent_tick() -> None:
    # The hard case: nearly everyone changes at every tick, and nothing tells how.
    trajectory = leveled(20_000, 12, 1, 12)
    size = sum(len(data) for data in codec.encode(trajectory).values())
    assert size < 3 * trajectory.personas * trajectory.horizon


SHIPPED: Mapping[str, av.Pack] = {
    "adoption": packs.adoption(),
    "contagion": packs.contagion(),
    "opinion": packs.opinion(),
    "opinion in pairs": packs.opinion("pairwise"),
    "election": packs.election(),
    "consumption": packs.consumption(),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_packs_take_less_than_a_byte_per_agent_tick_at_default_logging(name: str) -> None:
    pack, size = SHIPPED[name], 20_000
    rows = np.arange(size)
    people = av.Population(
        segments=("a", "b"),
        regions=("r",),
        segment=(rows % 2).astype(np.int16),
        region=np.zeros(size, dtype=np.int16),
        attributes={},
        choice=np.zeros(size, dtype=np.uint8),
    )
    even = dict.fromkeys(pack.alternatives, 1 / len(pack.alternatives))
    scenario = av.Scenario(
        population=packs.completed(people, pack, seed=1, shares=even),
        network=av.homophilous_network(
            {"all": people.region}, mean_degree=10, odds_ratios={}, seed=2
        ),
        pack=pack,
        horizon=36,
        replicates=1,
        allow=("isolated_personas",),
    )
    stored = codec.encode(av.simulate_ensemble(scenario))
    assert sum(len(data) for data in stored.values()) < size * scenario.horizon


def version(number: int) -> dict[Part, bytes]:
    parts: tuple[Part, ...] = ("series", "keyframes", "deltas")
    folder = DATA / f"telemetry_{number}"
    return {part: (folder / f"{part}.parquet").read_bytes() for part in parts}


def expected_of(number: int) -> Any:
    return np.load(DATA / f"telemetry_{number}" / "expected.npz")


def test_version_1_as_the_server_stored_it_stays_readable() -> None:
    parts, expected = version(1), expected_of(1)
    series = codec.decode_series(parts["series"])
    assert (series.version, series.alternatives) == (1, ("gas", "pump"))
    assert series.digest == str(expected["digest"])
    np.testing.assert_array_equal(series.flows, expected["flows"])
    np.testing.assert_array_equal(series.stock, expected["stock"])
    keyframes = codec.decode_keyframes(parts["keyframes"])
    np.testing.assert_array_equal(
        keyframes.columns["choice"], expected["states"][:, keyframes.ticks]
    )
    for replicate in range(2):
        for tick in range(10):
            found = codec.seek(parts["keyframes"], parts["deltas"], tick=tick, replicate=replicate)
            np.testing.assert_array_equal(found, expected["states"][replicate, tick])


def test_version_1_holds_no_whole_trajectory_and_says_what_to_read() -> None:
    with pytest.raises(CodecError, match="version 1") as caught:
        codec.decode(version(1))
    assert "decode_series" in caught.value.fix
    with pytest.raises(RequestError):
        codec.seek(version(1)["keyframes"], version(1)["deltas"], tick=10)


def test_version_2_stays_readable_in_every_part() -> None:
    parts, expected = version(2), expected_of(2)
    series, whole = codec.decode_series(parts["series"]), codec.decode(parts)
    assert (series.version, whole.digest) == (2, str(expected["digest"]))
    for name in ("flows", "stock", "level_sums"):
        np.testing.assert_array_equal(getattr(whole, name), expected[name])
    for column, track in whole.tracks.items():
        states = expected[f"states_{column}"]
        assert (np.diff(states, axis=1) != 0).any()
        for replicate, tick in np.ndindex(states.shape[:2]):
            found = codec.seek(
                parts["keyframes"], parts["deltas"], tick=tick, replicate=replicate, column=column
            )
            np.testing.assert_array_equal(found, states[replicate, tick])
            kept = track.at(tick, replicate, whole.keyframe_ticks)
            np.testing.assert_array_equal(kept, found)


def _rewritten(data: bytes, change: Callable[[dict[str, Any], Any], Any]) -> bytes:
    """Write a part anew with another tag or other rows, properly sealed."""
    table: Any = pq.read_table(BytesIO(data))
    tag = json.loads(table.schema.metadata[TAG])
    table = change(tag, table)
    marked = json.dumps(tag, sort_keys=True).encode()
    metadata = {TAG: marked, SEAL: sha256(marked).hexdigest().encode()}
    sink = BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), sink)
    return sink.getvalue()


def _of_version_99(tag: dict[str, Any], table: Any) -> Any:
    tag["version"] = 99
    return table


def _with_another_count(tag: dict[str, Any], table: Any) -> Any:
    column = np.asarray(table.column("stock.yes")).copy()
    column[5] += 1
    place = table.column_names.index("stock.yes")
    return table.set_column(place, "stock.yes", pa.array(column))


@pytest.mark.parametrize("part", ["series", "keyframes", "deltas"])
def test_unknown_version_is_named_with_the_way_out(part: Part) -> None:
    parts = {**stored(), part: _rewritten(stored()[part], _of_version_99)}
    with pytest.raises(CodecError, match="99") as caught:
        if part == "series":
            codec.decode_series(parts["series"])
        codec.seek(parts["keyframes"], parts["deltas"], tick=3)
    assert caught.value.field == part
    assert "release" in caught.value.message + caught.value.fix


def test_series_that_lost_its_digest_is_refused() -> None:
    forged = _rewritten(stored()["series"], _with_another_count)
    with pytest.raises(CodecError, match="digest"):
        codec.decode_series(forged)


def test_parts_of_two_runs_are_refused() -> None:
    other = codec.encode(leveled(size=91))
    for part in ("keyframes", "deltas"):
        with pytest.raises(CodecError) as caught:
            codec.decode({**stored(), part: other[part]})
        assert caught.value.field == part
    with pytest.raises(CodecError, match="another run"):
        codec.seek(stored()["keyframes"], other["deltas"], tick=3)
    with pytest.raises(CodecError, match="version"):
        codec.seek(stored()["keyframes"], version(1)["deltas"], tick=3)


def test_parts_in_the_wrong_place_are_refused() -> None:
    with pytest.raises(CodecError) as caught:
        codec.decode_series(stored()["deltas"])
    assert "holds deltas" in caught.value.message
    foreign = BytesIO()
    pq.write_table(pa.table({"x": pa.array([1])}), foreign)
    with pytest.raises(CodecError, match="no telemetry tag"):
        codec.decode_series(foreign.getvalue())


@pytest.mark.parametrize("part", ["series", "keyframes", "deltas"])
def test_truncated_bytes_are_refused(part: Part) -> None:
    data = stored()[part]
    for length in [0, 1, 4, 8, *range(9, len(data), len(data) // 23), len(data) - 1]:
        with pytest.raises(CodecError):
            codec.decode({**stored(), part: data[:length]})
        if part != "series":
            files: dict[Part, bytes] = {**stored(), part: data[:length]}
            with pytest.raises(CodecError):
                codec.seek(files["keyframes"], files["deltas"], tick=6)


@pytest.mark.parametrize("part", ["series", "keyframes", "deltas"])
def test_flipped_bits_are_refused_or_change_nothing(part: Part) -> None:
    draw = np.random.default_rng(3)
    refused = 0
    for place in draw.integers(0, len(stored()[part]), 150):
        data = bytearray(stored()[part])
        data[place] ^= 1 << int(draw.integers(8))
        files: dict[Part, bytes] = {**stored(), part: bytes(data)}
        try:
            if part == "series":
                assert_equal(codec.decode(files), leveled())
                continue
            found = codec.seek(files["keyframes"], files["deltas"], tick=6, column="wealth")
        except CodecError:
            refused += 1
            continue
        expected = leveled().tracks["wealth"].at(6, 0, leveled().keyframe_ticks)
        np.testing.assert_array_equal(found, expected)
    assert refused > 10
