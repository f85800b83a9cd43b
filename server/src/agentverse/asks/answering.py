"""A question answered in one go, for the command line: baseline, ask, runs, comparison.

The caller's process works off the queue by the worker's own rules, so nothing runs twice beside a
live worker and everything runs without one.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import UUID

from agentverse.asks import asking, compiling, sweeping
from agentverse.asks.errors import QuestionNotUnderstood, RunFailed, SuggestionMissing
from agentverse.asks.schemas import Ask, AskRequest, CompilationWire, Sweep
from agentverse.comparisons import comparing
from agentverse.comparisons.pairing import Pair, read_pair, window_of
from agentverse.comparisons.schemas import Comparison
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import Unavailable
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.runs import launches
from agentverse.runs.errors import RunCancelled
from agentverse.runs.launches import Launch
from agentverse.universe import branching
from agentverse.universe.errors import NodeRunning
from agentverse.universe.schemas import CompilerChoice, Project
from agentverse_engine import warm_up

State = TypeVar("State")
Tell = Callable[[str], None]

LONGEST_WORK_SECONDS: Final = 600.0
POLL_SECONDS: Final = 0.05


@dataclass(slots=True, kw_only=True)
class Timings:
    """Seconds of each step, in order, and which steps found their result already there."""

    tell: Tell
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    reused: dict[str, bool] = field(default_factory=dict[str, bool])

    def step(self, name: str, line: str, work: Callable[[], State]) -> State:
        self.tell(f"{line} …")
        started = time.perf_counter()
        result = work()
        self.seconds[name] = round(time.perf_counter() - started, 3)
        self.tell(f"  done in {self.seconds[name]:.1f} s")
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    project: Project
    question: str
    compilation: CompilationWire
    ask: Ask
    pair: Pair
    comparison: Comparison
    timings: Timings


def prepare_engine(timings: Timings) -> None:
    """The first start on a machine compiles for some seconds; say so instead of standing still."""
    if "engine" not in timings.seconds:
        timings.step("engine", "Preparing the engine (compiled once per machine)", warm_up)


def answer(
    scope: Scope,
    project: Project,
    question: str,
    timings: Timings,
    *,
    suggestion: int | None = None,
    choice: CompilerChoice | None = None,
) -> Answer:
    """Ask anew: a new node of the project's map. The baseline runs only if it is missing.

    suggestion: the place, from 1, of the suggestion that runs in place of the question's reading.
    choice: who reads the question; None: as the project says. Raises SuggestionMissing where there
    are not so many suggestions, ModelNotAllowed.
    """
    text = compiling.check_question(question)
    request = AskRequest(question=text, compiler=choice)
    if suggestion is not None:
        compilation = compile_question(scope, project, text, choice=choice)
        request = _confirmed(compilation, text, suggestion)
    prepare_engine(timings)
    _ensure_baseline(scope, project, timings)
    asked = timings.step(
        "ask",
        "Compiling the question and running the branch",
        lambda: _ask(scope, project, request),
    )
    if asked.node_id is None or asked.compilation is None:
        raise _not_answered(asked)
    return _compared(scope, project, asked.compilation, asked.node_id, timings, asked)


def answer_sweep(scope: Scope, project: Project, question: str, timings: Timings) -> Sweep:
    """Ask each of a question's values, one node each. The baseline runs only if it is missing.

    Raises SuggestionMissing for a question without several values of one change.
    """
    sweep = compile_question(scope, project, question, choice="rules").sweep
    if not sweep:
        raise SuggestionMissing(
            "This question has no several values of one change, such as “at $5, $6 or $7”. Ask it "
            "without --sweep."
        )
    prepare_engine(timings)
    _ensure_baseline(scope, project, timings)
    asked = timings.step(
        "ask",
        f"Asking {len(sweep)} values",
        lambda: [_ask(scope, project, AskRequest(question=one.question)) for one in sweep],
    )
    for one in asked:
        if one.node_id is None:
            raise _not_answered(one)
    with tenant_session(scope, read_only=True) as db:
        return sweeping.read_sweep(db, asked[-1].node_id or project.root_node_id)


def repeat(scope: Scope, project: Project, ask: Ask, timings: Timings) -> Answer:
    """Compute an answered question and its baseline again, to the same digests."""
    prepare_engine(timings)
    run_again(scope, project.root_node_id, timings, "baseline", "Running the baseline")
    if ask.node_id is None:
        raise _not_answered(ask)
    compiled = timings.step(
        "compile", "Compiling the question", lambda: compile_question(scope, project, ask.question)
    )
    run_again(scope, ask.node_id, timings, "branch", "Running the branch")
    return _compared(scope, project, compiled, ask.node_id, timings, ask)


def run_again(scope: Scope, node_id: UUID, timings: Timings, name: str, line: str) -> Launch:
    return timings.step(name, line, lambda: _run(scope, node_id))


def compile_question(
    scope: Scope, project: Project, question: str, *, choice: CompilerChoice | None = None
) -> CompilationWire:
    text = compiling.check_question(question)
    return compiling.compile_question(scope, project.id, text, choice=choice).wire


def find_answered(scope: Scope, project: Project, question: str) -> Ask | None:
    """The latest finished ask of exactly this question."""
    with tenant_session(scope, read_only=True) as db:
        page = asking.list_asks(db, project.id, cursor=None, limit=200)
    finished = (ask for ask in page.items if ask.status == "succeeded")
    return next((ask for ask in finished if ask.question == question.strip()), None)


def work_until(read: Callable[[], State], is_done: Callable[[State], bool]) -> State:
    """Work off the queue until the state is reached, whoever gets there first.

    Raises Unavailable when another worker holds the job for longer than LONGEST_WORK_SECONDS.
    """
    end = time.monotonic() + LONGEST_WORK_SECONDS
    while True:
        run_queued_jobs(raise_unexpected=False, rescue_lost=True)
        state = read()
        if is_done(state):
            return state
        if time.monotonic() > end:
            raise Unavailable(
                "Another worker has the job and has not finished it in ten minutes. Look at its "
                "log, or stop it: the job is then given to the next."
            )
        time.sleep(POLL_SECONDS)


def _ensure_baseline(scope: Scope, project: Project, timings: Timings) -> None:
    with tenant_session(scope, read_only=True) as db:
        baseline = launches.of_node(db, project.root_node_id).explored
    timings.reused["baseline"] = baseline is not None
    if baseline is None:
        run_again(scope, project.root_node_id, timings, "baseline", "Running the baseline")


def _run(scope: Scope, node_id: UUID) -> Launch:
    # A run that a killed process left behind is finished, not started beside.
    with suppress(NodeRunning), tenant_session(scope) as db:
        branching.run_node(db, node_id)
    launch = work_until(
        lambda: _latest(scope, node_id), lambda current: current.status != "running"
    )
    if launch.status != "explored":
        raise _run_error(launch)
    return launch


def _latest(scope: Scope, node_id: UUID) -> Launch:
    with tenant_session(scope, read_only=True) as db:
        return launches.latest(db, node_id)


def _confirmed(compilation: CompilationWire, question: str, suggestion: int) -> AskRequest:
    if suggestion > len(compilation.suggestions):
        raise SuggestionMissing(
            f"There are {len(compilation.suggestions)} suggestions for this question. "
            "Look at them with --compile-only; a question that runs as it is has none."
        )
    chosen = compilation.suggestions[suggestion - 1].event_scripts
    scripts = [script.model_dump(exclude={"sentence"}) for script in chosen]
    return AskRequest.model_validate({"question": question, "event_scripts": scripts})


def _ask(scope: Scope, project: Project, request: AskRequest) -> Ask:
    with tenant_session(scope) as db:
        accepted = asking.ask(db, project.id, request)
    return work_until(lambda: asking.read_ask(scope, accepted.id), asking.is_settled)


def _compared(
    scope: Scope,
    project: Project,
    compiled: CompilationWire,
    node_id: UUID,
    timings: Timings,
    ask: Ask,
) -> Answer:
    def compare() -> tuple[Pair, Comparison]:
        pair = read_pair(scope, project.root_node_id, node_id)
        window = window_of(pair, None, None, None)
        return pair, comparing.compare_pair(pair, window)

    pair, comparison = timings.step("compare", "Comparing with the baseline", compare)
    return Answer(
        project=project,
        question=ask.question,
        compilation=compiled,
        ask=ask,
        pair=pair,
        comparison=comparison,
        timings=timings,
    )


def _not_answered(ask: Ask) -> Exception:
    if ask.status == "needs_input" and ask.compilation is not None:
        return QuestionNotUnderstood(
            "Nothing was run, because a part of the question was not understood. "
            + " ".join(item.message for item in ask.compilation.unmapped)
            + " ".join(item.message for item in ask.compilation.contradictions),
            compilation=ask.compilation.model_dump(mode="json"),
        )
    return RunFailed(str((ask.problem or {}).get("detail", "The question was not answered.")))


def _run_error(launch: Launch) -> Exception:
    if launch.status == "cancelled":
        return RunCancelled("The run was cancelled. Start it again.")
    return RunFailed(str((launch.problem or {}).get("detail", "The run failed.")))
