"""Made-up actors: a regulator, a lobby with chance and time, a party that minds a mood."""

from typing import Any

import agentverse_engine as av
from agentverse_engine import hybrid as hy
from agentverse_engine import planning as pl


def cheaper(amount: float, **options: Any) -> av.EventScript:
    return av.EventScript(variable="cost.pump", operation="add", value=-amount, **options)


def subsidise(**options: Any) -> pl.Action:
    """A subsidy for two ticks, when fewer than 30 % have a pump."""
    given: dict[str, Any] = {
        "name": "subsidise",
        "effects": (pl.Effect(event_scripts=(cheaper(3.0, scope=av.Scope(end_tick=1)),)),),
        "preconditions": (pl.Requirement(quantity="pump", comparison="<", value=0.3),),
        "money": 5.0,
        "cooldown_ticks": 2,
        "most_uses": 99,
    }
    return pl.Action(**(given | options))


def regulator(**options: Any) -> hy.Actor:
    given: dict[str, Any] = {"name": "regulator", "actions": (subsidise(),), **options}
    return hy.Actor(**given)


def lobby() -> hy.Actor:
    """An actor with chance, time, decision variables and a script for single personas."""
    plead = pl.Action(
        name="plead",
        effects=(
            pl.Effect(
                changes=(pl.Change(variable="favour", operation="add", value=1.0),),
                event_scripts=(
                    cheaper(1.0, scope=av.Scope(start_tick=1, personas=(1, 2, 3))),
                    av.EventScript(
                        variable="conformity",
                        operation="multiply",
                        value=0.5,
                        intensity=av.IntensityProfile(kind="exponential_decay", half_life_ticks=1),
                        scope=av.Scope(end_tick=2, regions=("north",)),
                    ),
                ),
                probability=0.5,
            ),
            pl.Effect(
                changes=(pl.Change(variable="favour", operation="add", value=0.5),),
                probability=0.5,
            ),
        ),
        time_ticks=2,
        most_uses=3,
    )
    rest = pl.Action(
        name="rest",
        effects=(pl.Effect(changes=(pl.Change(variable="favour", operation="set", value=0),)),),
        preconditions=(pl.Requirement(quantity="favour", comparison=">=", value=1.0),),
        blocks=("plead",),
    )
    favour = pl.DecisionVariable(name="favour", start=0, minimum=0, maximum=9)
    return hy.Actor(name="lobby", actions=(plead, rest), variables=(favour,))


def both() -> list[hy.Actor]:
    return [regulator(budget=12.0), lobby()]


def press(**scope: Any) -> av.EventScript:
    return av.EventScript(
        variable="press", operation="set", value=0.5, scope=av.Scope(segments=("land",), **scope)
    )


def campaign() -> hy.Actor:
    """Two ticks of press in the land when its mood is low."""
    act = pl.Action(
        name="campaign",
        effects=(pl.Effect(event_scripts=(press(end_tick=1),)),),
        preconditions=(pl.Requirement(quantity="land mood", comparison="<", value=0.5),),
        cooldown_ticks=4,
        most_uses=9,
    )
    return hy.Actor(name="party", actions=(act,))


LAND_MOOD = pl.Signal(name="land mood", outcome="mood", segments=("land",))
BOUGHT = pl.Signal(name="bought", outcome="pump", flow_ticks=2)
