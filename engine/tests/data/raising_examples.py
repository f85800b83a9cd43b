"""What test_docstrings.py has to find: functions that raise, and say so or not. Never imported."""

from agentverse_engine.errors import NetworkError, RequestError
from agentverse_engine.numerics.number_checks import at_least


def raises() -> None:
    raise RequestError("x", field="x", fix="x")


def calls_private() -> None:
    _check()


def calls_a_check(count: int) -> None:
    at_least("count", count, 1)


def hands_over(check: object) -> None:
    check(RequestError)  # type: ignore[operator]


def raises_what_is_made() -> None:
    raise _made()


def raises_another() -> None:
    raise ValueError


def only_calls_public() -> None:
    raises()


class Value:
    def __post_init__(self) -> None:
        _check()

    def method(self) -> None:
        self._private()

    def _private(self) -> None:
        raise NetworkError("x", field="x", fix="x")


def _check() -> None:
    raise RequestError("x", field="x", fix="x")


def _made() -> NetworkError:
    return NetworkError("x", field="x", fix="x")
