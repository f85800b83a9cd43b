"""How columns are named after the values of another: `price_gas`, `gas.price`, `ic1`."""

from collections.abc import Iterator

SEPARATORS = ".-_: "
SHORTEST_JOINED = 3


def stems(name: str, value: str, *, joined: bool = False) -> Iterator[tuple[str, str]]:
    """Yield what is left of a column's name without the value, and on which side it stood.

    joined: a longer word needs no separator (`pbeach`); all alternatives must then have a column.
    """
    lowered, wanted = name.lower(), value.lower()
    if lowered.endswith(wanted):
        yield from _stem("suffix", lowered[: -len(wanted)], cut=-1, value=wanted, joined=joined)
    if lowered.startswith(wanted):
        yield from _stem("prefix", lowered[len(wanted) :], cut=0, value=wanted, joined=joined)


def names_column(name: str, value: str) -> bool:
    """Say whether a column is named after a value, as `price_None` and `None.price` are."""
    return any(True for _ in stems(name, value))


def _stem(side: str, rest: str, *, cut: int, value: str, joined: bool) -> Iterator[tuple[str, str]]:
    if not rest:
        return
    separated = rest[cut] in SEPARATORS
    # Without a separator a number can be told from the stem (ic1, ic2), and a word of some length.
    by_number = value.isdigit() and not rest[cut].isdigit()
    if separated or by_number or (joined and value.isalpha() and len(value) >= SHORTEST_JOINED):
        stem = rest.strip(SEPARATORS)
        if stem:
            yield side, stem
