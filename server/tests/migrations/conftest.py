"""A database of its own for each test that migrates one up and down."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from agentverse.platform.db import database_roles
from agentverse.platform.db.embedded import Cluster
from agentverse.platform.db.engines import DatabaseUrls

NAME = "agentverse_older"


@pytest.fixture
def urls(cluster: Cluster) -> Iterator[DatabaseUrls]:
    """A database of its own, beside the one of all other tests."""
    owner = sql.Identifier(cluster.owner_url.username or "")
    superuser = database_roles.conninfo(cluster.superuser_url)
    named = sql.Identifier(NAME)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(named, owner))
        yield DatabaseUrls(
            owner=cluster.owner_url.set(database=NAME),
            logins={role: url.set(database=NAME) for role, url in cluster.logins.items()},
        )
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(named))
