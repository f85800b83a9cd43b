"""What the entry points lend to the commands of a context, which cannot import them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Serve(Protocol):
    def __call__(self, *, host: str, port: int, on_ready: Callable[[], None]) -> None:
        """Serve API and web app with a supervised worker until stopped."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """The `obj` of the command line's context: `ctx.ensure_object`, `ctx.obj.serve(...)`."""

    serve: Serve
    refuse_busy_port: Callable[[str, int], None]
    import_handlers: Callable[[], None]
