"""Consumption: an Euler target approached by habit, neighbours' spending, an exact budget."""

import math

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.mathematics import exponential_inlined
from agentverse_engine.rules.rule import Rule

UNCONSTRAINED = 0
HAND_TO_MOUTH = 1
CENTS = 100.0
QUARTERS_PERCENT = 400.0  # percent a year in one share a quarter
# The ends of the levels, in money: a budget that stays within them is never cut on storing.
MOST_INCOME = 1_000_000.0
MOST_WEALTH = 20_000_000.0
MOST_SPENDING = 20_000_000.0


@inlined
def cents(amount: float) -> int:
    """Return the nearest whole number of cents, half a cent up."""
    return math.floor(amount * CENTS + 0.5)


@inlined
def earned(start_income: float, income_change: float) -> float:
    """Return the income of a quarter, to the cent."""
    return cents(min(start_income * (1.0 + income_change), MOST_INCOME)) / CENTS


@inlined
def relative_gain(new_income: float, start_income: float, start_spending: float) -> float:
    """Return how much more income there is, as a share of spending at the start; 0 without any."""
    if start_spending <= 0.0:
        return 0.0
    return (new_income - start_income) / start_spending


@inlined
def habitual(
    deviation: float,
    start_choice: int,
    new_income: float,
    start_income: float,
    start_spending: float,
    interest_rate: float,
    neutral_rate: float,
    rate_duration: float,
    substitution: float,
    confidence: float,
    confidence_effect: float,
    marginal_propensity: float,
    habit: float,
) -> float:
    """Return spending against the start, as a share more (-1 or more).

    Rates in percent a year, rate_duration in quarters, confidence as an index around 100.
    """
    gain = relative_gain(new_income, start_income, start_spending)
    if start_choice == HAND_TO_MOUTH:
        return max(-1.0, gain)
    interest_effect = rate_duration * (interest_rate - neutral_rate) / QUARTERS_PERCENT
    mood = confidence_effect * (confidence - 100.0) / 100.0
    wanted = (
        exponential_inlined(mood - substitution * interest_effect)
        - 1.0
        + marginal_propensity * gain
    )
    return max(-1.0, habit * deviation + (1.0 - habit) * wanted)


@inlined
def kept_up(
    start_choice: int,
    new_deviation: float,
    mean_deviation: float,
    degree: int,
    keeping_up: float,
    habit: float,
) -> float:
    """Return spending against the start, with a share of how the neighbours' has moved."""
    if degree == 0 or start_choice == HAND_TO_MOUTH:
        return new_deviation
    return max(-1.0, new_deviation + (1.0 - habit) * keeping_up * mean_deviation)


@inlined
def budgeted(
    start_choice: int,
    new_deviation: float,
    new_income: float,
    start_income: float,
    start_spending: float,
    wealth: float,
    credit_limit: float,
) -> tuple[float, float, float, float, int]:
    """Return spending, saving, wealth, deviation and choice; whole cents, so nothing is lost.

    Nobody owes more than credit_limit quarters of starting income (who already does owes no
    more); while somebody would, the household is hand-to-mouth, and habit is of what it has.
    """
    income, owned = cents(new_income), cents(wealth)
    wanted = cents(start_spending * (1.0 + new_deviation))
    if start_choice == HAND_TO_MOUTH:
        wanted = cents(start_spending) + income - cents(start_income)
    lowest = min(owned, -min(cents(credit_limit * start_income), CENTS * MOST_WEALTH))
    affordable = income + owned - lowest
    least = max(0.0, income + owned - CENTS * MOST_WEALTH)
    spending = max(least, min(wanted, affordable, CENTS * MOST_SPENDING))
    status, deviation = start_choice, new_deviation
    if wanted > affordable:
        status = HAND_TO_MOUTH
        deviation = spending / cents(start_spending) - 1.0 if start_spending > 0.0 else 0.0
    saving = income - spending
    return spending / CENTS, saving / CENTS, (owned + saving) / CENTS, deviation, status


EARNINGS = Rule(
    name="earnings",
    function=earned,
    writes=("income",),
    equation="Y = Y_0 (1 + income_change), to the cent",
    source="accounting",
)
HABIT_SPENDING = Rule(
    name="habit_spending",
    function=habitual,
    writes=("deviation",),
    equation="x' = habit x + (1 - habit) x*, x* = exp(confidence_effect (confidence - 100)/100 - "
    "substitution rate_duration (r - neutral_rate)/400) - 1 + marginal_propensity (Y - Y_0)/C_0; "
    "hand-to-mouth from the start: x' = (Y - Y_0)/C_0",
    source="Euler equation: Hall 1978; habit: Christiano, Eichenbaum & Evans 2005; "
    "hand-to-mouth: Kaplan & Violante 2014",
)
KEEPING_UP = Rule(
    name="keeping_up",
    function=kept_up,
    writes=("deviation",),
    social=True,
    equation="x' += (1 - habit) keeping_up (mean x of the neighbours); 0 without neighbours",
    source="Abel 1990; network effects: De Giorgi, Frederiksen & Pistaferri 2020",
)
BUDGET = Rule(
    name="budget",
    function=budgeted,
    writes=("spending", "saving", "wealth", "deviation", "choice"),
    equation="C = C_0 (1 + x), S = Y - C, W' = W + S, in whole cents; W' >= -credit_limit Y_0",
    source="budget identity; borrowing limit: Kaplan & Violante 2014",
)
