"""What abbreviated names of attributes commonly stand for."""

from dataclasses import dataclass

# Unknown to us which: a file does not say what its money is.
MONEY = "currency"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFamily:
    """What an abbreviated column name commonly stands for."""

    stems: tuple[str, ...]
    name: str
    label: str
    unit: str
    synonyms: tuple[str, ...]


KNOWN_FAMILIES = (
    KnownFamily(
        stems=("ic", "install", "installation", "installation_cost", "install_cost", "instcost"),
        name="installation_cost",
        label="installation cost",
        unit=MONEY,
        synonyms=("install", "installing", "installation", "purchase", "upfront", "buy", "buying"),
    ),
    KnownFamily(
        stems=("oc", "opcost", "operating", "operating_cost", "running_cost"),
        name="operating_cost",
        label="operating cost",
        unit=MONEY,
        synonyms=("operate", "operating", "running", "run", "running cost", "fuel", "energy bill"),
    ),
    KnownFamily(
        stems=("price", "pr", "prc"),
        name="price",
        label="price",
        unit=MONEY,
        synonyms=("prices", "cost", "buy", "buying", "purchase"),
    ),
    KnownFamily(
        stems=("cost", "gc_cost", "tc", "fare"),
        name="cost",
        label="cost",
        unit=MONEY,
        synonyms=("costs", "price", "fare"),
    ),
    KnownFamily(
        stems=("time", "tt", "travel_time", "ivt", "invt"),
        name="travel_time",
        label="travel time",
        unit="minutes",
        synonyms=("time", "duration", "journey time"),
    ),
    KnownFamily(
        stems=("wait", "wt", "waiting", "ttme"),
        name="waiting_time",
        label="waiting time",
        unit="minutes",
        synonyms=("wait", "waiting"),
    ),
)
