"""Projects of every template over a file of its own kind: they start from the file."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID
from zlib import crc32

import pytest
from factories.universe import run_baseline
from fastapi.testclient import TestClient

from agentverse import populations
from agentverse.asks import compiling
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.populations import lifecycle
from agentverse.populations.schemas import ColumnMapping, ImportRequest, SynthesisOptions
from agentverse.runs import replaying
from agentverse.runs.errors import RoleInvalid
from agentverse.universe import graph, projects, role_offers
from agentverse.universe.schemas import Project, ProjectCreate

PARTIES = ("Harbour League", "Green List", "Old Union", "none")
# Of 12 rows in turn: their vote; each row stands for 1 to 3 people, of the first party for more.
TURN = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3)
WEIGHTS = [1 + crc32(f"w{row}".encode()) % 200 / (100 + 50 * (row % 12 > 4)) for row in range(600)]


def voters() -> str:
    """A survey of 600 voters with a vote, its parties' distances, a scale, money and states."""
    columns = ["vote", *(f"dist.{party}" for party in PARTIES)]
    columns += ["region", "leftright", "wt", "owns_pump", "infected", "income", "spending"]
    lines = [",".join(columns)]
    # In no order that a systematic draw could fall in step with.
    for row in sorted(range(600), key=lambda row: crc32(f"{row}".encode())):
        vote = TURN[row % len(TURN)]
        distances = [f"{(row * 7 + place * 3) % 11 / 2}" for place in range(4)]
        scale = 1 + (2 * vote + row // 12) % 7
        lines.append(
            ",".join(
                map(
                    str,
                    (
                        PARTIES[vote],
                        *distances,
                        ("north", "south")[row % 2],
                        scale,
                        WEIGHTS[row],
                        int(row % 4 == 0),
                        int(row % 10 == 0),
                        9_000 + 37 * row,
                        8_000 + 31 * row,
                    ),
                )
            )
        )
    return "\n".join(lines)


# Systematic draws of 2,000 people from 600 weighted rows: a row comes in up to once too often.
DRAWN = 0.006


def weighted(value: Callable[[int], float]) -> float:
    """The file's weighted mean of something about its rows."""
    told = sum(weight * value(row) for row, weight in enumerate(WEIGHTS))
    return told / sum(WEIGHTS)


KEPT = ["leftright", "owns_pump", "infected", "income", "spending"]


def make_voters(scope: Scope, folder: Path) -> UUID:
    file = folder / "voters.csv"
    file.write_text(voters())
    uploaded = populations.upload_population(scope, file, file_name="voters.csv", name="Voters")
    mapping = ColumnMapping.model_validate(
        {
            "choice_column": "vote",
            "alternatives": [{"value": party, "label": party} for party in PARTIES],
            "families": [
                {
                    "name": "distance",
                    "label": "distance",
                    "columns": {party: f"dist.{party}" for party in PARTIES},
                }
            ],
            "region": {"column": "region"},
            "traits": KEPT,
            "weight_column": "wt",
        }
    )
    with tenant_session(scope) as db:
        options = SynthesisOptions(personas=2000)
        populations.start_import(db, uploaded.id, ImportRequest(mapping=mapping, synthesis=options))
    run_queued_jobs()
    with tenant_session(scope, read_only=True) as db:
        found = lifecycle.get_detail(db, uploaded.id)
    assert found.status == "ready", found.problem
    return uploaded.id


@pytest.fixture
def people(scope: Scope, tmp_path: Path) -> UUID:
    return make_voters(scope, tmp_path)


def project_of(scope: Scope, people: UUID, template: str, **fields: object) -> Project:
    request = ProjectCreate.model_validate(
        {
            "name": template,
            "population_id": people,
            "domain_template": template,
            "horizon": 10,
            "replicates": 8,
            **fields,
        }
    )
    with tenant_session(scope) as db:
        return projects.create_project(db, request)


def first_rows(scope: Scope, project: Project) -> dict[str, list[float]]:
    """Median shares of the alternatives by tick, in the run that comes first."""
    run_baseline(scope, project)
    with tenant_session(scope, read_only=True) as db:
        seen = projects.get_project(db, project.id)
        runs = graph.node_detail(db, project.root_node_id).runs
    run = next(run for run in runs if run.variant == seen.headline)
    assert run.status == "succeeded", run.problem
    told = replaying.read_telemetry(scope, run.id, replaying.TelemetryQuery())
    return {
        one.alternative: [value or 0.0 for value in one.band.median]
        for one in told.series
        if one.segment is None and one.region is None
    }


def test_election_has_the_parties_of_the_file_and_stays_where_it_is(
    scope: Scope, people: UUID, client: TestClient, auth_headers: Callable[[], dict[str, str]]
) -> None:
    project = project_of(scope, people, "election")
    assert set(project.roles) == {"vote", "opinion"}, "their names leave no doubt"
    assert project.outcome_label == "Harbour League"
    rows = first_rows(scope, project)
    assert set(rows) == {"Harbour League", "Green List", "Old Union", "abstain"}
    for place, party in enumerate(("Harbour League", "Green List", "Old Union", "abstain")):
        share = weighted(lambda row, place=place: float(TURN[row % len(TURN)] == place))
        assert rows[party][0] == pytest.approx(share, abs=DRAWN)
        # Nothing was changed, so over its ten weeks the baseline stays where it began.
        assert sum(rows[party][1:]) / 10 == pytest.approx(rows[party][0], abs=0.003)
    with tenant_session(scope, read_only=True) as db:
        seen = projects.get_project(db, project.id)
    assert seen.notices == [], "so there is nothing to warn of"
    assert (seen.basis.kind, seen.calibration is not None) == ("mixed", True)
    assert seen.basis.from_file[0] == "opinion on the issue at the start (column leftright)"
    told = compiling.compile_question(
        scope, project.id, "What if the popularity of Green List rises by 0.5?"
    )
    assert [one.variable for one in told.wire.event_scripts] == ["appeal.Green List"], told.wire
    address = f"/api/v1/projects/{project.id}/variables"
    found = client.get(address, headers=auth_headers()).json()
    assert [item["label"] for item in found["alternatives"]][:2] == ["Harbour League", "Green List"]


def test_first_row_of_every_other_template_is_the_files_weighted_share(
    scope: Scope, people: UUID
) -> None:
    shares = {
        ("adoption", "has_it", "adopted"): weighted(lambda row: row % 4 == 0),
        ("contagion", "status", "infected"): weighted(lambda row: row % 10 == 0),
        ("opinion", "opinion", "for"): weighted(
            lambda row: (2 * TURN[row % 12] + row // 12) % 7 >= 4
        ),
    }
    for (template, role, alternative), share in shares.items():
        project = project_of(scope, people, template)
        assert list(project.roles) == [role], "its name leaves no doubt"
        assert first_rows(scope, project)[alternative][0] == pytest.approx(share, abs=DRAWN)
        assert project.basis.kind == "mixed"
        with tenant_session(scope, read_only=True) as db:
            found = projects.get_project(db, project.id).notices
        assert [one.kind for one in found] == ([] if template == "opinion" else ["start_drift"])
        assert all("What moves it is assumed: " in one.message for one in found)
    quarterly = {name: {"column": name, "times": 0.25} for name in ("income", "spending")}
    project = project_of(scope, people, "consumption", roles=quarterly)
    told = replaying.read_telemetry(
        scope, run_baseline(scope, project)[0], replaying.TelemetryQuery()
    )
    income = next(one for one in told.levels if one.name == "income" and one.segment is None)
    earned = weighted(lambda row: 9_000 + 37 * row) / 4
    assert income.band.median[0] == pytest.approx(earned, rel=0.01)
    assert told.basis.assumed[0] == "liquid wealth at the start"


WRONG = (
    ({"vote": {"column": "party"}}, "not among the kept columns"),
    ({"mood": {"column": "vote"}}, "takes only: vote, opinion"),
    ({"opinion": {"column": "leftright", "low": 1, "high": 1}}, "the same number"),
    (
        {"vote": {"column": "vote", "states": [{"value": "Harbour League", "state": "one"}]}},
        "at least two of its values",
    ),
    ({"vote": {"column": "income"}}, "cannot be read as"),
)


def test_offers_name_the_columns_and_what_cannot_be_taken_names_the_way_out(
    scope: Scope, people: UUID
) -> None:
    with tenant_session(scope, read_only=True) as db:
        vote, opinion = role_offers.offers(db, "election", people)
    assert (vote.suggested, vote.sure, opinion.suggested) == ("vote", True, "leftright")
    read = {column.name: column.mapping for column in vote.columns}
    assert {"vote", "region"} <= set(read)
    assert read["vote"] is not None
    assert [one.state for one in read["vote"].states] == [*PARTIES[:3], "abstain"]
    for roles, said in WRONG:
        with pytest.raises(RoleInvalid, match=said):
            project_of(scope, people, "election", roles=roles)
    project = project_of(scope, people, "election", roles={})
    assert (project.basis.kind, project.outcome_label) == ("assumptions", "left")
