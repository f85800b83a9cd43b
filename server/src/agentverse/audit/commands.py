"""Command-line door of the audit."""

import typer

from agentverse.audit import sealing, verifying
from agentverse.audit.errors import AuditChainBroken

commands = typer.Typer()
audit = typer.Typer(help="The audit: seal what is recorded, verify what is sealed.")
commands.add_typer(audit, name="audit")


@audit.command()
def verify() -> None:
    """Recompute every hash and signature; ends with 1 and names each place that differs."""
    result = verifying.verify()
    for line in verifying.lines(result):
        print(line)
    if result.findings:
        raise AuditChainBroken(
            f"{len(result.findings)} places differ. Keep the database as it is, compare it with a "
            "backup, and find out who could write to it."
        )


@audit.command()
def seal() -> None:
    """Seal what waits and sign a checkpoint of every stream now; the worker does it by itself."""
    sealed = sealing.seal()
    print(f"{sealed} entries sealed, {sealing.sign()} checkpoints signed.")
