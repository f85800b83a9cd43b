"""Sign up → import people → baseline → ask → compare → replay, by HTTP, with real jobs."""

import json
from base64 import b64decode

import numpy as np
import pytest
from factories import universe
from fastapi.testclient import TestClient

from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.populations.datasets import HEATING

QUESTION = "What if a subsidy cuts the installation cost of heat pumps by 30% from month 6?"
PUBLISHED = {
    "installation_cost": -0.00153315,
    "operating_cost": -0.00699637,
    "asc.ec": 1.65884,
    "asc.er": 1.85343,
    "asc.gc": 1.71098,
    "asc.gr": 0.30826,
}


class Visitor:
    """A person with a browser: signed in, sending JSON."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        answer = client.post(
            "/api/v1/auth/register",
            json={
                "email": "ada@example.org",
                "password": "a long enough passphrase",
                "full_name": "Ada",
                "organization_name": "Acme",
            },
        )
        assert answer.status_code == 201, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def get(self, path: str, **options: object) -> dict[str, object]:
        return self._ok("GET", path, **options)

    def post(self, path: str, **options: object) -> dict[str, object]:
        return self._ok("POST", path, **options)

    def _ok(self, method: str, path: str, **options: object) -> dict[str, object]:
        answer = self.client.request(
            method,
            f"/api/v1{path}",
            headers=self.headers,
            **options,  # type: ignore[arg-type]
        )
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
def visitor(client: TestClient) -> Visitor:
    return Visitor(client)


def import_households(visitor: Visitor, *, personas: int) -> str:
    with HEATING.path.open("rb") as file:
        uploaded = visitor.post("/populations", files={"file": ("heating.csv", file, "text/csv")})
    body = {
        "mapping": HEATING.mapping.model_dump(mode="json"),
        "synthesis": {"personas": personas, "seed": 20},
    }
    visitor.post(f"/populations/{uploaded['id']}/import", json=body)
    run_queued_jobs()
    found = visitor.get(f"/populations/{uploaded['id']}")
    assert found["status"] == "ready", found["problem"]
    return str(uploaded["id"])


def test_first_what_if(visitor: Visitor) -> None:
    assert len(universe.HANDLERS) > 1, "the doors register their handlers when imported"
    population_id = import_households(visitor, personas=5000)
    report = visitor.get(f"/populations/{population_id}/report")
    estimates = {item["name"]: item["estimate"] for item in report["estimation"]["coefficients"]}  # type: ignore[index]
    for name, published in PUBLISHED.items():
        assert estimates[name] == pytest.approx(published, rel=1e-3)
    assert report["import_report"]["rows_imported"] == 900  # type: ignore[index]

    project = visitor.post(
        "/projects", json={"name": "Heating", "population_id": population_id, "horizon": 24}
    )
    asked_too_early = visitor.client.post(
        f"/api/v1/projects/{project['id']}/ask",
        json={"question": QUESTION},
        headers=visitor.headers,
    )
    assert asked_too_early.json()["code"] == "baseline_missing"

    baseline = visitor.post(f"/nodes/{project['root_node_id']}/run")
    run_queued_jobs()
    shown = visitor.get(f"/projects/{project['id']}")
    assert shown["baseline_status"] == "explored"
    outcome = shown["baseline_outcome"]
    assert outcome["low"] <= outcome["median"] <= outcome["high"]  # type: ignore[index]
    assert len(outcome["dots"]) == 20  # type: ignore[index]

    accepted = visitor.client.post(
        f"/api/v1/projects/{project['id']}/ask",
        json={"question": QUESTION},
        headers=visitor.headers,
    )
    assert accepted.status_code == 202
    location = accepted.headers["location"]
    assert location == f"/api/v1/asks/{accepted.json()['id']}"
    run_queued_jobs()
    asked = visitor.client.get(location, headers={**visitor.headers, "Prefer": "wait=5"}).json()
    assert asked["status"] == "succeeded"
    assert asked["compilation"]["event_scripts"][0]["scope"]["start_tick"] == 6

    drawn = visitor.get("/nodes", params={"project_id": project["id"]})
    assert [node["kind"] for node in drawn["nodes"]] == ["root", "branch"]  # type: ignore[union-attr]
    assert drawn["edges"][0]["child_id"] == asked["node_id"]  # type: ignore[index]

    compared = visitor.get(f"/nodes/{project['root_node_id']}/compare/{asked['node_id']}")
    assert (compared["from_tick"], compared["to_tick"]) == (1, 24)
    # Changed in 19 of these 24 months.
    assert compared["closed_form"][-1]["difference"] == pytest.approx(0.031 * 19 / 24, abs=0.003)  # type: ignore[index]
    json.dumps(compared, allow_nan=False)

    replay_needs_no_job(visitor, asked["run_ids"][0], baseline["run_ids"][0])  # type: ignore[index]


def replay_needs_no_job(visitor: Visitor, branch_run: str, baseline_run: str) -> None:
    """Before the change the two worlds are the same, persona by persona; afterwards they part."""

    def choices(run_id: str, tick: int) -> np.ndarray:  # type: ignore[type-arg]
        frame = visitor.get(f"/runs/{run_id}/frames/{tick}")
        return np.frombuffer(b64decode(str(frame["choices_base64"])), np.uint8)

    telemetry = visitor.get(f"/runs/{branch_run}/telemetry", params={"metrics": "stock_share"})
    assert telemetry["events"][0]["personas"] == 5000  # type: ignore[index]
    assert np.array_equal(choices(branch_run, 5), choices(baseline_run, 5))
    assert not np.array_equal(choices(branch_run, 24), choices(baseline_run, 24))
    assert run_queued_jobs() == [], "replay started something"
