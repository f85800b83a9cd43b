"""Which columns of words are worth keeping with each persona, and how their values rank."""

from typing import Final

from agentverse.populations.limits import MOST_GROUPS
from agentverse.populations.sampled_columns import SampledColumn
from agentverse.populations.schemas import CategoryMapping

# Answer scales of questionnaires, lowest first; words that mean the same place stand together.
SCALES: Final[tuple[tuple[frozenset[str], ...], ...]] = tuple(
    tuple(frozenset(place.split("|")) for place in scale.split(","))
    for scale in (
        "never,rarely|seldom|hardly ever,sometimes|occasionally,often|frequently,always",
        "very low,low,medium|middle|moderate|average,high,very high",
        "very small|xs,small|s,medium|m,large|l|big,very large|xl",
        "strongly disagree|disagree strongly|sd,disagree|d,"
        "neutral|neither|undecided|neither agree nor disagree,"
        "agree|a,strongly agree|sa|agree strongly",
        "very dissatisfied,dissatisfied,neutral|neither,satisfied,very satisfied",
        "very bad|very poor,bad|poor,fair|average|neutral,good,very good,excellent",
        "not at all,slightly|a little|not very,"
        "moderately|somewhat|fairly|pretty,very|quite,extremely",
        "much worse,worse,same|about the same,better,much better",
        "none|no,few|some|a little,many|much|a lot,most,all",
        "strong liberal|extremely liberal,liberal,slightly liberal,moderate|middle,"
        "slightly conservative,conservative,strong conservative|extremely conservative",
        "primary|elementary|less than high school|lt high school,"
        "secondary|high school|highschool,some college|junior college|college,"
        "bachelor|bachelors|university,master|masters|graduate|postgraduate,phd|doctorate",
    )
)


def is_category(column: SampledColumn) -> bool:
    """Say whether a column holds words of which many people share each."""
    shared = len(column.distinct) < column.words.size or column.words.size <= MOST_GROUPS // 2
    return column.type == "text" and 2 <= len(column.distinct) <= MOST_GROUPS and shared


def category_mapping(column: SampledColumn) -> CategoryMapping:
    """Values of a known answer scale are ordered, all others are not."""
    values = in_order(column.distinct)
    if values is None and column.facts.words:
        # In the order of the codes, whoever wrote them had one in mind.
        values = list(dict.fromkeys(column.facts.words.values()))
        return CategoryMapping(column=column.name, values=values, ordered=column.facts.is_ordered)
    if values is None:
        return CategoryMapping(column=column.name)
    return CategoryMapping(column=column.name, values=values, ordered=True)


def in_order(values: tuple[str, ...]) -> list[str] | None:
    """Return the values as a known scale orders them; None where none holds them all."""
    for scale in SCALES:
        places = {word: index for index, words in enumerate(scale) for word in words}
        positions = [places.get(value.casefold().replace("_", " ").strip(), -1) for value in values]
        if min(positions) >= 0 and len(set(positions)) == len(values):
            return [value for _, value in sorted(zip(positions, values, strict=True))]
    return None
