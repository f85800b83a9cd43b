"""A stored population is the population; a changed byte is noticed."""

from dataclasses import fields

import numpy as np
import pytest
from factories.populations import make_population

from agentverse import populations
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.scope import Scope
from agentverse.platform.storage import artifact_store
from agentverse.populations import repository, snapshots
from agentverse.populations.errors import PopulationNotFound, SnapshotDamaged


def stored_bytes(scope: Scope) -> bytes:
    population_id = make_population(scope)
    with tenant_session(scope, read_only=True) as db:
        key = snapshots.key_of(repository.get_population(db, population_id))
    return artifact_store().path(scope.tenant_id, key).read_bytes()


def test_snapshot_survives_storage_bit_for_bit(scope: Scope) -> None:
    data = stored_bytes(scope)
    snapshot = snapshots.decode(data)
    assert snapshots.encode(snapshot) == data
    assert len(snapshot.population) == 1_000
    assert snapshot.traits.keys() == {"agehed", "income", "rooms"}
    assert snapshot.regions[0].label == "Central Valley"


def test_snapshot_is_read_only(scope: Scope) -> None:
    snapshot = populations.load_snapshot(scope, make_population(scope))
    arrays = [
        snapshot.population.choice,
        snapshot.population.attributes["operating_cost.hp"],
        snapshot.network.indices,
        snapshot.traits["rooms"],
        snapshot.source_line,
    ]
    assert not any(array.flags.writeable for array in arrays)
    with pytest.raises(AttributeError):
        setattr(snapshot, fields(snapshot)[0].name, None)


def test_snapshot_is_kept_in_memory(scope: Scope) -> None:
    population_id = make_population(scope)
    with tenant_session(scope, read_only=True) as db:
        first = populations.load_snapshot(db, population_id)
    assert populations.load_snapshot(scope, population_id) is first


def test_snapshot_of_another_tenant_does_not_exist(scope: Scope, other_scope: Scope) -> None:
    population_id = make_population(scope)
    populations.load_snapshot(scope, population_id)
    with pytest.raises(PopulationNotFound):
        populations.load_snapshot(other_scope, population_id)


def test_changed_choice_is_noticed(scope: Scope) -> None:
    snapshot = snapshots.decode(stored_bytes(scope))
    forged = np.array(snapshot.population.choice)
    forged[0] = (forged[0] + 1) % 5
    data = snapshots.encode(snapshot).replace(
        snapshot.population.choice.tobytes(), forged.tobytes()
    )
    with pytest.raises(SnapshotDamaged, match="Import the file again"):
        snapshots.decode(data)


@pytest.mark.parametrize("cut", [0, 10, 5_000])
def test_cut_file_is_noticed(scope: Scope, cut: int) -> None:
    with pytest.raises(AgentVerseError) as raised:
        snapshots.decode(stored_bytes(scope)[:cut])
    assert raised.value.code == "snapshot_damaged"
