"""What is changed and for whom: the project's own words as a phrase index."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from agentverse.compiler.behaviour import SYNONYMS
from agentverse.compiler.items import ItemKind
from agentverse.compiler.lexicon import LEXICON
from agentverse.compiler.tokenizing import Token, root, singular, word_list
from agentverse.compiler.vocabulary import Vocabulary, has_own_words
from agentverse_engine.inputs.variables import Variable

Phrase = tuple[str, ...]
COST_WORDS = frozenset(
    word_list("""cost price expense pay paid paying priced pricing costing costed spend spending""")
)
# The import calls money so where the file does not say which.
ANY_CURRENCY = "currency"
_MONEY = {
    "USD",
    "EUR",
    "GBP",
    "AUD",
    "CAD",
    "CHF",
    "JPY",
    "INR",
    "CNY",
    "$",
    "€",
    "£",
    ANY_CURRENCY,
}
_CLOCK = {"minute", "hour", "second", "min", "h", "day"}
_ONE_OFF = (
    "buy|buying|bought|purchase|purchasing|purchased|upfront|up front|capital|acquire|acquiring|"
    "acquisition|price tag|sticker price|initial cost|first cost|investment cost|retail price|"
    "list price|sale price|selling price|purchase price|capex|one off cost|capital cost|"
    "investment|to own|initial price|initial investment|purchase cost|set up cost|put in|"
    "putting in|fit|fitting|fitted"
)
_RECURRING = (
    "run|running|ran|operate|operating|operated|operation|opex|fuel|fuelling|fueling|energy bill|"
    "bill|utility bill|heating bill|yearly cost|annual cost|ongoing cost|energy cost|fuel cost|"
    "fuel price|running cost|energy price|yearly bill|annual bill|yearly expense|"
    "monthly cost|monthly bill|upkeep|recurring cost|cost of use|annual expense|fuel bill"
)
_CHOICE_NOUNS = frozenset(
    word_list(
        """system option alternative technology mode product type model unit device appliance
    version variant kind heating heater furnace boiler choice service one machine
    equipment solution installation"""
    )
)
_PLURAL_ALL = frozenset(
    word_list(
        """system option alternative technology mode product type heater furnace choice heating"""
    )
)
_GENERIC_PARAMETER = frozenset(word_list("""rate level share factor of the parameter"""))
_ALL = frozenset({"all", "every", "each", "any"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A phrase found: `words` as matched, `after` the next place."""

    kind: ItemKind
    names: tuple[str, ...]
    after: int
    words: Phrase
    strong: bool = True
    bare: bool = False
    note: str = ""


@dataclass(slots=True, kw_only=True)
class TargetIndex:
    """Every phrase of a vocabulary; built once per question."""

    vocabulary: Vocabulary
    phrases: dict[Phrase, tuple[ItemKind, tuple[str, ...]]] = field(
        default_factory=dict[Phrase, tuple[ItemKind, tuple[str, ...]]]
    )
    groups: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    roots: dict[Phrase, tuple[ItemKind, tuple[str, ...]]] = field(
        default_factory=dict[Phrase, tuple[ItemKind, tuple[str, ...]]]
    )
    choice_nouns: frozenset[str] = _CHOICE_NOUNS
    one_off: tuple[str, ...] = ()
    recurring: tuple[str, ...] = ()
    timed: tuple[str, ...] = ()
    longest: int = 1
    units: set[Phrase] = field(default_factory=set[Phrase])

    def words(self) -> set[str]:
        """Every word of a name, none of which is a typo."""
        parts = {word for words in self.phrases for word in words}
        return parts | set(self.groups) | {word for words in self.roots for word in words}

    def correctable(self) -> set[str]:
        """Words that a typo may stand for; nobody types a code by mistake."""
        codes = {
            *self.vocabulary.alternatives,
            *self.vocabulary.regions,
            *self.vocabulary.segments,
        }
        parts = {word for words in self.phrases if words[0] not in codes for word in words}
        return parts | set(self.groups) | {word for words in self.roots for word in words}

    def places(self) -> set[str]:
        """Words of the names of regions alone."""
        regions, others = set[str](), set[str]()
        for words, (kind, _) in self.phrases.items():
            (regions if kind == "regions" else others).update(words)
        return regions - others


