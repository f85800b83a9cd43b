"""The bar counts ticks, and its end leaves a clean line whatever ended the run."""

from collections.abc import Callable
from io import StringIO

import pytest

import agentverse_engine as av
from agentverse_engine.execution.progress import progress_bar

Society = Callable[..., av.Scenario]


def test_bar_reaches_the_horizon_and_ends_its_line(society: Society) -> None:
    screen = StringIO()
    av.simulate_ensemble(society(100), progress=progress_bar("trying", file=screen))
    last = screen.getvalue().splitlines()[-1]
    assert "trying: 100%" in last
    assert "6/6" in last
    assert screen.getvalue().endswith("\n")


def test_bar_of_a_cancelled_run_stays_where_it_was_on_its_own_line(society: Society) -> None:
    screen, ticks = StringIO(), list[int]()
    bar = progress_bar(file=screen, mininterval=0)

    def progress_is_enough() -> bool:
        ticks.append(len(ticks))
        return len(ticks) > 3

    with pytest.raises(av.Cancelled):
        av.simulate_ensemble(society(100), progress=bar, should_cancel=progress_is_enough)
    assert "3/6" in screen.getvalue().splitlines()[-1]
    assert screen.getvalue().endswith("\n")


def test_bar_of_a_failing_run_is_closed(society: Society) -> None:
    screen = StringIO()

    def interrupt() -> bool:
        raise KeyboardInterrupt

    bar = progress_bar(file=screen)
    bar(1, 6)
    with pytest.raises(KeyboardInterrupt):
        av.simulate_ensemble(society(100), progress=bar, should_cancel=interrupt)
    assert screen.getvalue().endswith("\n")


def test_bar_in_a_with_block_is_closed_at_its_end() -> None:
    screen = StringIO()
    with progress_bar(file=screen) as bar:
        bar(2, 5)
    assert "2/5" in screen.getvalue()
    assert screen.getvalue().endswith("\n")


def test_bar_that_never_began_shows_nothing() -> None:
    screen = StringIO()
    progress_bar(file=screen).close()
    assert screen.getvalue() == ""


def test_bar_serves_the_next_run_from_the_start(society: Society) -> None:
    screen = StringIO()
    bar = progress_bar(file=screen)
    for horizon in (3, 4):
        av.simulate_ensemble(society(50, horizon=horizon), progress=bar)
    lines = screen.getvalue().splitlines()
    assert "3/3" in screen.getvalue()
    assert "4/4" in lines[-1]


def test_bar_does_not_change_the_result(society: Society) -> None:
    shown = av.simulate_ensemble(society(60), progress=progress_bar(file=StringIO()))
    assert shown.digest == av.simulate_ensemble(society(60)).digest
