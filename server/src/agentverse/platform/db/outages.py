"""A database that is down, restarting or overrun is a 503 to try again, never a crash."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from agentverse.platform.errors import Unavailable


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    title = "The database cannot be reached right now"


@contextmanager
def outages_named() -> Generator[None]:
    """Turn lost, refused and missing connections into DatabaseUnavailable; pass the rest on."""
    try:
        yield
    except NoConnectionLeft as error:
        raise DatabaseUnavailable(
            "Too many requests use the database at this moment. Try again in a few seconds."
        ) from error
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
            raise DatabaseUnavailable(
                "Nothing was changed. Try again in a few seconds; if it goes on, whoever runs this "
                "server finds the reason in the database's log."
            ) from error
        raise