def build_index(vocabulary: Vocabulary) -> TargetIndex:
    index = TargetIndex(vocabulary=vocabulary)
    _sort_families(index)
    _add_families(index)
    _add_parameters(index)
    _add_personal(index)
    _add_alternatives(index)
    _add_terms(index, "regions", vocabulary.regions)
    _add_terms(index, "segments", vocabulary.segments)
    _add_both(index)
    _add_units(index)
    index.longest = max((len(words) for words in index.phrases), default=1)
    return index


def counted_in(variable: Variable) -> Phrase:
    """The noun of a unit: "contacts per week" counts contacts, an index its points."""
    if variable.unit.startswith(("%", "per ", "share")) or money_unit(variable.unit)[0]:
        return ()
    words = normalise(variable.unit.partition(" per ")[0].partition(",")[0])
    return ("index", "point") if words == ("index",) else () if words == ("1",) else words


def _add_units(index: TargetIndex) -> None:
    """What numbers of the project's own variables are counted in: "rating points", "contacts"."""
    for variable in index.vocabulary.variables:
        words = counted_in(variable)
        if words and has_own_words(variable):
            index.units.add(words)


def normalise(text: str) -> Phrase:
    plain = re.sub(r"'\w*", "", text.lower().replace("\u2019", "'"))
    cleaned = "".join(c if c.isalnum() else " " for c in plain)
    return tuple(singular(word) for word in cleaned.split())


def money_unit(unit: str) -> tuple[str, str]:
    """Split "USD/year" into ("USD", "year"); ("", "") when it is no money."""
    currency, _, period = unit.partition("/")
    return (currency.strip(), period.strip()) if currency.strip() in _MONEY else ("", "")


def _sort_families(index: TargetIndex) -> None:
    for name, family in index.vocabulary.families.items():
        currency, period = money_unit(family[1])
        if currency and period:
            index.recurring += (name,)
        elif currency:
            index.one_off += (name,)
        elif singular(family[1].lower()) in _CLOCK:
            index.timed += (name,)
        elif COST_WORDS.intersection(normalise(family[0])):
            index.one_off += (name,)


def _put(index: TargetIndex, text: str, kind: ItemKind, names: tuple[str, ...]) -> None:
    words = normalise(text)
    if not words or (kind == "families" and words in {(word,) for word in COST_WORDS}):
        return
    present = index.phrases.get(words)
    if present and present[0] == kind:
        names = tuple(dict.fromkeys((*present[1], *names)))
    index.phrases[words] = (kind, names)


def _add_families(index: TargetIndex) -> None:
    for group, general in ((index.one_off, _ONE_OFF), (index.recurring, _RECURRING)):
        if len(group) == 1:
            for text in general.split("|"):
                _put(index, text, "families", group)
    for name, family in index.vocabulary.families.items():
        own = {variable.label for variable in index.vocabulary.variables}
        for text in (name.replace("_", " "), family[0], *family[2]):
            if text not in own:
                words = normalise(text)
                index.phrases.pop(words, None)
                _put(index, text, "families", (name,))
        if name in index.one_off or name in index.recurring:
            _add_root(index, normalise(family[0]), "families", name)


def _add_root(index: TargetIndex, words: Phrase, kind: ItemKind, name: str) -> None:
    useful = tuple(
        root(word) for word in words if word not in COST_WORDS and word not in _GENERIC_PARAMETER
    )
    if useful and all(len(word) >= 4 for word in useful) and len(useful) <= 2:
        index.roots[useful] = (kind, (name,))


def _add_parameters(index: TargetIndex) -> None:
    for variable in index.vocabulary.variables:
        if variable.kind == "parameter":
            for text in (*_words_of(variable, index), *_words_beside(variable, index)):
                _put(index, text, "parameter", (variable.name,))
            _add_root(index, normalise(variable.name), "parameter", variable.name)


def _add_personal(index: TargetIndex) -> None:
    """What each persona has one of. Its words give way to those of a parameter, and to those that
    say something in every domain: “the campaign reaches more people” is no campaign's reach.
    """
    for variable in index.vocabulary.variables:
        if variable.kind == "parameter" or not has_own_words(variable):
            continue
        for text in _words_of(variable, index):
            words = normalise(text)
            if words not in index.phrases and words not in LEXICON:
                _put(index, text, "parameter", (variable.name,))


