"""A mapping to start from, read off the column names and values; people confirm or change it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from agentverse.populations import datasets
from agentverse.populations.availability import suggest_availability
from agentverse.populations.checking import free_name, name_groups, slug
from agentverse.populations.kept_columns import category_mapping, is_category
from agentverse.populations.known_families import KNOWN_FAMILIES
from agentverse.populations.limits import MOST_GROUPS
from agentverse.populations.naming import stems
from agentverse.populations.sampled_columns import Family, SampledColumn
from agentverse.populations.schemas import (
    AlternativeMapping,
    ColumnMapping,
    ColumnReading,
    FamilyMapping,
    GroupMapping,
    LabelMapping,
    LongLayout,
    SuggestionNote,
)
from agentverse.populations.suggestion_notes import Parts, note, notes_on

MOST_ALTERNATIVES = 12
MOST_FAMILIES = 12
MOST_TRAITS = 40
FEWEST_PEOPLE = 10

REGION_WORDS = (
    *("region", "state", "province", "county", "district", "area", "zone", "city", "country"),
    *("canton", "bundesland", "municipality", "town", "location", "nation"),
)
SEGMENT_WORDS = ("segment", "cluster", "class", "income", "salary", "earning", "age")
WEIGHT_WORDS = re.compile(
    r"(^|[^a-z])(weights?|wt|wgt|pweight|fweight|wtssall|gewicht|expansion(_factor)?)($|[^a-z])"
)
CHOICE_WORDS = re.compile(
    r"(^|[^a-z])(choices?|chosen|chose|choose|vote|voted|depvar|selected|pick|wahl)($|[^a-z])"
)
IDENTITY_WORDS = re.compile(
    r"(^|[^a-z])(id|idcase|rownames?|row|index|case|obs|resp|respondent|person|individual|"
    r"household|hh|hhid|pid|uid|column 1)s?($|[^a-z])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What was recognised. mapping: None where nothing was; notes: why, and what is open."""

    mapping: ColumnMapping | None
    notes: list[SuggestionNote]


def suggest_mapping(columns: Sequence[SampledColumn]) -> Suggestion:
    """Fill in what the file's names and values show; leave open what they do not."""
    shipped_mapping = _shipped(columns)
    if shipped_mapping is not None:
        shipped = note("choice", "A data set that is shipped, with its full mapping.")
        return Suggestion(mapping=shipped_mapping, notes=[shipped])
    choice, families = _best_choice(columns) or (_called_choice(columns), [])
    availability, families = suggest_availability(choice, families, columns)
    kept = _without_derived(families)[:MOST_FAMILIES]
    used = {each.name for family in families for each in family.columns.values()}
    used |= set(availability.columns.values()) if availability else set()
    free = [column for column in columns if column is not choice and column.name not in used]
    weight = _weight(free)
    person = _person(free) if choice is not None else None
    others = [column for column in free if column not in (weight, person)]
    region = _region(others)
    segment = _segment([column for column in others if column is not region])
    grouped = (region, segment)
    traits = [column for column in others if _is_trait(column)][:MOST_TRAITS]
    categories = [each for each in others if each not in grouped and is_category(each)]
    mapping = ColumnMapping(
        choice_column=choice and choice.name,
        alternatives=_alternatives(choice),
        families=_named_families(kept),
        availability=availability,
        region=region and _values_group(region),
        segment=segment and _segment_group(segment),
        traits=[column.name for column in traits],
        categories=[category_mapping(column) for column in categories[:MOST_TRAITS]],
        weight_column=weight and weight.name,
        person_column=person and person.name,
        readings=_readings(columns),
    )
    parts = Parts(
        choice=choice,
        families=kept,
        availability=availability,
        region=region,
        segment=segment,
        weight=weight,
        person=person,
        kept=traits,
    )
    left = [each for each in others if each not in (*grouped, *traits, *categories)]
    notes = notes_on(parts, categories=categories[:MOST_TRAITS], left=left)
    is_empty = not (choice or region or segment or traits or categories)
    return Suggestion(mapping=None if is_empty else mapping, notes=notes)


def in_layout(suggestion: Suggestion, layout: LongLayout) -> Suggestion:
    """The suggestion for a turned file, which says that and how it was turned."""
    if suggestion.mapping is None:
        return suggestion
    mapping = suggestion.mapping.model_copy(update={"layout": layout})
    said = SuggestionNote(
        part="layout",
        columns=[*layout.situation, layout.alternative, layout.chosen],
        text=f"One row per person and alternative: {' and '.join(layout.situation)} says whose "
        f"choice, {layout.alternative} what could be chosen, {layout.chosen} what was. It is "
        "turned into one row per choice.",
    )
    return Suggestion(mapping=mapping, notes=[said, *suggestion.notes])


