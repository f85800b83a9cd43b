"""Findings in words: the same on screen, on the command line and in reports.

Ranges come before points, digits stop where the interval starts, and a direction is claimed only
when the interval of the difference leaves zero out.
"""

from agentverse.comparisons.schemas import ShareDifference
from agentverse.compiler.wording import preposition, signed
from agentverse.runs.schemas import Basis, OutcomeStrip


def finding(
    difference: ShareDifference,
    *,
    label: str,
    ticks: tuple[int, int],
    tick_unit: str,
    of: str,
    base: str,
    changed_from: int = 1,
) -> str:
    """The comparison in one sentence.

    of: what the share is of; base: what it is measured against; changed_from: the first tick of
    the change, said where the window begins before it.
    """
    named = f"{label[:1].upper()}{label[1:]}: share of {of}"
    what = f"{named} {_when(difference, ticks, tick_unit)}"
    if ticks[0] < changed_from <= ticks[1] and difference.metric == "flow_share":
        what += f", changed from {tick_unit} {changed_from} on,"
    branch, against = share_range(difference.branch), share_range(difference.base)
    kind = f"{difference.difference.interval.level:.0%}".replace("%", " %")
    kind = f"{kind} of {difference.difference.interval.replicates} replicates"
    stated = f"{what} is {branch} against {against} in {base}"
    if not difference.clear:
        return f"{stated}: no clear difference ({kind})."
    word = "higher" if difference.difference.median > 0 else "lower"
    return f"{stated}: {point_range(difference.difference)} {word} ({kind})."


def resting_on(basis: Basis, sentence: str) -> str:
    """A finding with the word that a reader needs before it, where nothing is from the file."""
    return f"Illustrative: {sentence}" if basis.is_illustrative else sentence


def base_name(label: str, *, is_root: bool) -> str:
    """What a comparison is measured against, within a sentence."""
    return "the baseline" if is_root else f"“{label}”"


def share_range(strip: OutcomeStrip) -> str:
    """27–37 %, with as many digits as the width of the interval allows."""
    digits = digits_for(strip.high - strip.low)
    low, high = f"{100 * strip.low:.{digits}f}", f"{100 * strip.high:.{digits}f}"
    return f"{low} %" if low == high else f"{low}–{high} %"


def point_range(strip: OutcomeStrip) -> str:
    """Size of a difference in percentage points: 4–10 pp, sign left to the words around it."""
    digits = digits_for(strip.high - strip.low)
    sizes = sorted((abs(strip.low), abs(strip.high)))
    low, high = (f"{100 * size:.{digits}f}" for size in sizes)
    return f"{low} pp" if low == high else f"{low}–{high} pp"


def signed_points(value: float, *, digits: int = 1) -> str:
    return f"{signed(100 * value, digits)} pp"


def digits_for(width: float) -> int:
    """Decimals of a percentage that do not claim more than the interval's width."""
    points = round(100 * width, 9)
    return 0 if points >= 2 else 1 if points >= 0.1 else 2


def _when(difference: ShareDifference, ticks: tuple[int, int], unit: str) -> str:
    first, last = ticks
    if difference.metric == "stock_share" or first == last:
        return f"{preposition(unit)} {unit} {last}"
    return f"{preposition(unit)} {unit}s {first}–{last}"
