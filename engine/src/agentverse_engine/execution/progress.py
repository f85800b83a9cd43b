"""A progress bar for runs, drawn by tqdm."""

import warnings
from types import TracebackType
from typing import Any

from agentverse_engine.optional import require


class ProgressBar:
    """Counts the ticks of a run: give it as `progress=`; it ends itself at the horizon.

    A run that is cancelled, or fails, leaves the bar where it stopped once `close` is called,
    which the end of a `with` block does too. It can be used again for the next run.
    """

    def __init__(self, label: str, options: dict[str, Any]) -> None:
        self._tqdm = _tqdm()
        self._label = label
        self._options = options
        self._bar: Any = None

    def __call__(self, tick: int, horizon: int) -> None:
        if self._bar is None:
            shown = {"total": horizon, "desc": self._label, "unit": "tick", **self._options}
            self._bar = self._tqdm(**shown)
        self._bar.update(tick - self._bar.n)
        if tick >= horizon:
            self.close()

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the bar where it is, and leave the cursor on a line of its own."""
        if self._bar is not None:
            self._bar.refresh()
            self._bar.close()
            self._bar = None


def progress_bar(label: str = "simulating", **options: Any) -> ProgressBar:
    """Return a bar for `simulate(..., progress=)`; options as of tqdm, such as `file` or `leave`.

    Raises MissingExtra without tqdm.
    """
    return ProgressBar(label, options)


def _tqdm() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without widgets it draws text, which is good enough
        return require("tqdm.auto", extra="progress").tqdm