def _alternatives(choice: SampledColumn | None) -> list[AlternativeMapping]:
    return [
        AlternativeMapping(value=value, label=value.replace("_", " ")[:80])
        for value in (choice.distinct if choice is not None else ())
    ]


def _called_choice(columns: Sequence[SampledColumn]) -> SampledColumn | None:
    """Without attributes only a name can tell which column is the choice."""
    return next(
        (
            each
            for each in columns
            if _may_be_choice(each) and CHOICE_WORDS.search(each.name.lower())
        ),
        None,
    )


def _readings(columns: Sequence[SampledColumn]) -> dict[str, ColumnReading]:
    """Numbers that look like codes for no answer are proposed to be read as that."""
    codes = {
        column.name: [far.value for far in column.far_values if far.is_code] for column in columns
    }
    return {name: ColumnReading(missing=values) for name, values in codes.items() if values}


def _shipped(columns: Sequence[SampledColumn]) -> ColumnMapping | None:
    """A file with the columns and the choices of a shipped data set gets its full mapping."""
    by_name = {column.name: column for column in columns}
    for dataset in datasets.SHIPPED:
        choice = by_name.get(dataset.mapping.choice_column or "")
        values = {alternative.value for alternative in dataset.mapping.alternatives}
        if dataset.columns <= by_name.keys() and choice and values == set(choice.distinct):
            return dataset.mapping
    return None


def _best_choice(
    columns: Sequence[SampledColumn],
) -> tuple[SampledColumn, list[Family]] | None:
    """The column whose values name the most groups of numeric columns."""
    candidates = [
        (choice, families)
        for choice in columns
        if _may_be_choice(choice) and (families := list(_families(choice, columns)))
    ]
    return max(candidates, key=lambda pair: (len(pair[1]), pair[0].type == "text"), default=None)


def _may_be_choice(column: SampledColumn) -> bool:
    few = 2 <= len(column.distinct) <= MOST_ALTERNATIVES
    short = all(len(value) <= 60 for value in column.distinct)
    return few and short and column.type in ("text", "integer", "boolean")


def _families(choice: SampledColumn, columns: Sequence[SampledColumn]) -> Iterator[Family]:
    """Group `ic.gc` and `gc_ic` by what is left when the value is taken off."""
    groups: dict[tuple[str, str], dict[str, SampledColumn]] = {}
    for column in columns:
        if column is choice or column.nearly is None:
            continue
        for value in choice.distinct:
            for side, stem in stems(column.name, value, joined=True):
                groups.setdefault((side, stem), {}).setdefault(value, column)
    for (_, stem), members in groups.items():
        distinct = {column.name for column in members.values()}
        if len(members) == len(choice.distinct) == len(distinct):
            yield Family(stem=stem, columns=members)


def _without_derived(families: Sequence[Family]) -> list[Family]:
    """Leave out what is a sum, difference, product or ratio of two others: no information."""
    kept: list[Family] = []
    for family in families:
        if not any(_derives(family, one, two) for one, two in combinations(kept, 2)):
            kept.append(family)
    return kept


def _derives(family: Family, one: Family, two: Family) -> bool:
    x, a, b = (_matrix(each) for each in (family, one, two))
    clean = np.isfinite(x) & np.isfinite(a) & np.isfinite(b)
    x, a, b = x[clean], a[clean], b[clean]
    with np.errstate(divide="ignore", invalid="ignore"):
        candidates = (a + b, a - b, b - a, a * b, a / b, b / a)
    return any(bool(np.allclose(x, made, rtol=1e-6, atol=0)) for made in candidates)


def _matrix(family: Family) -> NDArray[np.float64]:
    columns = [family.columns[value] for value in sorted(family.columns)]
    return np.stack([column.nearly for column in columns if column.nearly is not None])


def _named_families(families: Sequence[Family]) -> list[FamilyMapping]:
    taken: set[str] = set()
    named: list[FamilyMapping] = []
    for family in families:
        stem = slug(family.stem)
        catalogued = next((each for each in KNOWN_FAMILIES if stem in each.stems), None)
        plain = stem if stem[0].isalpha() else f"attribute_{stem}"[:36]
        name = free_name(catalogued.name if catalogued else plain, taken)
        taken.add(name)
        named.append(
            FamilyMapping(
                name=name,
                label=catalogued.label if catalogued else family.stem.replace("_", " ")[:80],
                unit=catalogued.unit if catalogued else "1",
                synonyms=list(catalogued.synonyms) if catalogued else [],
                columns={value: column.name for value, column in family.columns.items()},
            )
        )
    return named


