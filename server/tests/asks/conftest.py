"""A model on loopback that reads this tenant's questions."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from factories.llm import make_model
from factories.model_server import Behaviour, ModelServer, closed_port, model_server
from pytest_socket import enable_socket, socket_allow_hosts

from agentverse import llm
from agentverse.asks import model_reading
from agentverse.llm.models import ProfileOverrideRow
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope

ModelReads = Callable[..., ModelServer]


@pytest.fixture
def model_reads(scope: Scope) -> Iterator[ModelReads]:
    """`model_reads(reply, …)`: the tenant's reading profile asks a server that replies so in turn;
    without a reply, one that is not there."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    with ExitStack() as servers:

        def start(*replies: Behaviour, **settings: Any) -> ModelServer:
            server = (
                servers.enter_context(model_server(*replies))
                if replies
                else ModelServer(base_url=closed_port())
            )
            model = make_model(server.base_url)
            row = ProfileOverrideRow(
                id=new_id(),
                profile_key=model_reading.PROFILE,
                project="",
                version=1,
                settings={"model": model, "max_tokens": 500, "max_retries": 0, **settings},
            )
            with tenant_session(scope) as db:
                db.add(row)
            return server

        yield start
        llm.close()
    socket_allow_hosts(None, allow_unix_socket=True)
