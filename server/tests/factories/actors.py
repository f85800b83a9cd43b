"""A regulator and an advertiser among people who may adopt something, as a request names them."""

from typing import Any

from agentverse.platform.scope import Scope
from agentverse.universe.schemas import Project
from factories.universe import make_project

SUBSIDISE: dict[str, Any] = {
    "name": "subsidise",
    "preconditions": [{"quantity": "adopted", "comparison": "<", "value": 0.5}],
    "effects": [
        {
            "changes": [{"variable": "patience", "operation": "add", "value": -1.0}],
            "event_scripts": [
                {
                    "variable": "price",
                    "operation": "multiply",
                    "value": 0.5,
                    "scope": {"end_tick": 1},
                }
            ],
        }
    ],
    "money": 5.0,
    "cooldown_ticks": 2,
    "most_uses": 9,
}
REGULATOR: dict[str, Any] = {
    "name": "regulator",
    "actions": [SUBSIDISE],
    "budget": 10.0,
    "variables": [{"name": "patience", "start": 3.0, "minimum": 0.0, "maximum": 3.0}],
}
ADVERTISER: dict[str, Any] = {
    "name": "firm",
    "actions": [
        {
            "name": "advertise",
            "effects": [
                {"event_scripts": [{"variable": "advertising", "operation": "set", "value": 400.0}]}
            ],
            "preconditions": [{"quantity": "young", "comparison": ">=", "value": 0.0}],
        }
    ],
    "policy": "first_open",
    "first_tick": 3,
}
YOUNG: dict[str, Any] = {
    "name": "young",
    "outcome": {"kind": "stock_share", "of": "adopted"},
}
REQUEST: dict[str, Any] = {"actors": [REGULATOR, ADVERTISER], "signals": [YOUNG]}


def adoption(scope: Scope) -> Project:
    """300 people over 6 ticks, in 8 replicates."""
    return make_project(
        scope, personas=300, horizon=6, parameters={"imitation": 0.8}, domain_template="adoption"
    )
