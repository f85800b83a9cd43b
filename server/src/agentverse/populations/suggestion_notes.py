"""Why a suggestion is as it is, part by part, and what it leaves to a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agentverse.populations.sampled_columns import Family, SampledColumn
from agentverse.populations.schemas import AvailabilityMapping, SuggestedPart, SuggestionNote

NO_CHOICE = (
    "No column says what each person chose between alternatives. Without one the people can be "
    "used in every domain template but consumer choice; name it if there is one."
)
NO_ATTRIBUTES = (
    "No columns are named after the alternatives, so nothing is known of their prices or times. "
    "Add attributes, or import with constants only."
)
NO_GROUP = "No column is called like a {what}; choose one, or everybody is in one group."


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What was recognised as what."""

    choice: SampledColumn | None
    families: Sequence[Family]
    availability: AvailabilityMapping | None
    region: SampledColumn | None
    segment: SampledColumn | None
    weight: SampledColumn | None
    person: SampledColumn | None
    kept: Sequence[SampledColumn]


def note(
    part: SuggestedPart, text: str, columns: Sequence[SampledColumn] = (), *, is_open: bool = False
) -> SuggestionNote:
    names = [column.name for column in columns]
    return SuggestionNote(part=part, columns=names, is_open=is_open, text=text)


def notes_on(
    parts: Parts, *, categories: Sequence[SampledColumn], left: Sequence[SampledColumn]
) -> list[SuggestionNote]:
    """Return a note for each part of the mapping, in the order of the form."""
    notes = [*_choice_notes(parts), *_offer_notes(parts), _group_note("region", parts.region)]
    notes.append(_group_note("segment", parts.segment))
    if parts.weight is not None:
        notes.append(note("weight", "Called a weight, and never below zero.", [parts.weight]))
    if parts.person is not None:
        text = "Called like the id of a person, who has several rows: they are one person's."
        notes.append(note("person", text, [parts.person]))
    if parts.kept:
        notes.append(note("kept", "Numbers, kept as they are.", parts.kept))
    if categories:
        notes.append(note("kept", "Words that many people share, kept as categories.", categories))
    if left:
        text = "Neither numbers nor words that people share: left out unless you map them."
        notes.append(note("left_out", text, left, is_open=True))
    return notes


def _choice_notes(parts: Parts) -> list[SuggestionNote]:
    if parts.choice is None:
        return [note("choice", NO_CHOICE, is_open=True)]
    if not parts.families:
        called = note("choice", "Called like a choice, with few values.", [parts.choice])
        return [called, note("attributes", NO_ATTRIBUTES, is_open=True)]
    columns = [each for family in parts.families for each in family.columns.values()]
    return [
        note("choice", "Other columns are named after its values.", [parts.choice]),
        note("attributes", "A column for each alternative, named after it.", columns),
    ]


def _offer_notes(parts: Parts) -> list[SuggestionNote]:
    if parts.availability is None:
        return []
    columns = list(parts.availability.columns.values())
    text = "Yes or no, named after the alternatives: who could choose them."
    if parts.availability.gaps:
        text = "What an alternative's attributes leave empty was not offered: nobody chose it then."
    return [SuggestionNote(part="availability", columns=columns, text=text)]


def _group_note(part: Literal["region", "segment"], column: SampledColumn | None) -> SuggestionNote:
    if column is None:
        return note(part, NO_GROUP.format(what=part), is_open=True)
    return note(part, f"Called like a {part}.", [column])
