"""Outcomes: one reader for every share and mean, whole runs and windows, files and old rows."""

from itertools import product
from typing import Any

import numpy as np
import psycopg
import pytest
from factories.universe import make_project, run_baseline
from fastapi.testclient import TestClient

from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.runs import launches, outcomes, replaying
from agentverse.runs.errors import OutcomeInvalid
from agentverse.runs.intervals import RunSeries
from agentverse.runs.outcomes import Outcome, values, values_of
from agentverse.runs.schemas import OutcomeKind
from agentverse.runs.summaries import read_summary
from agentverse.universe.schemas import Project
from agentverse_engine.results.trajectory import LevelScale

REPLICATES, HORIZON = 3, 5
SEGMENTS, REGIONS, ALTERNATIVES = ("poor", "rich"), ("north", "south"), ("a", "b", "c")
MOOD = LevelScale(name="mood", label="mood", unit="points", low=0, high=80, per_unit=8)


@pytest.fixture
def series() -> RunSeries:
    draw = np.random.default_rng(11)
    shape = (REPLICATES, HORIZON + 1, len(SEGMENTS), len(REGIONS))
    return RunSeries(
        alternatives=ALTERNATIVES,
        segments=SEGMENTS,
        regions=REGIONS,
        installs=draw.integers(1, 9, (*shape, len(ALTERNATIVES)), dtype=np.int32),
        stock=draw.integers(1, 90, (*shape, len(ALTERNATIVES)), dtype=np.int32),
        levels=(MOOD,),
        level_sums=draw.integers(1, 900, (*shape, 1)),
    )


def by_hand(series: RunSeries, outcome: Outcome) -> list[float]:
    """The definition, count by count."""
    found: list[float] = []
    for replicate in range(REPLICATES):
        above = below = 0.0
        flow = outcome.kind == "flow_share"
        for tick in range(outcome.first_tick if flow else outcome.last_tick, outcome.last_tick + 1):
            for (s, segment), (r, region) in product(enumerate(SEGMENTS), enumerate(REGIONS)):
                if segment not in (outcome.segments or SEGMENTS):
                    continue
                if region not in (outcome.regions or REGIONS):
                    continue
                cell = (replicate, tick, s, r)
                counts = (series.installs if flow else series.stock)[cell]
                if outcome.kind == "level_mean":
                    above += series.level_sums[cell][0] / MOOD.per_unit
                else:
                    above += counts[ALTERNATIVES.index(outcome.of)]
                below += counts.sum()
        found.append(above / below)
    return found


GROUPS = tuple(
    product(((), *((name,) for name in SEGMENTS), SEGMENTS), ((), *((name,) for name in REGIONS)))
)
SUBJECTS: tuple[tuple[OutcomeKind, str], ...] = (
    ("flow_share", "b"),
    ("stock_share", "c"),
    ("level_mean", "mood"),
)


@pytest.mark.parametrize(
    ("subject", "group", "window"), list(product(SUBJECTS, GROUPS, ((1, HORIZON), (2, 4), (3, 3))))
)
def test_values_are_those_of_the_definition(
    series: RunSeries, subject: Any, group: Any, window: tuple[int, int]
) -> None:
    outcome = Outcome(
        kind=subject[0],
        of=subject[1],
        segments=group[0],
        regions=group[1],
        first_tick=window[0],
        last_tick=window[1],
    )
    assert values(series, outcome).tolist() == pytest.approx(by_hand(series, outcome), rel=1e-12)


def test_values_of_several_are_those_of_each(series: RunSeries) -> None:
    subjects: list[tuple[OutcomeKind, str]] = [*SUBJECTS, ("flow_share", "a")]
    asked = [
        Outcome(kind=kind, of=of, segments=segments, first_tick=2, last_tick=4)
        for kind, of in subjects
        for segments in ((), ("rich",))
    ]
    together = values_of(series, asked)
    assert together.tolist() == [values(series, one).tolist() for one in asked]


def test_replicate_in_which_nobody_chose_has_no_value(series: RunSeries) -> None:
    series.installs[1] = 0
    outcome = Outcome(kind="flow_share", of="a", first_tick=1, last_tick=HORIZON)
    assert np.isnan(values(series, outcome)).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last_tick": HORIZON + 1}, "last_tick"),
        ({"first_tick": 0}, "first_tick"),
        ({"first_tick": 4, "last_tick": 3}, "first_tick"),
        ({"segments": ("rich", "clergy")}, "segment"),
        ({"regions": ("west",)}, "region"),
        ({"of": "mood"}, "alternative"),
        ({"kind": "level_mean", "of": "opinion"}, "level"),
    ],
)
def test_what_a_run_does_not_have_is_named_by_field(
    series: RunSeries, changes: dict[str, Any], field: str
) -> None:
    fitting: dict[str, Any] = {"kind": "flow_share", "of": "a", "first_tick": 1, "last_tick": 3}
    with pytest.raises(OutcomeInvalid) as refused:
        values(series, Outcome(**{**fitting, **changes}))
    assert [error.field for error in refused.value.errors] == [field]


# --- rows and files ------------------------------------------------------------------------------


def explored(scope: Scope, project: Project) -> launches.Launch:
    with tenant_session(scope, read_only=True) as db:
        return launches.latest(db, project.root_node_id)


def test_summary_of_a_row_holds_what_the_file_says(scope: Scope) -> None:
    project = make_project(scope, domain_template="opinion", parameters={})
    run_baseline(scope, project)
    launch = explored(scope, project)
    for variant in ("with_social_rules", "without_social_rules"):
        summary = launch.summary(variant)
        assert summary is not None
        file = replaying.read_series(scope, launch.run(variant).id)
        asked = [
            Outcome(kind=kind, of=of, first_tick=1, last_tick=project.horizon)
            for kind in summary.stored
            for of in summary.names(kind)
        ]
        assert {one.kind for one in asked} == {"stock_share", "level_mean"}
        assert values_of(summary, asked).tolist() == values_of(file, asked).tolist()


def test_summary_has_neither_groups_nor_windows() -> None:
    summary = read_summary({"to_tick": 6, "shares": {"flow_share": {"hp": [0.5]}}, "levels": {}})
    for changes, field in (({"segments": ("rich",)}, "segment"), ({"last_tick": 5}, "first_tick")):
        asked: dict[str, Any] = {"first_tick": 1, "last_tick": 6, **changes}
        with pytest.raises(OutcomeInvalid) as refused:
            values(summary, Outcome(kind="flow_share", of="hp", **asked))
        assert [error.field for error in refused.value.errors] == [field]


def test_rows_written_before_outcomes_had_names_are_read_as_before(
    scope: Scope, owner: psycopg.Connection, client: TestClient, auth_headers: Any
) -> None:
    project = make_project(scope)
    run_baseline(scope, project)
    headers = auth_headers("viewer")
    before = client.get(f"/api/v1/projects/{project.id}", headers=headers).json()
    assert before["baseline_outcome"]["metric"] == "flow_share"
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
    renamed = owner.execute(
        """
        UPDATE runs SET summary = jsonb_set(
            summary, '{shares}', jsonb_build_object(
                'new_installations', summary -> 'shares' -> 'flow_share',
                'stock', summary -> 'shares' -> 'stock_share')) - 'levels'
        """
    )
    assert renamed.rowcount == 2
    assert client.get(f"/api/v1/projects/{project.id}", headers=headers).json() == before
    launch = explored(scope, project)
    assert outcomes.listed_strip(launch, "hp", "stock_share", "without_social_rules") is not None
