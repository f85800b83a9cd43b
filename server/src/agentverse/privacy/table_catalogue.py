"""Every table with rows of tenants: what it holds, whose a row is, and what its deletion leaves.

Exports and deletions follow it; a table that is missing here turns a test red.
"""

from dataclasses import dataclass
from typing import Final, Literal

# How a row names a user: their id, or the actor's text `user:<id>`.
UserColumn = Literal["id", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEntry:
    """holds: for people. users: columns that make a row a user's own. secret: left out of exports.

    kept: rows stay after a deletion, since they prove the past; they hold ids, hashes and counts.
    """

    holds: str
    users: tuple[tuple[str, UserColumn], ...] = ()
    secret: frozenset[str] = frozenset()
    kept: bool = False


def _of(holds: str, *users: str, secret: tuple[str, ...] = ()) -> TableEntry:
    columns: tuple[tuple[str, UserColumn], ...] = tuple(
        (column, "text" if column == "actor" else "id") for column in users
    )
    return TableEntry(holds=holds, users=columns, secret=frozenset(secret))


TABLES: Final[dict[str, TableEntry]] = {
    "organizations": _of("the organization's name"),
    "users": _of("members: name and address", "id"),
    "memberships": _of("members' roles", "user_id"),
    "invitations": _of("invited addresses", "invited_by", "accepted_by", secret=("token_hash",)),
    "refresh_families": _of("sign-ins: when, from which address and browser", "user_id"),
    "refresh_tokens": _of("that a sign-in was renewed", secret=("token_hash",)),
    "one_time_tokens": _of("one-time sign-ins", "user_id", secret=("token_hash",)),
    "api_keys": _of("API keys: name, scopes, last use", "user_id"),
    "api_key_secrets": _of("which secrets a key had", secret=("digest",)),
    "rate_limits": _of("how many requests a sender made of late"),
    "idempotency_keys": _of("requests that were sent twice", "actor"),
    "tasks": _of("work that was started, and how it ended", "actor"),
    "tenant_quotas": _of("how much work the organization may have"),
    "privacy_requests": _of("exports and deletions that were asked for", "user_id"),
    "retention_policies": _of("how long the organization keeps things"),
    "populations": _of("uploaded files and what was made of them"),
    "projects": _of("projects: goal, template, settings"),
    "nodes": _of("versions of a project's world"),
    "edges": _of("changes between two versions"),
    "event_scripts": _of("single changes of variables"),
    "runs": _of("runs and their numbers"),
    "run_artifacts": _of("files of runs"),
    "checkpoints": _of("states of work that goes on after a restart"),
    "asks": _of("questions and how they were understood"),
    "plans": _of("plans and their results"),
    "hybrids": _of("worlds with actors, and what they did"),
    "llm_calls": _of("calls of language models: what was sent, answered and paid", "actor_id"),
    "llm_attempts": _of("attempts of a call"),
    "llm_cache": _of("answers kept for the same question"),
    "llm_usage_hours": _of("what calls cost, by hour", "actor"),
    "llm_budgets": _of("limits of spending"),
    "llm_budget_windows": _of("what of a limit is used"),
    "llm_alerts": _of("that a limit was near"),
    "llm_alert_hooks": _of("where alerts are sent", secret=("sealed_secret",)),
    "llm_alert_deliveries": _of("whether an alert arrived"),
    "llm_profile_overrides": _of("the organization's own settings of models"),
    "llm_profile_override_versions": _of("earlier settings of models"),
    "audit_personal": _of("the audit's words: what was typed, from which address"),
    "audit_terms": _of("words that lead to an entry of the audit"),
    "audit_entries": TableEntry(
        holds="who did what, when: ids and hashes", users=(("actor_id", "id"),), kept=True
    ),
    "audit_seals": TableEntry(holds="the order of the audit's entries", kept=True),
    "audit_checkpoints": TableEntry(holds="signatures of the audit", kept=True),
    "audit_streams": TableEntry(holds="how far the audit is sealed", kept=True),
    "audit_counts": TableEntry(holds="how many entries an hour had", kept=True),
    "tenants": TableEntry(holds="that the organization existed", kept=True),
}

# Tables of persons, who belong to no tenant: exported and erased by identity.
OF_PERSONS: Final = frozenset(
    {
        *("persons", "person_tokens", "person_totp", "recovery_codes", "person_tenants"),
        *("invitation_directory", "administrators"),
    }
)
# Tables of the installation: settings, secrets of its own, counters without names.
OF_INSTALLATION: Final = frozenset(
    {
        *("sign_in_attempts", "api_key_directory", "audit_horizon", "bootstrap_tokens"),
        *("llm_catalogue", "llm_providers", "llm_models", "llm_prices", "llm_profiles"),
        *("llm_profile_versions", "llm_processes", "llm_process_tenants", "llm_breakers"),
    }
)
