"""Projects from different worlds; nothing in the compiler knows any of them."""

from agentverse.compiler import Alternative, Family, Term, TickUnit, Vocabulary
from agentverse.populations.datasets import heating
from agentverse.populations.schemas import GroupMapping
from agentverse_engine import Pack, Variable, consumer_choice_parameters, packs


def _attribute(family: str, alternative: str, *, label: str, unit: str, maximum: float) -> Variable:
    return Variable(
        name=f"{family}.{alternative}",
        label=label,
        unit=unit,
        minimum=0.0,
        maximum=maximum,
        default=None,
        kind="attribute",
        family=family,
        alternative=alternative,
        moves=("flows", "stock"),
        source="test",
    )


def _attributes(
    families: dict[str, Family], alternatives: dict[str, Alternative], maximum: float
) -> tuple[Variable, ...]:
    return tuple(
        _attribute(
            family,
            name,
            label=f"{words.label} of {alternative.label}",
            unit=words.unit,
            maximum=maximum,
        )
        for family, words in families.items()
        for name, alternative in alternatives.items()
    )


def heating_vocabulary(*, horizon: int = 36) -> Vocabulary:
    """The demo's words as its data set ships them."""
    alternatives = {
        item.value: Alternative(item.label, tuple(item.synonyms)) for item in heating.ALTERNATIVES
    }
    families = {
        item.name: Family(item.label, item.unit, tuple(item.synonyms))
        for item in (heating.INSTALLATION_COST, heating.OPERATING_COST)
    }
    return Vocabulary(
        variables=_attributes(families, alternatives, 20_000.0) + consumer_choice_parameters(),
        alternatives=alternatives,
        families=families,
        regions=_terms(heating.REGION),
        segments=_terms(heating.SEGMENT),
        horizon=horizon,
    )


def _terms(groups: GroupMapping) -> dict[str, Term]:
    return {item.name: Term(item.label, tuple(item.synonyms)) for item in groups.labels}


def travel_vocabulary() -> Vocabulary:
    alternatives = {
        "car": Alternative("car", ("driving",)),
        "train": Alternative("train", ("rail",)),
        "bus": Alternative("bus", ("coach",)),
        "air": Alternative("air", ("plane", "flight")),
    }
    families = {
        "travel_time": Family("travel time", "minutes", ("journey time", "time")),
        "ticket_price": Family("ticket price", "USD", ("fare", "ticket")),
    }
    return Vocabulary(
        variables=_attributes(families, alternatives, 5_000.0),
        alternatives=alternatives,
        families=families,
        regions={"north": Term("north"), "city": Term("inner city", ("downtown",))},
        segments={
            "commuter": Term("commuters"),
            "tourist": Term("tourists", ("visitors",)),
        },
        horizon=52,
        tick_unit="week",
    )


def adoption_vocabulary() -> Vocabulary:
    """Every persona has a threshold of its own."""
    return _of_pack(packs.adoption(mechanism="threshold"), "month")


def election_vocabulary() -> Vocabulary:
    """Every persona has a media use and a susceptibility of its own."""
    return _of_pack(packs.election(influence="friedkin_johnsen"), "week")


def pack_vocabularies() -> dict[str, Vocabulary]:
    """The templates that bring their own variables, with the clock each of them has."""
    return {
        "adoption": _of_pack(packs.adoption(), "month"),
        "opinion": _of_pack(packs.opinion(), "week"),
        "election": _of_pack(packs.election(), "week"),
        "contagion": _of_pack(packs.contagion(), "day"),
        "consumption": _of_pack(packs.consumption(), "quarter"),
    }


def _of_pack(pack: Pack, tick_unit: TickUnit) -> Vocabulary:
    return Vocabulary(
        variables=pack.variables,
        alternatives={name: Alternative(pack.labels[name]) for name in pack.alternatives},
        families={},
        regions={"south": Term("south")},
        segments={"young": Term("young people")},
        horizon=36,
        tick_unit=tick_unit,
    )