def _words_of(variable: Variable, index: TargetIndex) -> tuple[str, ...]:
    """The registry's own words, and everyday words that it lists nowhere else."""
    listed = {
        normalise(word)
        for other in index.vocabulary.variables
        if other.name != variable.name
        for word in other.synonyms
    }
    general = [word for word in SYNONYMS.get(variable.name, ()) if normalise(word) not in listed]
    return (variable.name.replace("_", " "), variable.label, *variable.synonyms, *general)


def _words_beside(variable: Variable, index: TargetIndex) -> tuple[str, ...]:
    """ "Appeal of the left", "left appeal": a family and the alternative it belongs to."""
    alternative = index.vocabulary.alternatives.get(variable.alternative or "")
    if alternative is None or variable.family == variable.name:
        return ()
    family = variable.family.replace("_", " ")
    labels = (variable.alternative or "", alternative[0], *alternative[1])
    forms = ("{1} {0}", "{1} party {0}", "{0} of {1}", "{0} of the {1}", "{0} of {1} party",
             "{0} of the {1} party", "{0} for {1}", "{0} for the {1}")  # fmt: skip
    return tuple(form.format(family, label) for label in labels for form in forms)


def _add_alternatives(index: TargetIndex) -> None:
    labels: dict[str, Phrase] = {}
    for name, alternative in index.vocabulary.alternatives.items():
        labels[name] = normalise(alternative[0])
        code = (name,) if normalise(name) not in LEXICON else ()
        for text in (*code, alternative[0], *alternative[1]):
            _put(index, text, "alternatives", (name,))
    for word in {word for words in labels.values() for word in words} - _CHOICE_NOUNS:
        holders = frozenset(name for name, words in labels.items() if word in words)
        if len(holders) > 1:
            index.groups[word] = holders


def _add_terms(
    index: TargetIndex,
    kind: ItemKind,
    terms: Mapping[str, tuple[str, tuple[str, ...]]],
) -> None:
    for name, term in terms.items():
        for text in (name.replace("_", " "), term[0], *term[1]):
            _put(index, text, kind, (name,))


def _add_both(index: TargetIndex) -> None:
    """ "Both coasts": the two regions whose names share a word."""
    labels = {name: set(normalise(term[0])) for name, term in index.vocabulary.regions.items()}
    for word in {word for words in labels.values() for word in words}:
        holders = tuple(name for name, words in labels.items() if word in words)
        if len(holders) == 2:
            for ahead in ("both", "both the", "the two"):
                _put(index, f"{ahead} {word}", "regions", holders)


def find_target(
    index: TargetIndex, tokens: list[Token], heads: list[Match | None], at: int
) -> Match | None:
    """Return the longest phrase of the vocabulary at a place; heads: `shared_heads(tokens)`."""
    words = [singular(token.text) for token in tokens[at : at + index.longest + 6]]
    matches = [
        match
        for match in (
            heads[at],
            _exact(index, words, at),
            _grouped(index, words, at),
            _everything(index, words, at),
            _rooted(index, tokens, at),
        )
        if match
    ]
    best = max(matches, key=lambda match: match.after, default=None)
    return _with_tail(index, tokens, best) if best else None


def _exact(index: TargetIndex, words: list[str], at: int) -> Match | None:
    for size in range(min(index.longest, len(words)), 0, -1):
        key = tuple(words[:size])
        if key in index.phrases:
            kind, names = index.phrases[key]
            return Match(kind=kind, names=names, after=at + size, words=key)
    return None


def _grouped(index: TargetIndex, words: list[str], at: int) -> Match | None:
    """Read "gas", "gas central", "room electric": the alternatives that all words share."""
    taken: list[str] = []
    for word in words:
        candidate = [*taken, word]
        if word not in index.groups or not _shared(index, candidate):
            break
        taken = candidate
    if not taken:
        return None
    names = _ordered(index, _shared(index, taken))
    return Match(
        kind="alternatives", names=names, after=at + len(taken), words=tuple(taken),
        bare=len(taken) == 1,
    )  # fmt: skip


def _shared(index: TargetIndex, words: Iterable[str]) -> frozenset[str]:
    sets = [index.groups[word] for word in words]
    return reduce(lambda left, right: left & right, sets)


def _ordered(index: TargetIndex, names: Iterable[str]) -> tuple[str, ...]:
    chosen = set(names)
    return tuple(name for name in index.vocabulary.alternatives if name in chosen)


