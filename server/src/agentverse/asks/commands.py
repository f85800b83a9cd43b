"""Command-line door: `agentverse demo` and `agentverse ask`.

Standard output carries the answer and nothing else; progress goes to standard error.
Exit codes: 0 answered; 1 it failed; 2 bad input, or the question was not understood as a whole.
"""

import json
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from agentverse.asks import answering, demonstrating, reporting
from agentverse.asks.answering import Answer, Timings
from agentverse.asks.schemas import ChangeValues, CompilationWire, Sweep
from agentverse.comparisons import findings
from agentverse.platform.command_line import CommandLine
from agentverse.platform.db import migrating
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError, InvalidInput, NotFound
from agentverse.platform.http.problems import problem_document, unexpected_document
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings
from agentverse.universe import projects
from agentverse.universe.event_schemas import EventScriptWire
from agentverse.universe.schemas import CompilerChoice, Project

commands = typer.Typer(add_completion=False)

BAD_INPUT = 2
_OFFERS = {"rules": "Perhaps meant", "model": "Read by a language model"}
FAILED = 1

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ActAs = Annotated[
    str | None,
    typer.Option("--as", help="Act as this user; default: the demo's, or the only one."),
]


@commands.command()
def demo(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    once: Annotated[bool, typer.Option("--once", help="Run it, print the result, end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Load the Heating demo, run it, ask its question and serve the result."""
    line: CommandLine = context.obj
    if as_json and not once:
        raise typer.BadParameter("--json needs --once: a served demo prints where it is served.")
    if not once:
        line.refuse_busy_port(host, port)
    timings = Timings(tell=show_progress)
    with Reported(as_json=as_json):
        prepared = _prepare(line, timings)
        if once:
            _print(prepared.scope, demonstrating.answer_again(prepared, timings), as_json=as_json)
            return
        demonstrating.ensure_answered(prepared, timings)
        token = demonstrating.one_time_sign_in(prepared)
    line.serve(host=host, port=port, on_ready=lambda: _announce(host, port, token))


@commands.command()
def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="The what-if question, in your own words.")],
    project: Annotated[str, typer.Option(help="The project's name on the command line.")],
    compile_only: Annotated[
        bool, typer.Option("--compile-only", help="Stop after the event scripts; run nothing.")
    ] = False,
    suggestion: Annotated[
        int | None,
        typer.Option(
            min=1, help="Run this one of the suggestions for a question that does not run itself."
        ),
    ] = None,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Ask each of the values that the question names.")
    ] = False,
    compiler: Annotated[
        CompilerChoice | None,
        typer.Option(
            help="Who reads: rules, model, or both: a model reads what the rules leave open. "
            "Default: as the project says."
        ),
    ] = None,
    email: ActAs = None,
    as_json: AsJson = False,
) -> None:
    """Ask a project a what-if question."""
    timings = Timings(tell=show_progress)
    with Reported(as_json=as_json):
        open_line(context.obj, timings)
        scope = demonstrating.scope_for(email)
        with tenant_session(scope, read_only=True) as db:
            asked = projects.get_by_slug(db, project)
        if compile_only:
            _compile(scope, asked, question, compiler, as_json=as_json)
            return
        if sweep:
            _print_sweep(answering.answer_sweep(scope, asked, question, timings), as_json=as_json)
            return
        answer = answering.answer(
            scope, asked, question, timings, suggestion=suggestion, choice=compiler
        )
        _print(scope, answer, as_json=as_json)


def open_line(line: CommandLine, timings: Timings) -> None:
    timings.step("database", "Starting the database", lambda: migrating.prepare(get_settings()))
    line.import_handlers()


def _prepare(line: CommandLine, timings: Timings) -> demonstrating.Demo:
    open_line(line, timings)
    return demonstrating.prepare(timings)


def _compile(
    scope: Scope,
    project: Project,
    question: str,
    choice: CompilerChoice | None,
    *,
    as_json: bool,
) -> None:
    compilation = answering.compile_question(scope, project, question, choice=choice)
    if as_json:
        print_json({"question": question, "compiled": reporting.compiled(compilation)})
    else:
        print("\n".join(_compiled_lines(compilation)))
    if not compilation.event_scripts or compilation.unmapped or compilation.contradictions:
        raise typer.Exit(BAD_INPUT)


