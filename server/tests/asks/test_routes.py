"""The HTTP door of questions: what one tenant's compiling may take from another's."""

import asyncio
from contextlib import suppress
from uuid import uuid4

from factories.identity import Member, bearer
from fastapi.testclient import TestClient

from agentverse.platform.http.places import compiling_places

QUESTION = {"question": "Installation cost of heat pumps down 15%"}


def test_compile_of_a_tenant_takes_one_place_and_leaves_the_others_theirs(
    client: TestClient, member: Member, other_member: Member
) -> None:
    path = f"/api/v1/projects/{uuid4()}/compile"
    sender = str(member.tenant_id)

    async def hold() -> None:
        async with compiling_places.hold(sender):
            await asyncio.Event().wait()

    async def flood() -> list["asyncio.Task[None]"]:
        tasks = [asyncio.ensure_future(hold()) for _ in range(21)]
        await asyncio.sleep(0)
        return tasks

    async def end(tasks: list["asyncio.Task[None]"]) -> None:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    assert client.portal is not None
    tasks = client.portal.call(flood)
    try:
        refused = client.post(path, json=QUESTION, headers=bearer(member))
        other = client.post(path, json=QUESTION, headers=bearer(other_member))
    finally:
        client.portal.call(end, tasks)
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert int(refused.headers["Retry-After"]) > 0
    assert other.status_code == 404
    assert client.post(path, json=QUESTION, headers=bearer(member)).status_code == 404
