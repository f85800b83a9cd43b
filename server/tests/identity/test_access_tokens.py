"""Access tokens: what is accepted, and every way to be refused."""

from pathlib import Path
from typing import Any

import jwt
import pytest

from agentverse.identity import access_tokens, signing_keys
from agentverse.identity.access_tokens import AccessClaims
from agentverse.identity.errors import InvalidCredential
from agentverse.platform.clock import now
from agentverse.platform.errors import Misconfigured
from agentverse.platform.ids import new_id
from agentverse.platform.settings import Settings

CLAIMS = AccessClaims(user_id=new_id(), tenant_id=new_id(), session_id=new_id())


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def forge(settings: Settings, **changes: Any) -> str:
    """A token signed with our own key and one thing about it changed; None leaves a claim out."""
    key = signing_keys.live_keys(settings)[0]
    token = access_tokens.issue(CLAIMS, settings)
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key.private, algorithm="EdDSA", headers={"kid": key.id})


def test_issued_token_is_verified(own: Settings) -> None:
    assert access_tokens.verify(access_tokens.issue(CLAIMS, own), own) == CLAIMS


def test_unchanged_forgery_is_accepted(own: Settings) -> None:
    """The positive control of the refusals below."""
    assert access_tokens.verify(forge(own), own) == CLAIMS


@pytest.mark.parametrize("claim", access_tokens.REQUIRED)
def test_token_without_a_claim_is_refused(own: Settings, claim: str) -> None:
    with pytest.raises(InvalidCredential):
        access_tokens.verify(forge(own, **{claim: None}), own)


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another"},
        {"iss": "another"},
        {"type": "refresh"},
        {"tenant_id": "not a uuid"},
        {"tenant_id": 7},
        {"exp": 1},
    ],
)
def test_token_with_a_wrong_claim_is_refused(own: Settings, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidCredential):
        access_tokens.verify(forge(own, **change), own)


@pytest.mark.parametrize("garbage", ["", "x", "a.b.c", "é.é.é", "." * 5000])
def test_garbage_is_refused(own: Settings, garbage: str) -> None:
    with pytest.raises(InvalidCredential):
        access_tokens.verify(garbage, own)


def test_unsigned_and_symmetric_tokens_are_refused(own: Settings) -> None:
    key = signing_keys.live_keys(own)[0]
    claims = jwt.decode(forge(own), options={"verify_signature": False})
    for algorithm, secret in (("none", ""), ("HS256", "s" * 64)):
        token = jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": key.id})
        with pytest.raises(InvalidCredential):
            access_tokens.verify(token, own)


def test_token_of_another_key_is_refused(own: Settings, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    with pytest.raises(InvalidCredential):
        access_tokens.verify(access_tokens.issue(CLAIMS, other), own)


def test_rotation_keeps_the_key_before_and_drops_the_one_before_that(own: Settings) -> None:
    token = access_tokens.issue(CLAIMS, own)
    signing_keys.rotate(own)
    assert access_tokens.verify(token, own) == CLAIMS
    signing_keys.rotate(own)
    with pytest.raises(InvalidCredential):
        access_tokens.verify(token, own)


def test_keys_are_private_files(own: Settings) -> None:
    signing_keys.live_keys(own)
    assert own.keys_file.stat().st_mode & 0o777 == 0o600
    assert own.keys_file.parent.stat().st_mode & 0o077 == 0


def test_unreadable_keys_name_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="AGENTVERSE_SIGNING_KEYS"):
        signing_keys.live_keys(Settings(home=tmp_path, signing_keys='{"a": "b"}'))


def test_token_lives_ten_minutes(own: Settings) -> None:
    claims = jwt.decode(forge(own), options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 600
    assert abs(claims["iat"] - now().timestamp()) < 5