def _everything(index: TargetIndex, words: list[str], at: int) -> Match | None:
    """Read "everything", "all systems", "every heating system"."""
    every = tuple(index.vocabulary.alternatives)
    if words[:1] == ["everything"]:
        return Match(kind="alternatives", names=every, after=at + 1, words=("everything",))
    if not words or words[0] not in _ALL:
        return None
    place = 1
    while place < len(words) and words[place] in (
        "of",
        "the",
        "other",
        "available",
        "new",
        "five",
        "four",
    ):
        if words[place] == "other":
            return None
        place += 1
    first = place
    while place < len(words) and words[place] in index.choice_nouns:
        place += 1
    if place == first or words[place - 1] not in _PLURAL_ALL:
        return None
    return Match(kind="alternatives", names=every, after=at + place, words=tuple(words[:place]))


def _rooted(index: TargetIndex, tokens: list[Token], at: int) -> Match | None:
    for size in (2, 1):
        words = tuple(root(singular(token.text)) for token in tokens[at : at + size])
        if len(words) == size and words in index.roots:
            kind, names = index.roots[words]
            plural = tokens[at].text.endswith("ions")
            return Match(
                kind=kind, names=names, after=at + size, words=words,
                note="plural" if plural else "",
            )  # fmt: skip
    return None


def shared_heads(index: TargetIndex, tokens: list[Token]) -> list[Match | None]:
    """Read at each place the first part of "low and middle income", "central and room gas".

    From the last place to the first: what a place shares is decided by what stands behind it.
    """
    heads: list[Match | None] = [None] * len(tokens)
    for at in range(len(tokens) - 1, -1, -1):
        heads[at] = _shared_head(index, tokens, heads, at)
    return heads


def _shared_head(
    index: TargetIndex, tokens: list[Token], heads: list[Match | None], at: int
) -> Match | None:
    for size in (1, 2):
        joint = at + size
        if joint >= len(tokens) or tokens[joint].text not in ("and", "or", ",", "&"):
            continue
        if (
            tokens[joint].text == ","
            and joint + 1 < len(tokens)
            and tokens[joint + 1].text == "and"
        ):
            joint += 1
        following = _multi_word(index, tokens, heads, joint + 1)
        if following is None:
            continue
        prefix = tuple(singular(token.text) for token in tokens[at:joint][:size])
        for tail in (following.words[-1:], following.words[1:]):
            phrase = index.phrases.get(prefix + tail)
            if phrase and phrase[0] == following.kind:
                return Match(kind=phrase[0], names=phrase[1], after=at + size, words=prefix + tail)
    return None


def _multi_word(
    index: TargetIndex, tokens: list[Token], heads: list[Match | None], at: int
) -> Match | None:
    if at >= len(tokens):
        return None
    words = [singular(token.text) for token in tokens[at : at + index.longest]]
    match = _exact(index, words, at)
    if match is None or len(match.words) < 2:
        match = heads[at]
    if match is None or match.kind not in ("alternatives", "segments", "regions"):
        return None
    return match if len(match.words) > 1 else None


def _with_tail(index: TargetIndex, tokens: list[Token], match: Match) -> Match:
    """Take the nouns that belong to a match: "gas systems", "running costs"."""
    after = match.after
    nouns = index.choice_nouns if match.kind == "alternatives" else frozenset[str]()
    if match.kind == "families" and match.strong:
        nouns = (COST_WORDS | {"fee", "charge", "bill"}) - {"pay", "paid", "paying"}
    while (
        after < len(tokens)
        and singular(tokens[after].text) in nouns
        and tokens[after].text != "one"
    ):
        bill = match.kind == "families" and singular(tokens[after].text) in ("bill", "fee")
        if not bill and _begins_longer(index, tokens, after):
            break
        after += 1
    return Match(
        kind=match.kind, names=match.names, after=after, words=match.words,
        bare=match.bare and after == match.after, strong=match.strong,
        note="" if after != match.after else match.note,
    )  # fmt: skip


def _begins_longer(index: TargetIndex, tokens: list[Token], at: int) -> bool:
    words = [singular(token.text) for token in tokens[at : at + index.longest]]
    exact = _exact(index, words, at)
    if exact is not None and exact.kind == "families":
        return True
    return _rooted(index, tokens, at) is not None
