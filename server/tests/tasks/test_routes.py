"""The HTTP door of tasks: lists by kind, status, subject and person; wait, cancel, events."""

import json
from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from factories.identity import Member, add_member, bearer
from factories.tasks import DoSample, audited, enter, task_of
from fastapi.testclient import TestClient

from agentverse import tasks
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import Conflict
from agentverse.platform.ids import new_id
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.tasks import TaskKind, handling, kinds, lifecycle
from agentverse.tasks.lifecycle import Attempt

Headers = Callable[[str], dict[str, str]]


@pytest.fixture
def forbidden(kind: TaskKind) -> TaskKind:
    """A kind that nobody's role may read."""

    class DoForbidden(DoSample): ...

    return tasks.declare(
        TaskKind(
            name="forbidden",
            subject_type="secret",
            noun="secret",
            payload=DoForbidden,
            read_permission="secrets:read",
            write_permission="secrets:write",
        )
    )


def succeed(_attempt: Attempt) -> tasks.Store:
    def nothing(_db: TenantSession) -> None: ...

    return nothing


def listed(client: TestClient, headers: dict[str, str], **query: Any) -> list[str]:
    answer = client.get("/api/v1/tasks", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [task["id"] for task in answer.json()["items"]]


def test_task_says_what_it_is_for_how_far_it_is_and_whether_it_can_be_cancelled(
    client: TestClient, member: Member, kind: TaskKind
) -> None:
    subject_id, project_id = new_id(), new_id()
    task_id = enter(
        member.scope, kind, subject_id=subject_id, project_id=project_id, total=36, label="queued"
    )
    shown = client.get(f"/api/v1/tasks/{task_id}", headers=bearer(member)).json()
    assert shown["subject"] == {"type": "sample", "id": str(subject_id), "title": "A"}
    assert shown["progress"] == {"done": 0, "total": 36, "label": "queued"}
    assert (shown["kind"], shown["status"], shown["project_id"]) == (
        "sample",
        "queued",
        str(project_id),
    )
    assert (shown["may_cancel"], shown["mine"]) == (True, True)
    viewer = bearer(add_member(member, "viewer"))
    seen = client.get(f"/api/v1/tasks/{task_id}", headers=viewer).json()
    assert (seen["may_cancel"], seen["mine"]) == (False, False)


def test_list_is_filtered_by_status_subject_and_person_newest_first(
    client: TestClient, member: Member, kind: TaskKind
) -> None:
    colleague = add_member(member, "analyst")
    subject_id = new_id()
    first = enter(member.scope, kind, subject_id=subject_id)
    second = enter(colleague.scope, kind)
    third = enter(member.scope, kind)
    handling.work(member.scope, first, succeed)
    headers = bearer(member)
    everything = [str(third), str(second), str(first)]
    assert listed(client, headers) == everything
    assert listed(client, headers, status=["queued", "running"]) == everything[:2]
    assert listed(client, headers, status="succeeded") == [str(first)]
    assert listed(client, headers, subject_id=str(subject_id)) == [str(first)]
    assert listed(client, headers, mine=True) == [str(third), str(first)]
    assert listed(client, bearer(colleague), mine=True, kind="sample") == [str(second)]


def test_list_comes_in_pages(client: TestClient, member: Member, kind: TaskKind) -> None:
    entered = [str(enter(member.scope, kind)) for _ in range(5)]
    headers, found, cursor = bearer(member), list[str](), None
    while True:
        query = {"limit": 2, **({} if cursor is None else {"cursor": cursor})}
        page = client.get("/api/v1/tasks", params=query, headers=headers).json()
        found += [task["id"] for task in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == entered[::-1]


def test_kinds_that_the_caller_may_not_read_do_not_exist(
    client: TestClient, member: Member, kind: TaskKind, forbidden: TaskKind
) -> None:
    shown, hidden = enter(member.scope, kind), enter(member.scope, forbidden)
    headers = bearer(member)
    assert listed(client, headers) == [str(shown)]
    assert listed(client, headers, kind="forbidden") == []
    for method, path in (("GET", ""), ("POST", "/cancel"), ("GET", "/events")):
        answer = client.request(method, f"/api/v1/tasks/{hidden}{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "task_not_found")


def test_kind_that_does_not_exist_is_named(
    client: TestClient, member: Member, kind: TaskKind
) -> None:
    answer = client.get("/api/v1/tasks", params={"kind": "wish"}, headers=bearer(member))
    assert (answer.status_code, answer.json()["code"]) == (422, "task_kind_unknown")
    assert answer.json()["errors"] == [{"field": "kind", "message": "is no kind of task"}]
    assert all(name in answer.json()["detail"] for name in kinds._kinds)  # pyright: ignore[reportPrivateUsage]


def test_cancel_needs_the_write_permission_of_the_kind(
    client: TestClient, member: Member, kind: TaskKind
) -> None:
    subject_id = new_id()
    task_id = enter(member.scope, kind, subject_id=subject_id)
    url = f"/api/v1/tasks/{task_id}/cancel"
    refused = client.post(url, headers=bearer(add_member(member, "viewer")))
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    assert refused.json()["permission"] == "runs:write"
    accepted = client.post(url, headers=bearer(add_member(member, "analyst")))
    assert (accepted.status_code, accepted.json()["status"]) == (202, "cancelled")
    again = client.post(url, headers=bearer(member))
    assert (again.status_code, again.json()["code"]) == (409, "task_already_finished")
    assert audited(member.scope, subject_id).count("sample.cancel") == 1


def test_task_of_another_tenant_is_the_404_of_one_that_never_was(
    client: TestClient, member: Member, other_headers: dict[str, str], kind: TaskKind
) -> None:
    task_id = enter(member.scope, kind)
    headers = {**other_headers, "X-Request-ID": "the-same"}
    for method, path in (("GET", ""), ("POST", "/cancel"), ("GET", "/events")):
        foreign = client.request(method, f"/api/v1/tasks/{task_id}{path}", headers=headers)
        missing = client.request(method, f"/api/v1/tasks/{new_id()}{path}", headers=headers)
        assert foreign.status_code == 404
        assert foreign.content == missing.content
    assert listed(client, other_headers) == []
    assert task_of(member.scope, task_id).status == "queued"


def test_get_with_prefer_wait_answers_when_the_task_has_ended(
    client: TestClient, auth_headers: Headers, scope: Scope, kind: TaskKind
) -> None:
    task_id = enter(scope, kind)

    def refuse(_attempt: Attempt) -> tasks.Store:
        raise Conflict("It cannot be done.")

    tasks.handles(kind)(refuse)
    worker = Thread(target=run_queued_jobs)
    worker.start()
    headers = {**auth_headers("viewer"), "Prefer": "wait=60"}
    shown = client.get(f"/api/v1/tasks/{task_id}", headers=headers).json()
    worker.join()
    assert shown["status"] == "failed"
    assert shown["problem"]["detail"] == "It cannot be done."


def test_events_tell_each_change_and_end_with_the_task(
    client: TestClient, auth_headers: Headers, scope: Scope, kind: TaskKind
) -> None:
    task_id = enter(scope, kind)
    attempt = lifecycle.claim(scope, task_id)
    assert attempt is not None

    def first_event(event: dict[str, Any]) -> None:
        assert event["status"] == "running"
        lifecycle.fail(scope, task_id, Conflict("It cannot be done."))

    events = _events(client, task_id, auth_headers("viewer"), first_event)
    assert [event["status"] for event in events] == ["running", "failed"]


def _events(
    client: TestClient, task_id: UUID, headers: dict[str, str], on_first: Callable[[Any], None]
) -> list[dict[str, Any]]:
    """The test client gives a stream only when it has ended, so the first state is read apart."""
    shown = client.get(f"/api/v1/tasks/{task_id}", headers=headers).json()
    ending = Thread(target=on_first, args=(shown,))
    with client.stream("GET", f"/api/v1/tasks/{task_id}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        ending.start()
        lines = [line.removeprefix("data: ") for line in stream.iter_lines() if "data: " in line]
    ending.join()
    return [json.loads(line) for line in lines]