def _compiled_lines(compilation: CompilationWire) -> list[str]:
    return [
        *(
            f"Understood: {line}"
            for line in _change_lines(compilation.event_scripts, compilation.values)
        ),
        *(f"Not understood: “{item.text}”. {item.message}" for item in compilation.unmapped),
        *(f"Contradiction: {item.message}" for item in compilation.contradictions),
        *(f"! {text}" for text in compilation.warnings),
        *(f"Assumption: {text}" for text in compilation.assumptions),
        *_model_lines(compilation),
        *(f"One of several values (--sweep): {one.sentence}" for one in compilation.sweep),
        *([f"A goal (agentverse seek): {compilation.goal.sentence}"] if compilation.goal else []),
        *_suggestion_lines(compilation),
    ]


def _model_lines(compilation: CompilationWire) -> Iterator[str]:
    reading = compilation.model_reading
    if reading is None:
        return
    yield f"Language model: {reading.message}"
    if reading.reason is not None:
        yield f"  Why it was not used: {reading.reason}"
    if reading.calls:
        by = f" by {reading.served_model}" if reading.served_model else ""
        yield f"  {reading.calls} call(s){by}, {reading.cost_usd} USD."


def _suggestion_lines(compilation: CompilationWire) -> list[str]:
    return [
        f"{_OFFERS[offered.read_by]} (--suggestion {index}): {line}"
        for index, offered in enumerate(compilation.suggestions, start=1)
        for line in _change_lines(offered.event_scripts, offered.values)
    ]


def _change_lines(
    scripts: Sequence[EventScriptWire], values: Sequence[ChangeValues]
) -> Iterator[str]:
    """Each change with its mean value before and after, among all whom it reaches."""
    for index, script in enumerate(scripts):
        first = values[index].groups[:1] if index < len(values) else []
        yield script.sentence + "".join(f" ({one.before:g} → {one.after:g})" for one in first)


def _print(scope: Scope, answer: Answer, *, as_json: bool) -> None:
    if as_json:
        print_json(reporting.document(scope, answer))
    else:
        print("\n".join(reporting.lines(answer)))


def _print_sweep(sweep: Sweep, *, as_json: bool) -> None:
    if as_json:
        print_json({"sweep": sweep.model_dump(mode="json")})
        return
    print(f"{sweep.alternative_label}, share of {sweep.share_of}, by {sweep.label}")
    for point in sweep.points:
        strip = point.outcome
        share = "no result" if strip is None else f"{findings.share_range(strip)}"
        print(f"  {point.value:g} {sweep.unit}: {share}".rstrip())
    for arc in sweep.elasticities:
        between = f"{arc.from_value:g} and {arc.to_value:g} {sweep.unit}".strip()
        interval = f"{arc.low:.3g} to {arc.high:.3g}"
        print(f"  arc elasticity between {between}: {arc.median:.3g} ({interval})")


def print_json(document: dict[str, Any]) -> None:
    print(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False))


def _announce(host: str, port: int, token: str) -> None:
    """The token stands behind the # so that it reaches no server log."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    print(f"AgentVerse is ready: http://{shown}:{port}/sign-in#token={token}", flush=True)
    print("The link signs you in once. Ctrl-C stops.", flush=True)


def show_progress(line: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {line}", file=sys.stderr, flush=True)


class Reported:
    """Errors become one object or one line, and an exit code; unexpected ones keep their trace."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, AgentVerseError):
            self._unexpected(error)
            return
        problem = problem_document(error)
        compilation = problem.pop("compilation", None)
        if self.as_json:
            document = {"compiled": compilation} if compilation else {}
            print_json({**document, "problem": problem})
        else:
            shown = CompilationWire.model_validate(compilation) if compilation else None
            lines = _compiled_lines(shown) if shown else []
            print("\n".join([*lines, f"{error.title}. {error.detail}"]), file=sys.stderr)
        bad = isinstance(error, (InvalidInput, NotFound))
        raise typer.Exit(BAD_INPUT if bad else FAILED) from error

    def _unexpected(self, error: BaseException | None) -> None:
        """Who reads JSON gets JSON; the trace is for the person, on standard error."""
        if not self.as_json or not isinstance(error, Exception) or isinstance(error, typer.Exit):
            return
        if isinstance(error, BrokenPipeError):  # nobody reads on, as with `| head`: typer ends us
            return
        traceback.print_exception(error, file=sys.stderr)
        print_json({"problem": unexpected_document(None)})
        raise typer.Exit(FAILED) from error
