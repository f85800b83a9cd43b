"""Command-line door of identity."""

import typer

from agentverse.identity import access_tokens
from agentverse.platform.settings import get_settings

commands = typer.Typer()
keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)
commands.add_typer(keys, name="keys")


@keys.command()
def rotate() -> None:
    """Sign with a new key from now on; tokens of the one before stay valid until they expire."""
    print(f"New signing key: {access_tokens.rotate(get_settings())}.")
