"""What a trajectory says of levels: as recorded, to a 255th of their range."""

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.errors import RequestError
from agentverse_engine.results.trajectory import LevelScale


def _stay(wealth: float) -> float:
    return wealth


KEPT = av.Pack(
    name="kept",
    alternatives=("all",),
    levels=(
        av.Level(
            name="wealth",
            label="wealth",
            unit="USD",
            minimum=-100.0,
            maximum=900.0,
            default=0.0,
            per_unit=100,
        ),
    ),
    rules=(av.Rule(name="stay", function=_stay, writes=("wealth",), source="made up"),),
)
WEALTH = np.linspace(-100.0, 900.0, 50)


@pytest.fixture(scope="module")
def kept() -> av.Trajectory:
    population = av.Population(
        segments=("s",),
        regions=("r",),
        segment=np.zeros(50, dtype=np.int16),
        region=np.zeros(50, dtype=np.int16),
        attributes={"wealth": WEALTH},
        choice=np.zeros(50, dtype=np.uint8),
    )
    network = av.network_from_edges(50, [])
    scenario = av.Scenario(
        population=population, network=network, pack=KEPT, horizon=3, allow=("isolated_personas",)
    )
    return av.simulate(scenario)


def test_level_at_gives_each_persona_to_a_255th_of_the_range(kept: av.Trajectory) -> None:
    found = kept.level_at("wealth", 3)
    assert np.abs(found - WEALTH).max() <= 1000 / 255
    assert (found[0], found[-1]) == (-100.0, 900.0)


def test_level_means_are_exact_to_the_stored_step(kept: av.Trajectory) -> None:
    assert kept.level_means("wealth")[0] == pytest.approx([400.0] * 4, abs=0.005)


def test_scale_of_32_bits_shows_and_values_without_overflow() -> None:
    scale = LevelScale(
        name="x", label="x", unit="", low=-(2**31) + 2, high=2**31 - 2, per_unit=2**20
    )
    stored = np.array([scale.low, 0, scale.high], dtype=np.int32)
    assert scale.shown(stored).tolist() == [0, 127, 255]
    values = scale.value(scale.shown(stored))
    assert values[[0, 2]].tolist() == [scale.low / 2**20, scale.high / 2**20]


def test_level_that_is_none_is_refused(kept: av.Trajectory) -> None:
    for call in (lambda: kept.level_at("mood", 1), lambda: kept.level_means("mood")):
        with pytest.raises(RequestError, match="wealth"):
            call()
