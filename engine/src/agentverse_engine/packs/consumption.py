"""The pack `consumption`: what households spend and save as rates, income and mood change."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.inputs.variables import Coupling, Variable, parameter
from agentverse_engine.numerics.mathematics import exponentials, logarithms
from agentverse_engine.packs.pack import Level, Pack, Spread
from agentverse_engine.rules.consumption import (
    BUDGET,
    EARNINGS,
    HABIT_SPENDING,
    KEEPING_UP,
    MOST_INCOME,
    MOST_SPENDING,
    MOST_WEALTH,
)
from agentverse_engine.synthesis.normal import normal_quantiles

Floats = NDArray[np.float64]

MONEY = ("spending", "saving", "wealth")
MEDIAN_INCOME = 15_000.0
INCOME_SPREAD = 0.8  # standard deviation of log income
SMALLEST_SHARE, LARGEST_SHARE = 0.8, 1.0  # of income that is spent at the start
CENTS = 100


def consumption() -> Pack:
    """Return the pack: households by quarter, unconstrained or hand-to-mouth.

    Levels in money to the cent: income, spending, saving, wealth; at every tick from 1 on
    spending + saving = income and wealth = last wealth + saving, exactly. `deviation`: wanted
    spending against the start, as a share more. Hand-to-mouth are those who start so, who spend
    every further cent of income, and others while their credit has run out. A tick is a quarter.
    """
    variables = (*_surroundings(), *_behaviour())
    return Pack(
        name="consumption",
        alternatives=("unconstrained", "hand_to_mouth"),
        rules=(EARNINGS, HABIT_SPENDING, KEEPING_UP, BUDGET),
        levels=_levels(),
        parameters=tuple(variable.name for variable in variables),
        variables=variables,
        spreads=_spreads(),
        labels={"unconstrained": "can smooth spending", "hand_to_mouth": "hand to mouth"},
        outcome="hand_to_mouth",
    )


def _levels() -> tuple[Level, ...]:
    return (
        _money("income", "income a quarter", 0.0, MOST_INCOME, MEDIAN_INCOME),
        _money("spending", "spending a quarter", 0.0, MOST_SPENDING, 0.9 * MEDIAN_INCOME),
        _money("saving", "saving a quarter", -MOST_SPENDING, MOST_INCOME, 0.1 * MEDIAN_INCOME),
        _money("wealth", "liquid wealth", -MOST_WEALTH, MOST_WEALTH, MEDIAN_INCOME),
        Level(
            name="deviation",
            label="spending against the start",
            unit="share",
            minimum=-1.0,
            maximum=99.0,
            default=0.0,
        ),
    )


def _money(name: str, label: str, minimum: float, maximum: float, default: float) -> Level:
    return Level(
        name=name,
        label=label,
        unit="USD",
        minimum=minimum,
        maximum=maximum,
        default=default,
        per_unit=CENTS,
    )


def _spreads() -> tuple[Spread, ...]:
    return (
        Spread(
            column="income",
            quantiles=_incomes,
            source="assumption: log-normal, median 15,000 USD a quarter, sigma 0.8 (a Gini "
            "coefficient of 0.43)",
        ),
        Spread(
            column="spending",
            quantiles=_spendings,
            given=("income",),
            source="assumption: 80 to 100 % of income, evenly spread",
        ),
        Spread(
            column="saving",
            quantiles=_savings,
            given=("income", "spending"),
            source="accounting: what is left of income",
        ),
        Spread(
            column="wealth",
            quantiles=_wealths,
            given=("income",),
            source="assumption: exponential, liquid wealth of one quarter's income on average",
        ),
    )


def _incomes(draws: Floats) -> Floats:
    incomes = MEDIAN_INCOME * exponentials(INCOME_SPREAD * normal_quantiles(draws[:, 0]))
    return np.minimum(incomes, MOST_INCOME)


def _spendings(draws: Floats, income: Floats) -> Floats:
    return income * (SMALLEST_SHARE + (LARGEST_SHARE - SMALLEST_SHARE) * draws[:, 0])


def _savings(_: Floats, income: Floats, spending: Floats) -> Floats:
    return (_cents(income) - _cents(spending)) / CENTS


def _wealths(draws: Floats, income: Floats) -> Floats:
    return np.minimum(-income * logarithms(1.0 - draws[:, 0]), MOST_WEALTH)


def _cents(amounts: Floats) -> Floats:
    return np.floor(amounts * CENTS + 0.5)


def _surroundings() -> tuple[Variable, ...]:
    """What events move; in an order in which couplings point forward."""
    return (
        parameter(
            "interest_rate",
            label="interest rate that households face",
            unit="% a year",
            default=3.0,
            bounds=(-5.0, 30.0),
            moves=MONEY,
            source="assumption: 3 %; three quarters of it carry over to the next quarter, so that "
            "spending is lowest 4 to 8 quarters after a passing rise of the policy rate "
            "(Christiano, Eichenbaum & Evans 2005)",
            synonyms=("interest rate", "policy rate", "key rate", "rate hike", "rate cut"),
            inertia=0.75,
            couplings=(Coupling(variable="confidence", per_unit=-1.0),),
        ),
        parameter(
            "income_change",
            label="change of income against the start",
            unit="share",
            default=0.0,
            bounds=(-1.0, 2.0),
            moves=("income", *MONEY),
            source="assumption: incomes stay as they are",
            synonyms=("income", "wages", "transfers", "tax rebate", "stimulus"),
        ),
        parameter(
            "confidence",
            label="consumer confidence",
            unit="index, 100 at the start",
            default=100.0,
            bounds=(0.0, 200.0),
            moves=MONEY,
            source="assumption: half carries over to the next quarter; a point lost for each "
            "percentage point of interest",
            synonyms=("consumer confidence", "sentiment", "mood"),
            inertia=0.5,
        ),
    )


def _behaviour() -> tuple[Variable, ...]:
    return (*_smoothing(), *_propensities())


def _smoothing() -> tuple[Variable, ...]:
    return (
        parameter(
            "neutral_rate",
            label="interest rate at which spending stays as it is",
            unit="% a year",
            default=3.0,
            bounds=(-5.0, 30.0),
            moves=MONEY,
            source="assumption: the rate at the start",
        ),
        parameter(
            "rate_duration",
            label="quarters over which a change of the rate counts",
            unit="quarters",
            default=12.0,
            bounds=(0.0, 40.0),
            moves=MONEY,
            source="assumption: with the other defaults a passing rise by a percentage point "
            "lowers spending by 0.2 to 0.6 % (Christiano, Eichenbaum & Evans 2005)",
        ),
        parameter(
            "substitution",
            label="elasticity of intertemporal substitution",
            default=0.3,
            bounds=(0.0, 1.0),
            moves=MONEY,
            source="Havranek 2015, 0.3 to 0.4 after correction for publication bias; Yogo 2004",
        ),
        parameter(
            "habit",
            label="share of last quarter's spending that habit keeps",
            default=0.6,
            bounds=(0.0, 0.95),
            moves=MONEY,
            source="Christiano, Eichenbaum & Evans 2005, estimate 0.65",
        ),
    )


def _propensities() -> tuple[Variable, ...]:
    return (
        parameter(
            "marginal_propensity",
            label="marginal propensity to consume of unconstrained households",
            default=0.35,
            bounds=(0.0, 1.0),
            moves=MONEY,
            source="assumption: within 0.2 to 0.6; hand-to-mouth households spend all",
        ),
        parameter(
            "confidence_effect",
            label="share of spending that 100 points of confidence move",
            default=0.05,
            bounds=(0.0, 1.0),
            moves=MONEY,
            source="assumption: modest, as in Ludvigson 2004",
        ),
        parameter(
            "keeping_up",
            label="pull of how the neighbours' spending has changed",
            default=0.1,
            bounds=(0.0, 0.9),
            moves=MONEY,
            source="assumption: below the 0.3 of De Giorgi, Frederiksen & Pistaferri 2020",
            synonyms=("neighbours", "keeping up with the Joneses"),
        ),
        parameter(
            "credit_limit",
            label="quarters of income that a household can owe",
            unit="quarters of income",
            default=0.74,
            bounds=(0.0, 8.0),
            moves=MONEY,
            source="Kaplan & Violante 2014, median credit limit of 18.5 % of annual income",
            synonyms=("credit", "borrowing limit"),
        ),
    )
