"""Command-line door of a goal: the question is read as any other, the search is a plan."""

from typing import Annotated

import typer

from agentverse import plans
from agentverse.asks import answering, demonstrating
from agentverse.asks.answering import Timings
from agentverse.asks.commands import ActAs, AsJson, Reported, open_line, print_json, show_progress
from agentverse.asks.errors import QuestionNotUnderstood
from agentverse.asks.schemas import GoalOffer
from agentverse.plans.schemas import Plan, PlanRequest
from agentverse.platform.db.session import tenant_session
from agentverse.tasks import UNFINISHED
from agentverse.universe import projects

commands = typer.Typer(add_completion=False)
FAILED = 1


@commands.command()
def seek(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="Such as “What price gives it 35 %?”.")],
    project: Annotated[str, typer.Option(help="The project's name on the command line.")],
    lower: Annotated[float | None, typer.Option(help="Look from this value on.")] = None,
    upper: Annotated[float | None, typer.Option(help="Look up to this value.")] = None,
    email: ActAs = None,
    as_json: AsJson = False,
) -> None:
    """Find the value that leads to a wanted share."""
    timings = Timings(tell=show_progress)
    with Reported(as_json=as_json):
        open_line(context.obj, timings)
        scope = demonstrating.scope_for(email)
        with tenant_session(scope, read_only=True) as db:
            asked = projects.get_by_slug(db, project)
        goal = answering.compile_question(scope, asked, question, choice="rules").goal
        if goal is None:
            raise QuestionNotUnderstood(
                "This asks for no value that leads to a share. Ask such as “What price gives it "
                "35 %?”, with one variable and one alternative of the project."
            )
        answering.prepare_engine(timings)
        with tenant_session(scope) as db:
            started = plans.start(db, asked.id, _request(goal, lower, upper))
        plan = timings.step(
            "search",
            goal.sentence,
            lambda: answering.work_until(
                lambda: plans.read_plan(scope, started.id), lambda now: now.status not in UNFINISHED
            ),
        )
        _print(goal, plan, as_json=as_json)


def _request(goal: GoalOffer, lower: float | None, upper: float | None) -> PlanRequest:
    return PlanRequest.model_validate(
        {
            "seek": {
                "variable": goal.variable,
                "scope": goal.scope.model_dump(),
                "lower": goal.lower if lower is None else lower,
                "upper": goal.upper if upper is None else upper,
                "outcome": {"kind": goal.kind, "of": goal.alternative},
                "value": goal.value,
            }
        }
    )


def _print(goal: GoalOffer, plan: Plan, *, as_json: bool) -> None:
    if plan.result is None or plan.result.seek is None:
        print_json({"problem": plan.problem})
        raise typer.Exit(FAILED)
    sought, why_not = plan.result.seek, plan.result.infeasibility
    if as_json:
        print_json({"goal": goal.model_dump(mode="json"), "result": sought.model_dump(mode="json")})
        return
    typer.echo(goal.sentence)
    if why_not is not None:
        typer.echo(f"  {why_not.sentence}")
        return
    share = f"{100 * sought.outcome:.4g} % ({100 * sought.low:.4g} to {100 * sought.high:.4g} %)"
    typer.echo(
        f"  {sought.value:.6g} {goal.unit}".rstrip() + f": {share}, {len(sought.points)} tried"
    )
