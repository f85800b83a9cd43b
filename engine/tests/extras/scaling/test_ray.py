"""On a real Ray cluster of two nodes, workers and actors killed: the bits of a single process."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from societies import moods
from societies.moods import MADE_UP, dividing, mood_scenario

import agentverse_engine as av
from agentverse_engine.errors import RequestError, RuleError, WorkerLost
from agentverse_engine.optional import require
from agentverse_engine.scaling import PartitionedRay, RayExecutor

TRIES = 5
LEAN = {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}


def node(cores: int) -> dict[str, int]:
    """Return what a node is started with: its agents are given ports that are free."""
    agents = ("metrics_agent", "runtime_env_agent", "dashboard_agent_listen", "metrics_export")
    held = [socket.create_server(("127.0.0.1", 0)) for _ in agents]
    ports = {f"{name}_port": one.getsockname()[1] for name, one in zip(agents, held, strict=True)}
    for one in held:
        one.close()
    return {"num_cpus": cores, "object_store_memory": 150_000_000, **ports}


def two_nodes() -> Any:
    """Start a cluster; on a busy machine Ray's own agents may come too late for it, so again."""
    clusters: Any = require("ray.cluster_utils", extra="ray")
    for left in reversed(range(TRIES)):
        try:
            cluster = clusters.Cluster(initialize_head=True, head_node_args={**LEAN, **node(2)})
            cluster.add_node(include_log_monitor=False, **node(1))
        except Exception:
            if not left:
                raise
        else:
            return cluster
    return None


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Start a cluster of two nodes once for all tests of this file, and join it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        # Numba's cache names the module of a rule: who cannot import it compiles for seconds.
        patch.setenv("PYTHONPATH", str(Path(moods.__file__).parents[1]))
        module: Any = require("ray", extra="ray")
        started = two_nodes()
        module.init(address=started.address, log_to_driver=False)
        yield started
        module.shutdown()
        started.shutdown()


@pytest.fixture(scope="module")
def ray(cluster: Any) -> Any:
    return require("ray", extra="ray")


@pytest.fixture(scope="module")
def whole() -> av.Trajectory:
    return av.simulate_ensemble(mood_scenario(), dense_replicates=3)


def assert_same(one: av.Trajectory, other: av.Trajectory) -> None:
    assert one.digest == other.digest
    assert one.ledger == other.ledger
    for column, track in one.tracks.items():
        for name in ("keyframes", "indptr", "rows", "values"):
            np.testing.assert_array_equal(getattr(track, name), getattr(other.tracks[column], name))


def test_executor_before_ray_runs_is_refused() -> None:
    for executor in (RayExecutor(), PartitionedRay(partitions=2)):
        with pytest.raises(RequestError) as caught:
            av.simulate_ensemble(mood_scenario(), executor=executor)
        assert caught.value.field == "ray"


def test_cluster_has_two_nodes(ray: Any) -> None:
    assert sorted(node["Resources"]["CPU"] for node in ray.nodes()) == [1.0, 2.0]


def test_tasks_give_the_digest_of_threads(ray: Any, whole: av.Trajectory) -> None:
    for executor in (RayExecutor(batch=2), RayExecutor(workers=1), RayExecutor(batch=4)):
        sent: list[int] = []
        run = av.simulate_ensemble(
            mood_scenario(),
            executor=executor,
            dense_replicates=3,
            progress=lambda tick, _, sent=sent: sent.append(tick),
        )
        assert_same(run, whole)
        assert sent == sorted(set(sent))
        assert sent[-1] == 8


def test_rule_that_no_worker_can_import_travels(ray: Any) -> None:
    def calm(mood: float, draw: float) -> float:
        return mood * (0.5 + 0.5 * draw)

    rule = av.Rule(name="calm", function=calm, writes=("mood",), source=MADE_UP)
    scenario = mood_scenario()
    scenario = replace(scenario, pack=replace(scenario.pack, rules=(*scenario.pack.rules, rule)))
    here = av.simulate_ensemble(scenario)
    assert av.simulate_ensemble(scenario, executor=RayExecutor(batch=3)).digest == here.digest


@pytest.mark.parametrize(
    "executor", [RayExecutor(batch=3), PartitionedRay(partitions=2)], ids=["tasks", "actors"]
)
def test_fault_of_a_rule_is_raised_here(ray: Any, executor: RayExecutor | PartitionedRay) -> None:
    scenario = mood_scenario()
    rule = av.Rule(name="drift", function=dividing, writes=("mood",), source=MADE_UP)
    pack = replace(scenario.pack, rules=(rule, scenario.pack.rules[1]))
    with pytest.raises(RuleError, match="divides by zero at tick 3"):
        av.simulate_ensemble(replace(scenario, pack=pack), executor=executor)


