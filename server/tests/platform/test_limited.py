"""Work in a limited child: its answer, its errors, and each limit that ends it."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from agentverse.platform.errors import AgentVerseError, FieldError, InvalidInput
from agentverse.platform.limited import Limits, WorkTooDemanding, run_limited, running, stop

MEBIBYTE = 1024 * 1024
ROOMY = Limits(memory_bytes=256 * MEBIBYTE, cpu_seconds=20, wall_seconds=30)
Report = Callable[[str, int, int], None]


def add(report: Report, *, left: int, right: int) -> int:
    report("adding", 1, 2)
    report("adding", 2, 2)
    return left + right


def refuse(_report: Report) -> None:
    raise InvalidInput("Too bad.", errors=[FieldError(field="x", message="bad")], line=3)


def crash(_report: Report) -> None:
    raise KeyError("secret")


def die(_report: Report) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def take_memory(_report: Report, *, mebibytes: int) -> int:
    return len(b"x" * (mebibytes * MEBIBYTE))


def spin(_report: Report) -> int:
    """Holds the interpreter's lock where no Python code can be interrupted."""
    return 10 ** (10**9)


def sleep(_report: Report) -> None:
    threading.Event().wait()


def fill_disk(_report: Report, *, path: str) -> None:
    with Path(path).open("wb") as file:
        for _ in range(1000):
            file.write(b"x" * MEBIBYTE)


def environment(_report: Report) -> dict[str, str]:
    return dict(os.environ)


def own_pid(_report: Report) -> int:
    return os.getpid()


def tell_and_sleep(report: Report) -> None:
    report("pid", os.getpid(), 0)
    threading.Event().wait()


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The child imports these functions by this module's name."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    for function in list(globals().values()):
        if callable(function) and getattr(function, "__module__", "") == __name__:
            monkeypatch.setattr(function, "__module__", Path(__file__).stem)
    stop()
    yield
    stop()


def run(function: Callable[..., Any], limits: Limits = ROOMY, **arguments: Any) -> Any:
    return run_limited(function, arguments, limits=limits)


def test_run_limited_returns_the_result_and_reports_on_the_way() -> None:
    told: list[tuple[str, int, int]] = []

    def report(name: str, done: int, total: int) -> None:
        told.append((name, done, total))

    result = run_limited(add, {"left": 2, "right": 3}, limits=ROOMY, report=report)

    assert result == 5
    assert told == [("adding", 1, 2), ("adding", 2, 2)]


def test_run_limited_raises_the_named_error_of_the_child() -> None:
    with pytest.raises(InvalidInput, match="Too bad") as refused:
        run(refuse)
    assert refused.value.errors == (FieldError(field="x", message="bad"),)
    assert refused.value.extra == {"line": 3}


@pytest.mark.parametrize("function", [crash, die])
def test_run_limited_of_what_crashes_is_one_named_error(function: Callable[..., Any]) -> None:
    with pytest.raises(WorkTooDemanding) as ended:
        run(function)
    assert "secret" not in ended.value.detail


def test_run_limited_ends_what_takes_too_much_memory() -> None:
    assert run(take_memory, mebibytes=100) == 100 * MEBIBYTE
    with pytest.raises(WorkTooDemanding, match="256 MiB"):
        run(take_memory, mebibytes=400)


@pytest.mark.parametrize(
    ("function", "limits"),
    [
        (spin, Limits(memory_bytes=2048 * MEBIBYTE, cpu_seconds=1, wall_seconds=60)),
        (spin, Limits(memory_bytes=2048 * MEBIBYTE, cpu_seconds=60, wall_seconds=0.5)),
        (sleep, Limits(memory_bytes=256 * MEBIBYTE, cpu_seconds=60, wall_seconds=0.5)),
    ],
)
def test_run_limited_ends_what_takes_too_long(function: Callable[..., Any], limits: Limits) -> None:
    with pytest.raises(WorkTooDemanding):
        run(function, limits)


def test_run_limited_ends_what_fills_the_disk(tmp_path: Path) -> None:
    limits = Limits(
        memory_bytes=256 * MEBIBYTE, cpu_seconds=20, wall_seconds=30, disk_bytes=MEBIBYTE
    )
    with pytest.raises(WorkTooDemanding):
        run(fill_disk, limits, path=str(tmp_path / "full"))
    assert (tmp_path / "full").stat().st_size <= MEBIBYTE


def test_run_limited_hands_on_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/db")
    monkeypatch.setenv("OPENROUTER_API_KEY", "secret")
    assert "secret" not in str(run(environment))


def test_run_limited_uses_no_child_twice() -> None:
    assert run(own_pid) != run(own_pid)


def test_run_limited_survives_the_death_of_its_server() -> None:
    run(own_pid)
    assert running._server.process is not None  # pyright: ignore[reportPrivateUsage]
    running._server.process.kill()  # pyright: ignore[reportPrivateUsage]
    assert run(add, left=1, right=1) == 2


class Leaves(AgentVerseError):
    """Raised by a parent that is told to stop while its child works."""


def test_child_ends_when_its_parent_turns_away() -> None:
    pids: list[int] = []

    def leave(_name: str, pid: int, _total: int) -> None:
        pids.append(pid)
        raise Leaves("away")

    with pytest.raises(Leaves):
        run_limited(tell_and_sleep, {}, limits=ROOMY, report=leave)
    deadline = time.monotonic() + ROOMY.wall_seconds / 2
    while psutil.pid_exists(pids[0]):
        assert time.monotonic() < deadline, "the child is still there"
        time.sleep(0.02)
