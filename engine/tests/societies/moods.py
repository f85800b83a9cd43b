"""A made-up pack with rules of its own: a mood that neighbours pull, and a choice that follows."""

import numpy as np

import agentverse_engine as av

MADE_UP = "made up for tests"


def drift(mood: float, mean_mood: float, degree: int, pull: float, draw: float) -> float:
    centre = mean_mood if degree > 0 else mood
    return mood + pull * (centre - mood) + 0.2 * (draw - 0.5)


def decide(new_mood: float, share_yes: float, press: float, fine_draw: float) -> int:
    return 1 if new_mood + 0.2 * share_yes + press + 0.3 * fine_draw > 0.8 else 0


def dividing(mood: float, tick: int) -> float:
    return mood / (tick - 3)


def not_a_number(mood: float, tick: int) -> float:
    return (mood + 1.0) * 1e308 * 10.0 * 0.0 if tick == 3 else mood


def moods() -> av.Pack:
    """Return the pack; `press` has inertia, so that a run depends on what it remembers."""
    return av.Pack(
        name="moods",
        alternatives=("no", "yes"),
        levels=(
            av.Level(name="mood", label="mood", unit="1", minimum=0, maximum=1, default=0.5),
            av.Level(name="habit", label="habit", unit="1", minimum=0, maximum=1, default=0.25),
        ),
        rules=(
            av.Rule(name="drift", function=drift, writes=("mood",), source=MADE_UP, social=True),
            av.Rule(name="decide", function=decide, writes=("choice",), source=MADE_UP),
        ),
        parameters=("pull", "press"),
        variables=(
            av.parameter("pull", label="pull", default=0.4, bounds=(0, 1), source=MADE_UP),
            av.parameter(
                "press", label="press", default=0.0, bounds=(-1, 1), source=MADE_UP, inertia=0.5
            ),
        ),
    )


def mood_scenario(
    size: int = 120, *, horizon: int = 8, replicates: int = 6, seed: int = 3
) -> av.Scenario:
    """Return a society of two segments, with a script that waits for a condition."""
    draw = np.random.default_rng(seed)
    segment = (np.arange(size) % 2).astype(np.int16)
    population = av.Population(
        segments=("town", "land"),
        regions=("all",),
        segment=segment,
        region=np.zeros(size, dtype=np.int16),
        attributes={"mood": draw.random(size), "age": draw.random(size)},
        choice=(draw.random(size) < 0.3).astype(np.uint8),
    )
    network = av.homophilous_network({"s": segment}, mean_degree=6, odds_ratios={"s": 3}, seed=1)
    return av.Scenario(
        population=population,
        network=network,
        pack=moods(),
        horizon=horizon,
        replicates=replicates,
        seed=seed,
        event_scripts=(
            av.EventScript(
                variable="press",
                operation="set",
                value=0.5,
                probability=0.5,
                scope=av.Scope(segments=("town",), start_tick=2, end_tick=4),
            ),
            av.EventScript(
                variable="pull",
                operation="set",
                value=0.9,
                scope=av.Scope(
                    start_tick=1, where=(av.Where(attribute="age", comparison="<", value=0.4),)
                ),
                condition=av.Condition(outcome="yes", comparison=">", value=0.35),
                intensity=av.IntensityProfile(kind="pulse", duration_ticks=3),
            ),
        ),
        allow=("isolated_personas",),
    )
