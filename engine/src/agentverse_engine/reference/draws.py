"""Philox on Python integers, and the draws that are made of its words."""

from agentverse_engine.scenario.scenario import Scenario

WORD = 0xFFFFFFFF


def reference_philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, ...]:
    """Return the four words of Philox4x32-10 for a counter and a key."""
    (a, b, c, d), (k, m) = counter, key
    for _ in range(10):
        first, second = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (second >> 32) ^ b ^ k, second & WORD, (first >> 32) ^ d ^ m, first & WORD
        k, m = (k + 0x9E3779B9) & WORD, (m + 0xBB67AE85) & WORD
    return a, b, c, d


def drawn_words(
    scenario: Scenario, identity: int, tick: int, purpose: int, last: int
) -> tuple[int, ...]:
    """Return the four words for a persona (or what else is counted), a tick and a purpose."""
    key = (scenario.seed & WORD, scenario.seed >> 32)
    return reference_philox((identity, tick, purpose & WORD, last), key)


def fine_draw_of(words: tuple[int, ...]) -> float:
    """Return 53 bits of the first two words, 0 <= draw < 1."""
    return ((words[0] >> 5) * 2**26 + (words[1] >> 6)) / 2**53