def test_cancel_stops_tasks(ray: Any) -> None:
    ticks: list[int] = []
    with pytest.raises(av.Cancelled):
        av.simulate_ensemble(
            mood_scenario(horizon=500),
            executor=RayExecutor(batch=3),
            progress=lambda tick, _: ticks.append(tick),
            should_cancel=lambda: len(ticks) >= 3,
        )
    assert len(ticks) == 3


def end_workers(name: str) -> int:
    """Kill Ray's workers whose process title holds a name, as `kill -9` would; return how many."""
    killed = 0
    for worker in workers(name):
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
            killed += 1
    return killed


def workers(name: str) -> Iterator[int]:
    """Find the processes of Ray's workers whose title holds a name."""
    for folder in Path("/proc").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError, NotADirectoryError):
            title = (folder / "cmdline").read_bytes()
            if title.startswith(b"ray::") and name.encode() in title:
                yield int(folder.name)


def parent(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


@pytest.mark.parametrize(
    ("executor", "name"),
    [
        (RayExecutor(batch=3, checkpoint_every=2), "_run_batch"),
        (PartitionedRay(partitions=2, checkpoint_every=2), "_PartitionActor"),
    ],
    ids=["tasks", "actors"],
)
def test_workers_killed_at_a_random_tick_leave_the_same_digest(
    ray: Any, executor: RayExecutor | PartitionedRay, name: str
) -> None:
    scenario = mood_scenario(horizon=200)
    fatal = int(np.random.default_rng(5).integers(1, 30))
    sent: list[int] = []
    killed: list[int] = []

    def progress(tick: int, _: int) -> None:
        sent.append(tick)
        # On a busy machine the report of a tick may come between two batches, when no worker
        # runs: then the next tick is the fatal one.
        if tick >= fatal and not any(killed):
            killed.append(end_workers(name))

    run = av.simulate_ensemble(
        scenario, executor=executor, progress=progress, dense_replicates=3, batch=3
    )
    assert any(killed)
    assert sent == sorted(set(sent))
    assert sent[-1] == 200
    assert_same(run, av.simulate_ensemble(scenario, dense_replicates=3))


def test_worker_lost_too_often_is_an_error(ray: Any) -> None:
    def progress(_tick: int, _end: int) -> None:
        end_workers("_run_batch")

    with pytest.raises(WorkerLost) as caught:
        av.simulate_ensemble(
            mood_scenario(horizon=500), executor=RayExecutor(batch=6, retries=0), progress=progress
        )
    assert caught.value.field == "replicates 0 to 5"


@pytest.mark.parametrize("kind", [RayExecutor, PartitionedRay])
def test_ray_executors_out_of_range_are_refused(kind: type[Any]) -> None:
    names = (
        "threads",
        "checkpoint_every",
        *(("partitions",) if kind is PartitionedRay else ("workers", "batch")),
    )
    whole = {"partitions": 2} if kind is PartitionedRay else {}
    for name in names:
        with pytest.raises(RequestError) as caught:
            kind(**{**whole, name: 0})
        assert caught.value.field == name
    with pytest.raises(RequestError) as caught:
        kind(**whole, retries=-1)
    assert caught.value.field == "retries"


# ---- at last, what leaves the cluster with one node ----------------------------------------------


def test_node_lost_in_a_partitioned_run_leaves_the_same_digest(cluster: Any) -> None:
    scenario = mood_scenario(horizon=20)
    (failed,) = cluster.worker_nodes
    raylet = failed.all_processes["raylet"][0].process.pid
    sent: list[int] = []
    held: list[int] = []

    def progress(tick: int, _: int) -> None:
        sent.append(tick)
        if tick == 11:
            held.extend(one for one in workers("_PartitionActor") if parent(one) == raylet)
            cluster.remove_node(failed, allow_graceful=False)

    run = av.simulate_ensemble(
        scenario,
        executor=PartitionedRay(partitions=2, checkpoint_every=4),
        progress=progress,
        dense_replicates=3,
    )
    assert len(held) == 1
    assert sent == list(range(1, 21))
    assert_same(run, av.simulate_ensemble(scenario, dense_replicates=3))
