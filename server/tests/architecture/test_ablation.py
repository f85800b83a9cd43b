"""Take one ring away and the suite goes red: each time a process of its own runs the real tests.

The suite takes one of each kind away; `make test-long` every policy and every composite key.
"""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from factories.ablation import VARIABLE

TESTS = Path(__file__).resolve().parents[1]
RINGS = TESTS / "platform" / "test_session.py"
CATALOGUE = TESTS / "architecture" / "test_catalogue.py"
MATRIX = TESTS / "architecture" / "test_tenancy_matrix.py"
VIEWER = f"{MATRIX}::test_viewer_may_read_everything_and_write_nothing"

COMPOSITE_KEYS = """
SELECT c.conrelid::regclass::text, c.conname FROM pg_constraint c
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND c.conparentid = 0
AND array_length(c.conkey, 1) = 2
ORDER BY 1, 2
"""
POLICIES = """
SELECT tablename FROM pg_policies
WHERE schemaname = 'public' AND permissive = 'RESTRICTIVE' ORDER BY 1
"""


def run_without(ring: str, *tests: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", *map(str, tests), "-q", "-x", "-n", "0"],
        cwd=TESTS.parents[1],
        env={**os.environ, VARIABLE: ring},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("ring", "tests", "found_by"),
    [
        ("policy:organizations", RINGS, "test_row_security_alone"),
        ("criterion", RINGS, "without_row_security_still_sees_one_tenant"),
        (
            "key:memberships:fk_memberships_tenant_id_user_id",
            RINGS,
            "test_keys_alone_refuse_a_cross_tenant_reference",
        ),
        ("permission", VIEWER, "test_viewer_may_read_everything"),
        pytest.param("policy:projects", CATALOGUE, "restrictive_policy", marks=pytest.mark.long),
        pytest.param("force:runs", CATALOGUE, "forces_row_security", marks=pytest.mark.long),
        pytest.param("stamp", RINGS, "without_row_security_is_refused", marks=pytest.mark.long),
    ],
)
def test_without_one_ring_the_suite_goes_red(ring: str, tests: Path | str, found_by: str) -> None:
    done = run_without(ring, tests)
    assert done.returncode == 1, done.stdout + done.stderr
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert failed, done.stdout
    assert found_by in failed[0]


@pytest.mark.long
def test_without_any_policy_or_composite_key_the_suite_goes_red(
    owner: psycopg.Connection,
) -> None:
    rings = [f"policy:{table}" for (table,) in owner.execute(POLICIES).fetchall()]
    rings += [f"key:{table}:{name}" for table, name in owner.execute(COMPOSITE_KEYS).fetchall()]
    assert len(rings) > 40
    green = [ring for ring in rings if run_without(ring, CATALOGUE).returncode != 1]
    assert green == []