def _region(columns: Sequence[SampledColumn]) -> SampledColumn | None:
    few = [column for column in columns if _is_group(column)]
    return next((each for each in few if _named_like(each, REGION_WORDS) is not None), None)


def _is_group(column: SampledColumn) -> bool:
    return 2 <= len(column.distinct) <= MOST_GROUPS and not column.missing.all()


def _named_like(column: SampledColumn, words: Sequence[str]) -> int | None:
    """Return the place of the first word the column's name begins a part with."""
    parts = re.split(r"[^a-z]+", column.name.lower())
    positions = (
        index for index, word in enumerate(words) if any(p.startswith(word) for p in parts)
    )
    return next(positions, None)


def _segment(columns: Sequence[SampledColumn]) -> SampledColumn | None:
    called = [
        (place, column)
        for column in columns
        if (place := _named_like(column, SEGMENT_WORDS)) is not None
        and (column.numbers is not None or _is_group(column))
        and len(column.distinct) >= 2
    ]
    return min(called, key=lambda pair: pair[0])[1] if called else None


def _values_group(column: SampledColumn) -> GroupMapping:
    gaps = bool(column.missing.any())
    return GroupMapping(column=column.name, labels=name_groups(column.distinct), keep_gaps=gaps)


def _segment_group(column: SampledColumn) -> GroupMapping:
    numbers = column.present_numbers
    if numbers is None or len(column.distinct) <= 2:
        return _values_group(column)
    return GroupMapping(
        column=column.name,
        labels=tercile_bands(column.name, numbers),
        keep_gaps=bool(column.missing.any()),
    )


def tercile_bands(name: str, numbers: NDArray[np.float64]) -> list[LabelMapping]:
    """Cut at the thirds of the values seen; labels say what the bands hold."""
    distinct = np.unique(numbers)
    starts = _band_starts(numbers, distinct)
    stem = slug(name)[:30].strip("_")
    kinds = ("low", "middle", "high") if len(starts) == 2 else ("low", "high")
    edges: list[float | None] = [None, *starts, None]
    labels: list[LabelMapping] = []
    for index, kind in enumerate(kinds):
        low, high = edges[index], edges[index + 1]
        inside = distinct[
            (distinct >= (-np.inf if low is None else low))
            & (distinct < (np.inf if high is None else high))
        ]
        labels.append(
            LabelMapping(
                name=f"{kind}_{stem}",
                label=_band_label(name, low, high, inside)[:80],
                minimum=low,
                maximum=high,
            )
        )
    return labels


def _band_starts(numbers: NDArray[np.float64], distinct: NDArray[np.float64]) -> list[float]:
    """Values at which the upper bands begin; both are values of the data."""
    thirds = np.quantile(numbers, (1 / 3, 2 / 3), method="inverted_cdf")
    after = np.searchsorted(distinct, thirds, side="right")
    inner = np.unique(np.clip(after, 1, distinct.size - 1))
    return [float(distinct[place]) for place in inner]


def _band_label(
    name: str, low: float | None, high: float | None, inside: NDArray[np.float64]
) -> str:
    if low is None:
        return f"{name} up to {inside.max():g}"
    if high is None:
        return f"{name} {low:g} or more"
    return f"{name} {inside.min():g} to {inside.max():g}"


def _weight(columns: Sequence[SampledColumn]) -> SampledColumn | None:
    """A column called a weight that can be one: there for every row, never negative, not even.

    The weight of a body or a parcel is called so too; that is for a person to say.
    """
    return next(
        (
            column
            for column in columns
            if WEIGHT_WORDS.search(column.name.lower())
            and column.numbers is not None
            and not column.missing.any()
            and column.numbers.min() >= 0
            and len(column.distinct) > 1
        ),
        None,
    )


def _person(columns: Sequence[SampledColumn]) -> SampledColumn | None:
    """A column called like an id whose values have several rows each: people who choose again."""
    return next(
        (
            column
            for column in columns
            if IDENTITY_WORDS.search(column.name.lower())
            and not column.missing.any()
            and column.type in ("integer", "text")
            and FEWEST_PEOPLE <= len(column.distinct) <= column.words.size / 2
        ),
        None,
    )


def _is_trait(column: SampledColumn) -> bool:
    if column.numbers is None or len(column.distinct) < 2:
        return False
    every_row_its_own = len(column.distinct) == column.words.size
    counts_up = every_row_its_own and bool((np.diff(column.numbers) == 1).all())
    named_identity = IDENTITY_WORDS.search(column.name.lower()) is not None
    return not counts_up and not (named_identity and every_row_its_own)
