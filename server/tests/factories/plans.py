"""What a decision maker may do for adoption, as a request names it."""

from typing import Any

ADVERTISE: dict[str, Any] = {
    "name": "advertise",
    "money": 50.0,
    "effects": [
        {"event_scripts": [{"variable": "advertising", "operation": "set", "value": 400.0}]}
    ],
}
DISCOUNT: dict[str, Any] = {
    "name": "discount",
    "money": 80.0,
    "effects": [{"event_scripts": [{"variable": "price", "operation": "multiply", "value": 0.5}]}],
}
