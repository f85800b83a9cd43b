"""One frozen Settings object: every knob of the installation, from the environment."""

import os
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 1024 * 1024


def _default_home() -> Path:
    """`<checkout>/.agentverse` when run from a checkout, else the user's data folder."""
    checkout = Path(__file__).resolve().parents[4]
    if (checkout / "contracts").is_dir() and (checkout / "server").is_dir():
        return checkout / ".agentverse"
    return user_data_path("agentverse")


def _default_web() -> Path:
    """The one that a wheel carries, else what `make web` built in the checkout."""
    package = Path(__file__).resolve().parents[1]
    carried = package / "web_app"
    return carried if carried.is_dir() else package.parents[2] / "web" / "dist"


class Settings(BaseSettings):
    """Read once at start; environment variables carry the prefix AGENTVERSE_ unless noted."""

    model_config = SettingsConfigDict(env_prefix="AGENTVERSE_", frozen=True, extra="ignore")

    home: Path = Field(
        default_factory=_default_home, description="Data home: database, artifacts, keys."
    )
    web_dist: Path = Field(default_factory=_default_web, description="The built web app.")

    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="Owner role of a PostgreSQL server, for migrations. Absent: embedded server.",
    )
    app_database_url: str | None = Field(
        default=None,
        validation_alias="APP_DATABASE_URL",
        description="App role on the same server. Absent: the owner creates `agentverse_app`.",
    )
    platform_database_url: str | None = Field(
        default=None,
        validation_alias="PLATFORM_DATABASE_URL",
        description="Role of the platform realm. Absent: the owner creates `agentverse_platform`.",
    )
    persons_database_url: str | None = Field(
        default=None,
        validation_alias="PERSONS_DATABASE_URL",
        description="Role of the person directory. Absent: the owner creates `agentverse_persons`.",
    )
    sealer_database_url: str | None = Field(
        default=None,
        validation_alias="SEALER_DATABASE_URL",
        description="Role that seals the audit. Absent: the owner creates `agentverse_sealer`.",
    )
    pool_size: int = Field(default=10, description="Connections kept open per process.")
    pool_overflow: int = Field(default=30, description="Connections beyond the pool under load.")
    statement_timeout_seconds: int = Field(default=120, description="Longest single statement.")

    issuer: str = Field(default="agentverse", description="`iss` of access tokens.")
    audience: str = Field(default="agentverse-api", description="`aud` of access tokens.")
    access_token_seconds: int = Field(default=600, description="Life of an access token.")
    refresh_token_days: int = Field(default=30, description="Life of a sign-in without use.")
    refresh_grace_seconds: int = Field(
        default=10, description="How long a just-used refresh token is a race and not a theft."
    )
    one_time_token_minutes: int = Field(default=60, description="Life of a one-time sign-in.")
    secure_cookies: bool = Field(
        default=True,
        description="Off only for plain HTTP clients in tests: drops Secure and the __Host- name.",
    )
    platform_audience: str = Field(
        default="agentverse-platform", description="`aud` of platform administrators' tokens."
    )
    platform_token_minutes: int = Field(
        default=60, ge=15, description="Life of a token of the platform realm."
    )
    api_key_peppers: SecretStr | None = Field(
        default=None,
        description="JSON {version: 64 hexadecimal digits}, the highest hashes new API keys. "
        "Absent: kept in home.",
    )
    signing_keys: str | None = Field(
        default=None,
        description="JSON {key id: Ed25519 private key PEM}, first signs. Absent: kept in home.",
    )
    audit_key: SecretStr | None = Field(
        default=None,
        description="Ed25519 private key (PEM) of the audit's checkpoints. Absent: kept in home.",
    )
    password_hash_memory_kib: int = Field(default=19_456, description="argon2id memory (OWASP).")
    password_hash_time: int = Field(default=2, description="argon2id iterations (OWASP).")
    password_hash_workers: int = Field(default=2, description="Hashes computed at the same time.")

    requests_per_minute: int = Field(
        default=600, ge=0, description="Requests of a user, and of each API key. 0: no limit."
    )
    tenant_requests_per_minute: int = Field(
        default=6000, ge=0, description="Requests of an organization. 0: no limit."
    )
    asks_per_minute: int = Field(
        default=20, ge=0, description="Questions asked by a user or API key. 0: no limit."
    )
    llm_requests_per_minute: int = Field(
        default=0, ge=0, description="Requests at /v1 of a user, and of each API key. 0: no limit."
    )
    tenant_llm_requests_per_minute: int = Field(
        default=0, ge=0, description="Requests at /v1 of an organization. 0: no limit."
    )
    address_requests_per_minute: int = Field(
        default=300, ge=0, description="Requests of an address before sign-in. 0: no limit."
    )

    unfinished_tasks: int = Field(
        default=500,
        ge=0,
        description="Work of an organization that waits or runs, where no "
        "other number was set for it.",
    )
    tasks_per_day: int = Field(
        default=10_000,
        ge=0,
        description="Work that an organization may queue in a day (UTC), "
        "where no other number was set for it.",
    )

    trusted_proxies: tuple[str, ...] = Field(
        default=(),
        description="JSON list of proxy addresses whose X-Forwarded-For and -Proto are believed.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        description="Where people reach the app; links in mail. Absent: the address `serve` "
        "listens on.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="smtp://user:password@host:587 or smtps://… Absent: mail is printed where the "
        "server runs.",
    )
    webhooks_to_private_networks: bool = Field(
        default=False,
        description="Whether organizations may have alerts sent to addresses in private networks.",
    )
    mail_from: str = Field(default="AgentVerse <noreply@localhost>", description="Mail's sender.")

    body_limit_bytes: int = Field(default=MEBIBYTE, description="Largest ordinary request body.")
    upload_limit_bytes: int = Field(default=512 * MEBIBYTE, description="Largest uploaded file.")

    import_accepted_loss: float = Field(
        default=0.02, ge=0, le=1, description="Share of rows an import leaves out without asking."
    )

    upload_kept_days: int = Field(
        default=30, ge=1, description="Days until an upload that was never imported is deleted."
    )

    worker_concurrency: int = Field(
        default=2, ge=1, description="Worker processes; each runs one job at a time."
    )
    worker_memory_bytes: int | None = Field(
        default=None,
        gt=0,
        description="Memory of a worker process, and of each that it starts. Absent: its share of "
        "four fifths of the machine's.",
    )
    worker_heartbeat_seconds: float = Field(default=1.0, description="A worker's sign of life.")
    worker_stale_seconds: float = Field(
        default=5.0, description="Silence after which a worker's jobs are given to another."
    )
    run_checkpoint_seconds: float = Field(
        default=5.0, description="A long run keeps what it has computed so far this often."
    )

    openrouter_api_key: SecretStr | None = Field(
        default=None, validation_alias="OPENROUTER_API_KEY", description="Use models of OpenRouter."
    )
    llm_base_url: str | None = Field(
        default=None,
        description="Any OpenAI-compatible server, e.g. http://127.0.0.1:11434/v1. Wins over "
        "OPENROUTER_API_KEY.",
    )
    llm_api_key: SecretStr | None = Field(default=None, description="Key for llm_base_url.")
    llm_model: str | None = Field(default=None, description="Model every profile asks.")
    llm_context_window: int = Field(
        default=128_000, gt=0, description="Tokens that model reads at most."
    )
    llm_max_output_tokens: int = Field(
        default=16_384, gt=0, description="Tokens that model answers with at most."
    )
    llm_body_limit_bytes: int = Field(
        default=32 * MEBIBYTE, gt=0, description="Largest request body at /v1."
    )
    llm_free: bool = Field(default=False, description="The model costs nothing (run by yourself).")
    llm_input_usd_per_million: Decimal | None = Field(
        default=None, ge=0, description="Price of a million input tokens."
    )
    llm_cached_input_usd_per_million: Decimal | None = Field(
        default=None, ge=0, description="Price of a million cached input tokens. Absent: as input."
    )
    llm_output_usd_per_million: Decimal | None = Field(
        default=None, ge=0, description="Price of a million output tokens."
    )
    llm_script: Path | None = Field(
        default=None,
        description="JSON file of scripted answers: a deterministic model that needs no network.",
    )

    log_level: str = Field(default="WARNING", description="Least level logged; INFO: requests too.")

    @property
    def artifacts(self) -> Path:
        return self.home / "artifacts"

    @property
    def embedded_folder(self) -> Path:
        return self.home / "postgres"

    @property
    def sealing_keys_file(self) -> Path:
        return self.home / "keys" / "sealing.json"

    @property
    def keys_file(self) -> Path:
        return self.home / "keys" / "access-tokens.json"

    @property
    def peppers_file(self) -> Path:
        return self.home / "keys" / "api-key-peppers.json"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    return Settings()


def serve_at(url: str) -> None:
    """Where nobody set another, people reach the app at the address that it listens on."""
    os.environ.setdefault("AGENTVERSE_PUBLIC_URL", url)
    get_settings.cache_clear()
