"""Every kind of task has a handler that tells its failure, and permissions that a role holds."""

from agentverse.entrypoints import api, worker
from agentverse.identity.roles import PERMISSIONS
from agentverse.platform.jobs.registry import handling, job_name
from agentverse.tasks import kinds

# Importing the doors declares the kinds and registers their handlers.
DOORS = (api, worker)
OF_OWNERS = {"privacy_export", "organization_deletion", "user_erasure"}
KINDS = {"import", "ask", "run", "plan", "hybrid"} | OF_OWNERS


def declared() -> dict[str, kinds.TaskKind]:
    return dict(kinds._kinds)  # pyright: ignore[reportPrivateUsage]


def test_kinds_are_the_known_ones() -> None:
    assert set(declared()) == KINDS


def test_every_kind_has_one_handler_that_tells_its_failure() -> None:
    for kind in declared().values():
        found = handling(job_name(kind.payload))
        assert found.payload_type is kind.payload
        assert found.on_failure is not None, kind.name


def test_payload_of_a_kind_holds_its_task_and_nothing_that_a_row_has() -> None:
    for kind in declared().values():
        assert set(kind.payload.model_fields) == {"task_id"}, kind.name


def test_permissions_of_a_kind_are_held_by_a_role() -> None:
    for kind in declared().values():
        if kind.name in OF_OWNERS:
            assert kind.read_permission in PERMISSIONS["owner"] - PERMISSIONS["admin"], kind.name
            assert kind.write_permission in PERMISSIONS["owner"] - PERMISSIONS["admin"], kind.name
            continue
        assert kind.read_permission in PERMISSIONS["viewer"], kind.name
        assert kind.write_permission in PERMISSIONS["analyst"] - PERMISSIONS["viewer"], kind.name
