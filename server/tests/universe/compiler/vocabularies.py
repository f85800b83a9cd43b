"""Two projects from different worlds; nothing in the compiler knows either."""

from agentverse_engine.variables import Variable

from agentverse.universe.compiler import Alternative, Family, Term, Vocabulary


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
        moves=("installs", "stock"),
        source="test",
    )


def _parameter(
    name: str, *, unit: str, bounds: tuple[float, float], default: float, synonyms: tuple[str, ...]
) -> Variable:
    return Variable(
        name=name,
        label=name.replace("_", " "),
        unit=unit,
        minimum=bounds[0],
        maximum=bounds[1],
        default=default,
        kind="parameter",
        family=name,
        alternative=None,
        moves=("installs", "stock"),
        source="test",
        synonyms=synonyms,
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
    alternatives = {
        "ec": Alternative("central electric"),
        "er": Alternative("room electric"),
        "gc": Alternative("central gas"),
        "gr": Alternative("room gas"),
        "hp": Alternative("heat pump", ("heatpump",)),
    }
    families = {
        "installation_cost": Family("installation cost", "USD"),
        "operating_cost": Family("operating cost", "USD/year"),
    }
    parameters = (
        _parameter(
            "replacement_rate",
            unit="per month",
            bounds=(0.0, 1.0),
            default=1 / 216,
            synonyms=("replacement rate", "replace"),
        ),
        _parameter("conformity", unit="1", bounds=(0.0, 3.0), default=1.67, synonyms=()),
        _parameter(
            "loss_aversion", unit="1", bounds=(1.0, 4.0), default=2.25, synonyms=("loss averse",)
        ),
    )
    return Vocabulary(
        variables=_attributes(families, alternatives, 20_000.0) + parameters,
        alternatives=alternatives,
        families=families,
        regions={
            "valley": Term("valley", ("central valley",)),
            "scostl": Term("southern coast", ("south coast",)),
            "mountn": Term("mountains", ("mountain",)),
            "ncostl": Term("northern coast", ("north coast",)),
        },
        segments={
            "low_income": Term("low income", ("poor", "poorer")),
            "middle_income": Term("middle income", ("middle class",)),
            "high_income": Term("high income", ("rich", "wealthy")),
        },
        horizon=horizon,
    )


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
