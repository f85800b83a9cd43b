"""Background work: enqueued with the transaction, handled once, retried, failed, rescued."""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from sqlalchemy import text

from agentverse.platform.db import engines
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import Conflict, Unavailable
from agentverse.platform.jobs import registry, rescuing
from agentverse.platform.jobs.job_attempts import WorkerLost
from agentverse.platform.jobs.memory import WorkTooLarge
from agentverse.platform.jobs.queue import enqueue
from agentverse.platform.jobs.registry import handles, job_name
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.jobs.worker_loop import create_app
from agentverse.platform.scope import Scope
from agentverse.platform.wire import WireModel


class Payload(WireModel):
    word: str


class Recorder:
    """A handler that notes its calls and raises what it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[Scope, str]] = []
        self.failures: list[Exception] = []
        self.errors: list[Exception] = []
        self.called = Event()

    def handle(self, scope: Scope, payload: Payload) -> None:
        self.calls.append((scope, payload.word))
        self.called.set()
        if self.errors:
            raise self.errors.pop(0)

    def fail(self, scope: Scope, payload: Payload, error: Exception) -> None:
        self.failures.append(error)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(registry, "_handlings", {})
    recorder = Recorder()
    handles(Payload, on_failure=recorder.fail, maximum_attempts=3)(recorder.handle)
    return recorder


def queue(scope: Scope, word: str = "hello") -> int:
    with tenant_session(scope) as db:
        return enqueue(db, Payload(word=word))


def statuses() -> list[str]:
    with engines.current().engine.connect() as connection:
        rows = connection.execute(text("SELECT status FROM procrastinate_jobs ORDER BY id"))
        return [row.status for row in rows]


def test_enqueue_carries_scope_and_payload(scope: Scope, recorder: Recorder) -> None:
    queue(scope)
    run_queued_jobs()
    assert recorder.calls == [(scope, "hello")]
    assert statuses() == ["succeeded"]


def test_enqueue_in_a_rolled_back_transaction_leaves_no_job(
    scope: Scope, recorder: Recorder
) -> None:
    with pytest.raises(RuntimeError, match="stop"), tenant_session(scope) as db:
        enqueue(db, Payload(word="never"))
        raise RuntimeError("stop")
    assert statuses() == []


def test_second_handler_for_a_payload_is_refused(recorder: Recorder) -> None:
    with pytest.raises(ValueError, match="already has a handler"):

        @handles(Payload)
        def another(scope: Scope, payload: Payload) -> None: ...


def test_job_name_is_the_context_and_the_type() -> None:
    from agentverse.identity.schemas import LoginRequest

    assert job_name(LoginRequest) == "identity.LoginRequest"


def test_expected_error_fails_at_once_and_is_stored(scope: Scope, recorder: Recorder) -> None:
    error = Conflict("It is already there.")
    recorder.errors = [error]
    queue(scope)
    (outcome,) = run_queued_jobs()
    assert outcome.error is error
    assert recorder.failures == [error]
    assert statuses() == ["failed"]


def test_work_without_memory_fails_at_once_and_says_why(scope: Scope, recorder: Recorder) -> None:
    recorder.errors = [MemoryError()]
    queue(scope)
    run_queued_jobs()
    (failed,) = recorder.failures
    assert isinstance(failed, WorkTooLarge)
    assert "AGENTVERSE_WORKER_MEMORY_BYTES" in failed.detail


def test_retryable_error_is_tried_again(scope: Scope, recorder: Recorder) -> None:
    recorder.errors = [Unavailable("busy"), Unavailable("busy")]
    queue(scope)
    assert len(run_queued_jobs()) == 3
    assert recorder.failures == []
    assert statuses() == ["succeeded"]


def test_unexpected_error_is_stored_when_no_attempt_is_left(
    scope: Scope, recorder: Recorder
) -> None:
    recorder.errors = [RuntimeError("1"), RuntimeError("2"), RuntimeError("3")]
    queue(scope)
    run_queued_jobs(raise_unexpected=False)
    assert [str(error) for error in recorder.failures] == ["3"]
    assert statuses() == ["failed"]


def lose(number: int, *, attempts: int = 0) -> None:
    """As a killed worker leaves it: being worked on by a worker that is silent."""
    with engines.current().engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - interval '6 seconds')"
            )
        )
        connection.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing', attempts = :attempts, "
                "worker_id = (SELECT max(id) FROM procrastinate_workers) WHERE id = :number"
            ),
            {"number": number, "attempts": attempts},
        )


def test_job_of_a_lost_worker_is_run_again(scope: Scope, recorder: Recorder) -> None:
    lose(queue(scope))
    assert rescuing.rescue(engines.current().engine, 5.0) == 1
    run_queued_jobs()
    assert len(recorder.calls) == 1
    assert recorder.failures == []


def test_job_of_a_live_worker_is_left_alone(scope: Scope, recorder: Recorder) -> None:
    lose(queue(scope))
    assert rescuing.rescue(engines.current().engine, 60.0) == 0
    assert statuses() == ["doing"]


def test_job_that_kills_every_worker_fails_for_good(scope: Scope, recorder: Recorder) -> None:
    lose(queue(scope), attempts=2)
    rescuing.rescue(engines.current().engine, 5.0)
    assert statuses() == ["failed"]
    (failure,) = recorder.failures
    assert isinstance(failure, WorkerLost)
    assert "3 times" in failure.detail


def test_job_running_inline_is_never_taken_for_lost(scope: Scope, recorder: Recorder) -> None:
    found: list[int] = []

    def look(scope: Scope, payload: Payload) -> None:
        found.append(rescuing.rescue(engines.current().engine, 5.0))

    registry._handlings.clear()  # pyright: ignore[reportPrivateUsage]
    handles(Payload)(look)
    queue(scope)
    run_queued_jobs()
    assert found == [0]


@contextmanager
def running_worker() -> Generator[None]:
    """A real procrastinate worker in a thread of this process."""
    app = create_app(engines.current())
    loop = asyncio.new_event_loop()
    ready = Event()

    async def work() -> None:
        async with app.open_async():
            loop.call_soon(ready.set)
            await app.run_worker_async(
                install_signal_handlers=False, fetch_job_polling_interval=60.0
            )

    task = loop.create_task(work())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            loop.close()

    thread = Thread(target=run)
    thread.start()
    ready.wait(5)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)


def heard(recorder: Recorder, scope: Scope, word: str) -> bool:
    """Queue a job until one is taken: what comes before LISTEN stands is left to the next."""
    for _ in range(8):
        recorder.called.clear()
        queue(scope, word)
        if recorder.called.wait(3) and (scope, word) in recorder.calls:
            return True
    return False


def test_worker_picks_a_job_up_without_polling(
    recorder: Recorder, database: object, scope: Scope
) -> None:
    """The poll interval is a minute here: the worker's first look may bring the first job, but
    only LISTEN/NOTIFY can bring one later in the same minute."""
    with running_worker():
        began = time.perf_counter()
        assert heard(recorder, scope, "first")
        assert heard(recorder, scope, "second")
        assert time.perf_counter() - began < 55
