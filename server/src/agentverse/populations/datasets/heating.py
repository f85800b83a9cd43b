"""Heating systems of 900 Californian households (K. Train); see heating.md."""

from agentverse.populations.datasets.shipped import Dataset
from agentverse.populations.schemas import (
    AlternativeMapping,
    ColumnMapping,
    DecisionMapping,
    FamilyMapping,
    GroupMapping,
    LabelMapping,
)

# hp stands last: it is the reference of the published table.
ALTERNATIVES = [
    AlternativeMapping(
        value="ec",
        label="central electric",
        synonyms=[
            "electric central",
            "central electric heating",
            "central electric systems",
            "central electricity",
            "electric furnace",
            "electric furnaces",
        ],
    ),
    AlternativeMapping(
        value="er",
        label="room electric",
        synonyms=[
            "electric room",
            "room electric heating",
            "electric room heaters",
            "electric room heater",
            "baseboard heaters",
            "baseboard heater",
        ],
    ),
    AlternativeMapping(
        value="gc",
        label="central gas",
        synonyms=[
            "gas central",
            "central gas heating",
            "gas central heating",
            "central gas systems",
            "gas furnace",
            "gas furnaces",
            "gas boiler",
            "gas boilers",
        ],
    ),
    AlternativeMapping(
        value="gr",
        label="room gas",
        synonyms=[
            "gas room",
            "room gas heating",
            "gas room heaters",
            "gas room heater",
        ],
    ),
    AlternativeMapping(
        value="hp",
        label="heat pump",
        synonyms=["heat pumps", "heatpump", "heatpumps", "heat-pump", "heat-pumps", "HP", "HPs"],
    ),
]

INSTALLATION_COST = FamilyMapping(
    name="installation_cost",
    label="installation cost",
    unit="USD",
    synonyms=[
        "installation costs",
        "installation price",
        "installation",
        "installing",
        "install",
        "installed",
        "purchase price",
        "purchase cost",
        "purchase",
        "upfront cost",
        "upfront price",
        "upfront",
        "up-front cost",
        "up-front",
        "capital cost",
        "sticker price",
        "buying",
        "buy",
        "price",
        "prices",
    ],
    columns={alternative.value: f"ic.{alternative.value}" for alternative in ALTERNATIVES},
)

OPERATING_COST = FamilyMapping(
    name="operating_cost",
    label="operating cost",
    unit="USD/year",
    synonyms=[
        "operating costs",
        "operating",
        "operate",
        "operation",
        "running cost",
        "running costs",
        "running",
        "run",
        "fuel cost",
        "fuel costs",
        "fuel",
        "energy bill",
        "energy bills",
        "energy cost",
        "energy costs",
        "heating bill",
        "heating bills",
        "yearly cost",
        "annual cost",
    ],
    columns={alternative.value: f"oc.{alternative.value}" for alternative in ALTERNATIVES},
)

REGION = GroupMapping(
    column="region",
    labels=[
        LabelMapping(
            name="valley",
            label="Central Valley",
            synonyms=["valley", "the valley", "central valley region"],
            values=["valley"],
        ),
        LabelMapping(
            name="scostl",
            label="southern coast",
            synonyms=[
                "south coast",
                "southern coastal region",
                "southern coastal",
                "coastal south",
            ],
            values=["scostl"],
        ),
        LabelMapping(
            name="mountn",
            label="mountains",
            synonyms=["mountain", "mountain region", "the mountains", "mountainous region"],
            values=["mountn"],
        ),
        LabelMapping(
            name="ncostl",
            label="northern coast",
            synonyms=[
                "north coast",
                "northern coastal region",
                "northern coastal",
                "coastal north",
            ],
            values=["ncostl"],
        ),
    ],
)

SEGMENT = GroupMapping(
    column="income",
    labels=[
        LabelMapping(
            name="low_income",
            label="low income",
            synonyms=[
                "low-income",
                "low incomes",
                "lower income",
                "poor",
                "poor households",
                "poorer households",
                "low-income households",
            ],
            maximum=4,
        ),
        LabelMapping(
            name="middle_income",
            label="middle income",
            synonyms=[
                "middle-income",
                "middle incomes",
                "medium income",
                "middle class",
                "middle-income households",
            ],
            minimum=4,
            maximum=6,
        ),
        LabelMapping(
            name="high_income",
            label="high income",
            synonyms=[
                "high-income",
                "high incomes",
                "higher income",
                "rich",
                "rich households",
                "wealthy",
                "wealthy households",
                "high-income households",
            ],
            minimum=6,
        ),
    ],
)

HEATING = Dataset(
    file_name="heating.csv",
    title="Heating systems of 900 Californian households",
    source=(
        "Heating: 900 Californian households and the heating system each chose. Kenneth E. Train, "
        "Discrete Choice Methods with Simulation; in R as Ecdat::Heating and mlogit::Heating."
    ),
    sha256="b391f2da31d7c38eba917b5d5ed13682fa83004ea201a6b47ab41c818f040499",
    mapping=ColumnMapping(
        choice_column="depvar",
        alternatives=ALTERNATIVES,
        families=[INSTALLATION_COST, OPERATING_COST],
        region=REGION,
        segment=SEGMENT,
        traits=["agehed", "income", "rooms"],
        decision=DecisionMapping(
            choices="new installations",
            holders="systems",
            months_between=216,
            source="ASHRAE median furnace life of 18 years",
        ),
        reference_alternative="hp",
    ),
)
