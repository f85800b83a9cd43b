"""Command-line door of identity."""

import typer

from agentverse.identity import administrators, key_secrets, platform_tokens, signing_keys
from agentverse.platform.db import migrating
from agentverse.platform.settings import get_settings

commands = typer.Typer()
keys = typer.Typer(
    help="The keys that sign tokens and the pepper of API keys.", no_args_is_help=True
)
admin = typer.Typer(help="Administer this installation.", no_args_is_help=True)
commands.add_typer(keys, name="keys")
commands.add_typer(admin, name="admin")


@keys.command()
def rotate() -> None:
    """Sign with a new key from now on; tokens of the one before stay valid until they expire."""
    print(f"New signing key: {signing_keys.rotate(get_settings())}.")


@keys.command()
def rotate_pepper() -> None:
    """Hash API keys with a new pepper from now on, those that exist when they are next used."""
    print(f"New pepper: version {key_secrets.rotate_pepper(get_settings())}.")


@admin.command()
def token() -> None:
    """Print one bearer token of the platform realm, for whoever owns the data home."""
    print(platform_tokens.issue_to_home_owner(get_settings()))


@admin.command()
def bootstrap() -> None:
    """Print a token that makes whoever redeems it first an administrator; good once, for a day."""
    migrating.prepare(get_settings())
    print(administrators.new_bootstrap_token())
