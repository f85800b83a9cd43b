"""Philox against the published known answers, and its three versions against each other."""

from collections.abc import Callable

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.numerics.rng import (
    CHOICE,
    coarse_uniform,
    fine_uniform,
    philox,
    philox_words,
    seed_key,
    uniforms,
)
from agentverse_engine.reference import reference_philox

# Random123 1.14, kat_vectors, philox4x32 with 10 rounds: counter, key, result.
KNOWN_ANSWERS = (
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (
        (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
        (0xFFFFFFFF, 0xFFFFFFFF),
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)
Words = tuple[int, int, int, int]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_philox_gives_the_published_words(
    counter: Words, key: tuple[int, int], expected: Words
) -> None:
    scalar = philox(
        np.uint64(counter[0]),
        np.uint64(counter[1]),
        np.uint64(counter[2]),
        np.uint64(counter[3]),
        np.uint64(key[0]),
        np.uint64(key[1]),
    )
    assert tuple(int(word) for word in scalar) == expected
    assert tuple(philox_words(counter, (np.uint64(key[0]), np.uint64(key[1])))) == expected
    assert reference_philox(counter, key) == expected


def test_philox_versions_agree_on_random_counters() -> None:
    counters = np.random.default_rng(1).integers(0, 2**32, (500, 4), dtype=np.uint64)
    key = seed_key(0x1234567890ABCDEF)
    words = philox_words(counters, key)
    for counter, expected in zip(counters, words, strict=True):
        plain = tuple(int(word) for word in counter)
        slow = reference_philox((plain[0], plain[1], plain[2], plain[3]), (0x90ABCDEF, 0x12345678))
        assert slow == tuple(expected)


def test_uniforms_lie_below_one_and_are_uniform() -> None:
    """Kolmogorov-Smirnov at 1e-6 false alarms: sqrt(n) D < 2.69; the seed is fixed anyway."""
    drawn = np.sort(uniforms(seed=3, purpose=CHOICE, identity=np.arange(100_000)))
    ranks = np.arange(drawn.size) / drawn.size
    assert drawn[0] >= 0.0
    assert drawn[-1] < 1.0
    assert np.abs(drawn - ranks).max() * np.sqrt(drawn.size) < 2.69


def test_extreme_words_stay_inside_the_unit_interval() -> None:
    full = np.uint64(0xFFFFFFFF)
    assert fine_uniform(full, full) < 1.0
    assert fine_uniform(np.uint64(0), np.uint64(0)) == 0.0
    assert coarse_uniform(np.uint64(0)) > 0.0
    assert coarse_uniform(full) < 1.0


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_seed_outside_64_bits_is_refused(society: Callable[..., av.Scenario], seed: int) -> None:
    with pytest.raises(av.EngineError) as caught:
        society(10, mean_degree=2, seed=seed)
    assert caught.value.field == "seed"
