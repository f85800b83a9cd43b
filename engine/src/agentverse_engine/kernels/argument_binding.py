"""What a rule's argument means: each name resolved against a pack, once, with its way to code."""

from dataclasses import dataclass

from agentverse_engine.errors import RuleError
from agentverse_engine.packs.pack import Pack

SHARED_DRAWS = ("draw", "draw_2", "draw_3", "draw_4")
FINE_DRAWS = ("fine_draw", "fine_draw_2")
STATE_FREE = ("values", "utilities", "tick", "degree")
PEERS = ("peer_choice", "peer_level")
WEIGHTED = ("weighted_mean_level", "weighted_share")
# What a rule may read of an alternative, by the name before it.
ALTERNATIVE_KINDS = ("count", "share", "weighted_share", "population_count", "population_share")
MEETINGS = ("partner_choice", "partner_level", "met")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentBinding:
    """One argument. kind: what it is; column: which level, alternative, filter or table entry."""

    kind: str
    column: str = ""

    @property
    def state_free(self) -> bool:
        """Whether it is the same for all replicates with the same scripts in force."""
        return self.kind in ("parameter", "parameters", "attribute", "constant", *STATE_FREE)


def resolve(pack: Pack, owner: str, name: str) -> ArgumentBinding:
    """Return what an argument of a rule or filter reads; a RuleError lists what there is."""
    binding = (
        _plain(pack, name)
        or _variable(pack, name)
        or _level(pack, name)
        or _neighbours(pack, name)
        or _met(pack, name)
    )
    if binding is None:
        raise RuleError(
            f"reads '{name}', which this pack does not have.",
            field=f"{pack.name}.{owner}",
            fix=f"Use one of: {', '.join(readable(pack))}.",
        )
    return binding


def meets(pack: Pack) -> bool:
    """Return whether personas are matched in pairs: who meets whom depends on the neighbours of
    neighbours."""
    return not _kinds(pack).isdisjoint(MEETINGS)


def weighs(pack: Pack) -> bool:
    """Return whether a rule reads the weights of the network's edges."""
    return not _kinds(pack).isdisjoint(WEIGHTED)


def draws_peers(pack: Pack) -> bool:
    """Return whether a rule reads one neighbour that is drawn."""
    return not _kinds(pack).isdisjoint(PEERS)


def _kinds(pack: Pack) -> set[str]:
    owners = (*pack.rules, *pack.filters)
    return {resolve(pack, owner.name, name).kind for owner in owners for name in owner.reads()}


def readable(pack: Pack) -> tuple[str, ...]:
    """Return every name that a rule of this pack may read."""
    levels = [level.name for level in pack.levels]
    names = ["choice", "new_choice", "start_choice", "degree", "tick", "counts", "met"]
    names += [*SHARED_DRAWS, *FINE_DRAWS, "peer_choice", "partner_choice", "utilities"]
    for level in levels:
        names += [level, f"new_{level}", f"start_{level}", f"mean_{level}"]
        names += [f"peer_{level}", f"partner_{level}"]
        names += [f"weighted_mean_{level}", f"population_mean_{level}"]
    for item in pack.filters:
        names += [f"count_{item.name}", *(f"mean_{item.name}_{level}" for level in levels)]
    plain = [name for name in pack.alternatives if name.isidentifier()]
    names += [f"{what}_{name}" for name in plain for what in ALTERNATIVE_KINDS]
    names += ["values"] if pack.model is not None else []
    return (*names, *families(pack), *pack.parameters, *pack.attributes, *pack.constants)


def families(pack: Pack) -> dict[str, tuple[str, ...]]:
    """Return parameter families with one entry per alternative, such as advertising."""
    members_of = {
        name.split(".")[0]: tuple(f"{name.split('.')[0]}.{other}" for other in pack.alternatives)
        for name in pack.parameters
        if "." in name
    }
    return {
        name: members
        for name, members in members_of.items()
        if set(members) <= set(pack.parameters)
    }


def _plain(pack: Pack, name: str) -> ArgumentBinding | None:
    fixed = ("choice", "new_choice", "start_choice", "degree", "tick", "counts", "met")
    if name in (*fixed, "utilities", *SHARED_DRAWS, *FINE_DRAWS):
        return ArgumentBinding(kind=name)
    if name in ("peer_choice", "partner_choice", "their_choice"):
        return ArgumentBinding(kind=name)
    return ArgumentBinding(kind="values") if name == "values" and pack.model is not None else None


def _variable(pack: Pack, name: str) -> ArgumentBinding | None:
    if name in pack.constants:
        return ArgumentBinding(kind="constant", column=name)
    if name in pack.parameters:
        return ArgumentBinding(kind="parameter", column=name)
    if name in pack.attributes:
        return ArgumentBinding(kind="attribute", column=name)
    return ArgumentBinding(kind="parameters", column=name) if name in families(pack) else None


def _level(pack: Pack, name: str) -> ArgumentBinding | None:
    levels = [level.name for level in pack.levels]
    if name in levels:
        return ArgumentBinding(kind="level", column=name)
    for kind in ("new", "start", "mean", "weighted_mean", "population_mean"):
        column = name.removeprefix(f"{kind}_")
        if column != name and column in levels:
            return ArgumentBinding(kind=f"{kind}_level", column=column)
    return None


def _neighbours(pack: Pack, name: str) -> ArgumentBinding | None:
    for kind in ALTERNATIVE_KINDS:
        column = name.removeprefix(f"{kind}_")
        if column != name and column in pack.alternatives:
            return ArgumentBinding(kind=kind, column=column)
    for item in pack.filters:
        if name == f"count_{item.name}":
            return ArgumentBinding(kind="filter_count", column=item.name)
        column = name.removeprefix(f"mean_{item.name}_")
        if column != name and column in [level.name for level in pack.levels]:
            return ArgumentBinding(kind="filter_mean", column=f"{item.name}.{column}")
    return None


def _met(pack: Pack, name: str) -> ArgumentBinding | None:
    for kind in ("peer", "partner", "their"):
        column = name.removeprefix(f"{kind}_")
        if column != name and column in [level.name for level in pack.levels]:
            return ArgumentBinding(kind=f"{kind}_level", column=column)
    return None
