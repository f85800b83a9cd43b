"""The `agentverse` command: each context's commands, and serve, worker, db, openapi.

Nothing heavy is imported before a command needs it, so that help answers at once.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from agentverse.platform.errors import AgentVerseError

# Command → module that has it and the line that help shows without importing it.
CONTEXT_COMMANDS = {
    "demo": (
        "agentverse.asks.commands",
        "Load the Heating demo, run it, ask its question and serve the result.",
    ),
    "ask": ("agentverse.asks.commands", "Ask a project a what-if question."),
    "seek": (
        "agentverse.entrypoints.seek_command",
        "Find the value that leads to a wanted share.",
    ),
    "keys": (
        "agentverse.identity.commands",
        "Rotate the keys that sign tokens, or the pepper of API keys.",
    ),
    "admin": ("agentverse.identity.commands", "Administer this installation."),
    "llm": ("agentverse.llm.commands", "Language models of this installation."),
    "audit": ("agentverse.audit.commands", "Seal and verify the audit log."),
}


class ContextGroup(TyperGroup):
    """Looks a context's command up when it is called, and lists it without looking."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted([*super().list_commands(ctx), *CONTEXT_COMMANDS])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in CONTEXT_COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _ = CONTEXT_COMMANDS[cmd_name]
        command = typer.main.get_command(import_module(module).commands)
        return command.commands[cmd_name] if isinstance(command, TyperGroup) else command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        rows = [(name, self._line(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _line(self, ctx: Any, name: str) -> str:
        if name in CONTEXT_COMMANDS:
            return CONTEXT_COMMANDS[name][1]
        command = super().get_command(ctx, name)
        return "" if command is None else command.get_short_help_str(70)


app = typer.Typer(
    cls=ContextGroup,
    help="AgentVerse: what-if questions about a population.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
database = typer.Typer(help="The database: migrate, status, stop.", no_args_is_help=True)
app.add_typer(database, name="db", rich_help_panel=None)


@app.callback()
def prepare(context: typer.Context) -> None:
    from agentverse.platform.command_line import CommandLine
    from agentverse.platform.observability import logging
    from agentverse.platform.settings import get_settings

    logging.configure(get_settings().log_level)
    context.obj = CommandLine(
        serve=_serve, refuse_busy_port=_refuse_busy_port, import_handlers=_import_handlers
    )


def _serve(*, host: str, port: int, on_ready: Callable[[], None]) -> None:
    from agentverse.entrypoints import serving

    serving.serve(host=host, port=port, on_ready=on_ready)


def _import_handlers() -> None:
    """For commands that run queued jobs in their own process."""
    import_module("agentverse.entrypoints.worker")


def _refuse_busy_port(host: str, port: int) -> None:
    from agentverse.entrypoints import serving

    serving.refuse_busy_port(host, port)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the API and the web app, with a worker that is restarted when it dies."""
    from agentverse.entrypoints import serving

    address = serving.address_of(host, port)
    _serve(host=host, port=port, on_ready=lambda: print(f"AgentVerse: {address}"))


@app.command()
def worker(
    supervised: Annotated[
        bool, typer.Option(hidden=True, help="End when standard input closes.")
    ] = False,
) -> None:
    """Run queued jobs until stopped."""
    from agentverse.entrypoints import serving
    from agentverse.entrypoints.worker import work

    if not supervised:
        serving.supervise_workers()
        return
    serving.end_with_supervisor()
    work()


@app.command()
def openapi(
    output: Annotated[
        Path | None, typer.Option(help="File to write; default: standard output.")
    ] = None,
) -> None:
    """Write the API's contract. Needs no database."""
    from agentverse.entrypoints.api import contract

    document = json.dumps(contract(), indent=1, sort_keys=True) + "\n"
    if output is None:
        sys.stdout.write(document)
    else:
        output.write_text(document)


@database.command()
def migrate() -> None:
    """Start the embedded server if there is no DATABASE_URL, and migrate to the newest revision."""
    from agentverse.platform.db import migrating
    from agentverse.platform.settings import get_settings

    migrating.prepare(get_settings())
    print(f"The database is at {migrating.head()}.")


@database.command()
def status() -> None:
    """Say which server is used and whether it runs."""
    from agentverse.platform.db import embedded
    from agentverse.platform.settings import get_settings

    settings = get_settings()
    if settings.database_url is not None:
        print("DATABASE_URL is set: that server is used, the embedded one is not.")
        return
    server = embedded.status(settings.embedded_folder)
    state = f"running, process {server.process_id}" if server.running else "not running"
    print(f"Embedded PostgreSQL in {server.folder}: {state}.")


@database.command()
def stop() -> None:
    """Stop the embedded server, whoever uses it."""
    from agentverse.platform.db import embedded
    from agentverse.platform.settings import get_settings

    stopped = embedded.stop(get_settings().embedded_folder)
    print("Stopped." if stopped else "It was not running.")


def main() -> None:
    """Expected errors are one clear line and exit code 1; everything else is a traceback."""
    try:
        app()
    except AgentVerseError as error:
        print(f"{error.title}. {error.detail}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
