"""Money that others pay: "give households $1000 towards a heat pump", "an extra $200"."""

from dataclasses import replace

from agentverse.compiler.clauses import Clause, Problem
from agentverse.compiler.items import Item

_GIVES = frozenset(
    {"give", "gives", "gave", "given", "giving", "grant", "grants", "granted", "granting"}
    | {"offer", "offers", "offered", "offering", "provide", "provides", "provided", "providing"}
    | {"hand", "hands", "handed", "handing"}
)
_RECEIVES = frozenset({"get", "gets", "got", "receive", "receives", "received", "receiving"})
_PAYS = frozenset({"pay", "pays", "paid", "paying"})
_PAYERS = frozenset({"we", "government", "state", "city", "council", "utility", "ministry"})
_EXTRA = frozenset({"extra", "additional", "more", "further"})
_KINDS = ("percent", "fraction", "money")


def read_subsidy(clause: Clause) -> None:
    """Take money that somebody gives as a subsidy, and "extra" beside it as on top of others."""
    amount = clause.amount.amount if clause.amount else None
    if amount is None or amount.kind not in _KINDS or amount.sign or clause.parameters:
        return
    _drop_extra_beside_off(clause)
    if clause.instrument:
        if _only_extra(clause) and _extra_before_amount(clause, clause.amount):
            clause.directions, clause.again = [], True
        return
    if clause.amount and clause.amount.note == "free":
        return
    if _gets_less(clause):
        clause.problem = clause.problem or Problem(
            code="policy_level",
            message="Say how the cost itself changes, not how much more or less is received.",
        )
    if _is_sold_at(clause) or clause.has("to", "floor", "cap", "base") or not _undirected(clause):
        return
    giver = _giver(clause)
    if giver:
        clause.again = clause.again or bool(clause.directions)
        clause.directions = []
        clause.instrument = replace(giver, kind="instrument", sign=-1)
        clause.cost_word = clause.cost_word and not _only_pays(clause)
        clause.assumptions.append(f'read "{giver.text.lower()}" as a subsidy')


def _drop_extra_beside_off(clause: Clause) -> None:
    """ "An extra 10 % off" says one direction, and that it comes on top."""
    words = [d.text.lower() for d in clause.directions]
    if "off" in words and {"extra", "additional", "further"} & set(words):
        clause.directions = [d for d in clause.directions if d.text.lower() not in _EXTRA]
        clause.again = True


def _undirected(clause: Clause) -> bool:
    return not clause.directions or _only_extra(clause)


def _only_extra(clause: Clause) -> bool:
    return bool(clause.directions) and all(d.text.lower() in _EXTRA for d in clause.directions)


def _extra_before_amount(clause: Clause, amount: Item | None) -> bool:
    """Tell "an additional $200 rebate" from "a rebate that is $200 more"."""
    return amount is not None and all(
        d.first < amount.first and d.text.lower() in ("extra", "additional", "further")
        for d in clause.directions
    )


def _gets_less(clause: Clause) -> bool:
    """ "Households receive $300 less" speaks of a payment, not of a cost."""
    receives = any(item.text.lower() in _RECEIVES - {"get"} for item in clause.segment.items)
    vague = any(d.text.lower() in ("less", "more", "fewer") for d in clause.directions)
    priced = clause.cost_word or clause.families
    return receives and vague and not priced and clause.has("people", "segments", "everyone")


def _is_sold_at(clause: Clause) -> bool:
    """ "Offer heat pumps at $800" says a price."""
    priced = any(
        item.kind == "cost_word" and item.text.lower() not in _PAYS for item in clause.segment.items
    )
    amount = clause.amount.amount if clause.amount else None
    return clause.has("at") or (priced and amount is not None and amount.kind == "money")


def _giver(clause: Clause) -> Item | None:
    items = clause.segment.items
    towards = any(i.kind == "preposition" and i.text.lower().startswith("toward") for i in items)
    people = clause.has("people", "segments", "everyone", "complement", "regions")
    amount = clause.amount.amount if clause.amount else None
    for item in items:
        word = item.text.lower().split()[0] if item.text else ""
        if item.kind in ("intro_verb", "filler") and word in _GIVES | _RECEIVES:
            given = word in _GIVES or people or towards
            if given and amount and amount.kind == "money" and clause.amount:
                return item
        if (
            item.kind == "cost_word"
            and word in _PAYS
            and not (amount and amount.per)
            and _is_payer(clause, item)
        ):
            return item
    return next((i for i in items if towards and i.text.lower().startswith("toward")), None)


def _is_payer(clause: Clause, pay: Item) -> bool:
    """ "We pay half" is a subsidy; "households pay half" and "we pay only half" are prices."""
    before = [i for i in clause.segment.items if i.last <= pay.first]
    words = {word for i in before for word in i.text.lower().split()}
    after = {i.text.lower() for i in clause.segment.items if i.first >= pay.last}
    if any(i.kind in ("people", "segments", "everyone") for i in before) or "only" in after:
        return False
    return bool(words & _PAYERS)


def _only_pays(clause: Clause) -> bool:
    return all(
        item.text.lower() in _PAYS for item in clause.segment.items if item.kind == "cost_word"
    )


def stack_extras(clauses: list[Clause]) -> None:
    """Read "an extra $200" after a subsidy as more of it; alone it says no direction."""
    for place, clause in enumerate(clauses):
        amount = clause.amount.amount if clause.amount else None
        bare = not (clause.families or clause.cost_word or clause.instrument or clause.parameters)
        if amount is None or amount.kind != "money" or not bare or not _only_extra(clause):
            continue
        source = next((c for c in reversed(clauses[:place]) if c.instrument), None)
        if source and source.instrument and source.instrument.sign < 0:
            clause.instrument, clause.directions, clause.again = source.instrument, [], True
        elif any(d.text.lower() in ("extra", "additional", "further") for d in clause.directions):
            clause.problem = clause.problem or Problem(
                code="direction_missing",
                message=f'Say whether "{clause.segment.text}" is a subsidy or a higher cost.',
            )
