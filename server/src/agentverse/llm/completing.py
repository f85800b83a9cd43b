"""complete(): a model call from a job or a route, on the router of this process."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from uuid import UUID

from agentverse import audit
from agentverse.llm import call_reports
from agentverse.llm.calls import Call, Completion
from agentverse.llm.errors import UpstreamTimeout
from agentverse.llm.profiles import ProfileName
from agentverse.llm.requests import Labels, read_chat
from agentverse.llm.router import Router
from agentverse.llm.schemas import Explanation, ProfileTrial, TrialAnswer
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import Unavailable
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings

Result = TypeVar("Result")
MessageRole = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    role: MessageRole
    content: str


class _RouterThread:
    """The router of a process that has no event loop of its own, in a thread beside it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.router = self.run(self._open())

    async def _open(self) -> Router:
        router = Router(get_settings())
        await router.open()
        return router

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        future: Future[Result] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return future.result()

    def close(self) -> None:
        self.run(self.router.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@dataclass(frozen=True, slots=True)
class _Hosted:
    """The web server's router, on the web server's loop."""

    loop: asyncio.AbstractEventLoop
    router: Router


_lock = threading.Lock()
_own: _RouterThread | None = None
_hosted: _Hosted | None = None


@asynccontextmanager
async def serving() -> AsyncGenerator[Router]:
    """The router of a process that serves, on the running loop; jobs and routes use it too."""
    global _hosted
    router = Router(get_settings())
    await router.open()
    _hosted = _Hosted(asyncio.get_running_loop(), router)
    try:
        yield router
    finally:
        _hosted = None
        await router.close()


def end_calls() -> None:
    """End the calls of the process that serves, on its loop; it is about to stop."""
    if _hosted is not None:
        _hosted.router.end_calls()


def serving_router() -> Router:
    """The router of the process that serves. Raises Unavailable while it does not."""
    if _hosted is None:
        raise Unavailable("The server is starting or stopping. Try again in a moment.")
    return _hosted.router


def router_of_process() -> _RouterThread | _Hosted:
    """The router of this process and its loop; opened with the first call."""
    global _own
    if _hosted is not None:
        return _hosted
    with _lock:
        if _own is None:
            _own = _RouterThread()
        return _own


def close() -> None:
    """End the router that jobs of this process used; the next call opens another."""
    global _own
    with _lock:
        client, _own = _own, None
    if client is not None:
        client.close()


def explain(scope: Scope, *, profile: str, trial: ProfileTrial) -> Explanation:
    """What asking this profile would do; nothing is spent. Raises LlmError or NoProvider."""
    home = router_of_process()
    request = read_chat(_asked(profile, trial), Labels(project_id=trial.project_id))
    call = asyncio.run_coroutine_threadsafe(home.router.plan(scope, request), home.loop).result()
    target, plan = call.target, call.plan
    assert target is not None and plan is not None  # noqa: S101, PT018 - planned
    assert target.profile is not None  # noqa: S101 - asked for by its key
    return Explanation(
        profile_key=target.profile.key,
        profile_version=target.profile.version,
        models=[model.name for model in plan.models],
        input_tokens=plan.input_tokens,
        output_tokens=trial.max_tokens,
        hold_usd=plan.hold_usd,
        max_cost_per_request_usd=plan.settings.max_cost_per_request_usd,
    )


def try_profile(scope: Scope, *, profile: str, trial: ProfileTrial) -> TrialAnswer:
    """Ask a profile for real, with a small answer; its call as the ledger has it."""
    answer = complete(
        scope,
        profile=profile,
        messages=[Message(role="user", content=trial.prompt)],
        project_id=trial.project_id,
        feature="profile_test",
        max_tokens=trial.max_tokens,
    )
    with tenant_session(scope) as db:
        audit.record(
            db,
            action="llm_profile.test",
            resource_type="llm_profile",
            resource_id=None,
            after={"profile_key": profile, "call_id": answer.call_id},
        )
        return TrialAnswer(text=answer.text, call=call_reports.get_call(db, answer.call_id))


def _asked(profile: str, trial: ProfileTrial) -> dict[str, Any]:
    return {
        "model": f"profile:{profile}",
        "messages": [{"role": "user", "content": trial.prompt}],
        "max_tokens": trial.max_tokens,
    }


def complete(
    scope: Scope,
    *,
    profile: ProfileName | str | None = None,
    model: str | None = None,
    messages: Sequence[Message],
    origin: UUID | None = None,
    project_id: UUID | None = None,
    run_id: UUID | None = None,
    feature: str | None = None,
    max_tokens: int | None = None,
    temperature: float | None = None,
    response_format: dict[str, Any] | None = None,
    within_seconds: float | None = None,
) -> Completion:
    """Ask a model. Slow; holds no transaction of the caller's.

    `profile` is asked, or `model` by its name. `origin` is what the call is made for; its cost is
    summed by `llm.usage`. `within_seconds`: how long the caller waits, None: as long as the
    profile; what a call left behind used is settled all the same. Raises LlmError, of it
    UpstreamTimeout where that is over, and NoProvider.
    """
    document: dict[str, Any] = {
        "model": model if profile is None else f"profile:{profile}",
        "messages": [{"role": m.role, "content": m.content} for m in messages],
    }
    given = {
        "max_tokens": max_tokens,
        "temperature": temperature,
        "response_format": response_format,
    }
    document |= {name: value for name, value in given.items() if value is not None}
    labels = Labels(
        project_id=project_id,
        run_id=run_id,
        feature=feature,
        origin=origin,
        request_id=scope.request_id,
    )
    request = read_chat(document, labels)
    home = router_of_process()
    call = Call(scope, request)

    async def wait() -> None:
        home.router.begin(call)
        try:
            await asyncio.wait_for(call.ended.wait(), within_seconds)
        except TimeoutError:
            raise UpstreamTimeout(
                f"The model has not answered within {within_seconds:g} seconds. Try again, or let "
                "an admin choose a faster model for the profile."
            ) from None
        finally:
            home.router.leave(call)

    future = asyncio.run_coroutine_threadsafe(wait(), home.loop)
    try:
        future.result()
    except BaseException:
        # Interrupted: the router's own task goes on and settles the call.
        future.cancel()
        raise
    return _completion(call)


def _completion(call: Call) -> Completion:
    if call.error is not None:
        raise call.error
    report, document = call.report, call.document
    assert document is not None  # noqa: S101 - ended without an error
    assert report.call_id is not None and report.cost is not None  # noqa: S101, PT018
    message = document["choices"][0]["message"]
    return Completion(
        call_id=report.call_id,
        text=message.get("content") or "",
        finish_reason=report.finish_reason or "",
        served_model=report.served_model or "",
        input_tokens=None if report.usage is None else report.usage.input_tokens,
        output_tokens=None if report.usage is None else report.usage.output_tokens,
        cost_usd=report.cost.usd,
        cost_source=report.cost.source,
        attempts=report.attempts,
        latency_seconds=report.total_ms / 1000,
        document=document,
    )
