"""Does a mapping fit the file and itself? Every objection names the field and the way out."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise

from agentverse.platform.errors import FieldError
from agentverse.populations.errors import InvalidMapping, MissingColumn
from agentverse.populations.schemas import ColumnMapping, FamilyMapping, GroupMapping, LabelMapping

NEAREST = 3
FEWEST_ALTERNATIVES = 2


def check_mapping(mapping: ColumnMapping, columns: Sequence[str]) -> None:
    """Refuse a mapping that names absent columns or contradicts itself; all faults at once.

    Raises MissingColumn or InvalidMapping.
    """
    if "\\u0000" in mapping.model_dump_json():
        raise InvalidMapping("A text of the mapping holds a NUL character. Remove it.")
    absent = [
        FieldError(field=place, message=_absent(name, columns))
        for place, name in named_columns(mapping)
        if name not in columns
    ]
    if absent:
        raise MissingColumn(" ".join(fault.message for fault in absent[:5]), errors=absent)
    faults = list(_contradictions(mapping))
    if faults:
        raise InvalidMapping(" ".join(fault.message for fault in faults[:5]), errors=faults)


def named_columns(mapping: ColumnMapping) -> Iterator[tuple[str, str]]:
    """Yield each place of the mapping that names a column, with the name."""
    if mapping.choice_column is not None:
        yield "mapping.choice_column", mapping.choice_column
    for index, family in enumerate(mapping.families):
        for alternative, column in family.columns.items():
            yield f"mapping.families.{index}.columns.{alternative}", column
    if mapping.availability is not None:
        for alternative, column in mapping.availability.columns.items():
            yield f"mapping.availability.columns.{alternative}", column
    if mapping.region is not None:
        yield "mapping.region.column", mapping.region.column
    if mapping.segment is not None:
        yield "mapping.segment.column", mapping.segment.column
    for index, column in enumerate(mapping.traits):
        yield f"mapping.traits.{index}", column
    for index, category in enumerate(mapping.categories):
        yield f"mapping.categories.{index}.column", category.column
    if mapping.weight_column is not None:
        yield "mapping.weight_column", mapping.weight_column
    if mapping.person_column is not None:
        yield "mapping.person_column", mapping.person_column
    for column in mapping.readings:
        yield f"mapping.readings.{column}", column


def reference_of(mapping: ColumnMapping) -> str:
    """Return the alternative whose constant is zero. mapping: one with a choice."""
    return mapping.reference_alternative or mapping.alternatives[-1].value


def _absent(name: str, columns: Sequence[str]) -> str:
    near = get_close_matches(name, columns, n=NEAREST, cutoff=0.4) or list(columns[:NEAREST])
    shown = ", ".join(repr(column) for column in near)
    return f"The file has no column {name!r}; the nearest are {shown}."


def _contradictions(mapping: ColumnMapping) -> Iterator[FieldError]:
    yield from _choice_faults(mapping) if mapping.choice_column else _people_faults(mapping)
    yield from _repeated("mapping.traits", "trait", mapping.traits)
    yield from _category_faults(mapping)
    for role, group in (("region", mapping.region), ("segment", mapping.segment)):
        if group is not None:
            yield from _group_faults(role, group)


def _people_faults(mapping: ColumnMapping) -> Iterator[FieldError]:
    """What only a choice has, and a table of people without anything about them."""
    for field in ("alternatives", "families", "reference_alternative", "availability"):
        if getattr(mapping, field):
            yield FieldError(
                field=f"mapping.{field}",
                message=f"The mapping has {field.replace('_', ' ')} but no choice column. Name the "
                "column that says what each person chose, or remove them.",
            )
    if not (mapping.region or mapping.segment or mapping.traits or mapping.categories):
        yield FieldError(
            field="mapping",
            message="The mapping takes nothing of the people in. Name a choice, a region, a "
            "segment, or columns to keep.",
        )


def _category_faults(mapping: ColumnMapping) -> Iterator[FieldError]:
    names = [category.column for category in mapping.categories]
    yield from _repeated("mapping.categories", "category", names)
    for index, category in enumerate(mapping.categories):
        field = f"mapping.categories.{index}"
        yield from _repeated(f"{field}.values", "value", category.values)
        if category.column in mapping.traits:
            yield FieldError(
                field=field,
                message=f"{category.column!r} is kept as a number already. Keep it once.",
            )


def _choice_faults(mapping: ColumnMapping) -> Iterator[FieldError]:
    values = [alternative.value for alternative in mapping.alternatives]
    labels = [alternative.label.casefold() for alternative in mapping.alternatives]
    families = [family.name for family in mapping.families]
    yield from _repeated("mapping.alternatives", "alternative", values)
    yield from _repeated("mapping.alternatives", "alternative label", labels)
    yield from _repeated("mapping.families", "attribute", families)
    if len(values) < FEWEST_ALTERNATIVES:
        yield FieldError(
            field="mapping.alternatives",
            message="A choice needs at least two alternatives. Name the values that "
            f"{mapping.choice_column!r} can have.",
        )
        return
    if any(not value.strip() or value != value.strip() for value in values):
        yield FieldError(
            field="mapping.alternatives",
            message="An alternative's value is empty or begins or ends with a space. Write the "
            "value as it stands in the choice column.",
        )
    if reference_of(mapping) not in values:
        yield FieldError(
            field="mapping.reference_alternative",
            message=f"The reference {mapping.reference_alternative!r} is no alternative. Choose "
            f"one of {', '.join(values)}.",
        )
    if mapping.weight_column in (mapping.choice_column, *_attribute_columns(mapping)):
        yield FieldError(
            field="mapping.weight_column",
            message=f"{mapping.weight_column!r} is an attribute or the choice already. Name the "
            "column that says how many people a row stands for, or none.",
        )
    for value in mapping.availability.columns if mapping.availability else ():
        if value not in values:
            yield FieldError(
                field=f"mapping.availability.columns.{value}",
                message=f"{value!r} is no alternative. Use one of {', '.join(values)}.",
            )
    for index, family in enumerate(mapping.families):
        yield from _family_faults(f"mapping.families.{index}", family, values)


def _attribute_columns(mapping: ColumnMapping) -> Iterator[str]:
    for family in mapping.families:
        yield from family.columns.values()


def _repeated(field: str, what: str, names: Sequence[str]) -> Iterator[FieldError]:
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield FieldError(
            field=field, message=f"The {what} {name!r} stands twice. Keep it once or rename one."
        )


def _family_faults(field: str, family: FamilyMapping, values: list[str]) -> Iterator[FieldError]:
    for value in values:
        if value not in family.columns:
            yield FieldError(
                field=f"{field}.columns.{value}",
                message=f"{family.name!r} names no column for the alternative {value!r}. Name "
                "one, or remove the attribute.",
            )
    for value in family.columns:
        if value not in values:
            yield FieldError(
                field=f"{field}.columns.{value}",
                message=f"{family.name!r} has a column for {value!r}, which is no alternative. "
                "Add the alternative or remove the column.",
            )


def _group_faults(role: str, group: GroupMapping) -> Iterator[FieldError]:
    field = f"mapping.{role}.labels"
    yield from _repeated(field, role, [label.name for label in group.labels])
    bands = [label for label in group.labels if _banded(label)]
    if bands and (len(bands) < len(group.labels) or any(label.values for label in bands)):
        yield FieldError(
            field=field,
            message=f"The {role} labels mix numeric bands and named values. Use one or the other.",
        )
        return
    values = [value for label in group.labels for value in (label.values or [label.name])]
    if not bands:
        yield from _repeated(field, f"{role} value", values)
    yield from _band_faults(field, bands)


def _banded(label: LabelMapping) -> bool:
    return label.minimum is not None or label.maximum is not None


def _band_faults(field: str, bands: list[LabelMapping]) -> Iterator[FieldError]:
    for band in bands:
        if _low(band) >= _high(band):
            yield FieldError(
                field=field,
                message=f"The band {band.name!r} is empty: its minimum is not below its maximum.",
            )
    for one, next_one in pairwise(sorted(bands, key=_low)):
        if _high(one) > _low(next_one):
            yield FieldError(
                field=field,
                message=f"The bands {one.name!r} and {next_one.name!r} overlap. A band holds its "
                "minimum but not its maximum; end the first where the second begins.",
            )


def _low(band: LabelMapping) -> float:
    return -float("inf") if band.minimum is None else band.minimum


def _high(band: LabelMapping) -> float:
    return float("inf") if band.maximum is None else band.maximum
