"""Columns that look personal: nothing takes them into a population unless a person maps them."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from agentverse.populations.schemas import PersonalColumn

# By the words of a column's name; the rest of the name may say more (`customer_email_2`).
CALLED: Final = (
    (("email", "mail"), "an e-mail address"),
    (("phone", "tel", "telephone", "telefon", "mobile", "fax"), "a telephone number"),
    (
        ("firstname", "lastname", "surname", "fullname", "vorname", "nachname", "forename"),
        "a person's name",
    ),
    (("address", "street", "strasse", "iban", "ssn", "passport", "birthdate", "dob"), "an address"),
)
IDENTIFIERS: Final = frozenset({"iban", "ssn", "passport", "birthdate", "dob"})
NAMES: Final = frozenset({"name", "names"})
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)
PHONE: Final = re.compile(r"(\+|00)\d[\d /()-]{6,}")
MOST: Final = 0.5


def find_personal(name: str, values: Sequence[str]) -> PersonalColumn | None:
    """Return what makes a column look personal, or None. values: the distinct ones, as text."""
    reason = _by_name(name) or _by_values(values)
    return PersonalColumn(column=name, reason=reason) if reason else None


def _by_name(name: str) -> str | None:
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word]
    pairs = ["".join(pair) for pair in pairwise(words)]
    for word in [*words, *pairs]:
        if word in IDENTIFIERS:
            return "called what identifies a person"
        for called, what in CALLED:
            if word in called:
                return f"called like {what}"
    return "called like a person's name" if words and set(words) <= NAMES else None


def _by_values(values: Sequence[str]) -> str | None:
    for pattern, what in ((EMAIL, "e-mail addresses"), (PHONE, "telephone numbers")):
        matching = sum(pattern.fullmatch(value) is not None for value in values)
        if values and matching > MOST * len(values):
            return f"holds {what}"
    return None
