"""Tokens that must not be accepted: most are signed with our own key, so only the check helps."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from factories.identity import Member, access_token
from fastapi.testclient import TestClient

from agentverse.identity import platform_tokens, signing_keys
from agentverse.platform.settings import Settings, get_settings

Claims = dict[str, Any]
LEAVE_OUT = object()


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(header: Claims, payload: bytes, key: Ed25519PrivateKey) -> str:
    """Any header and any payload, under a signature that is right."""
    text = f"{encoded(json.dumps(header).encode())}.{encoded(payload)}"
    return f"{text}.{encoded(key.sign(text.encode()))}"


def parts(token: str) -> tuple[Claims, Claims]:
    claims = jwt.decode(token, options={"verify_signature": False})
    return dict(jwt.get_unverified_header(token)), claims


def with_claims(token: str, settings: Settings, **changes: Any) -> str:
    header, claims = parts(token)
    changed = {k: v for k, v in (claims | changes).items() if v is not LEAVE_OUT}
    key = signing_keys.live_keys(settings)[0].private
    return signed(header, json.dumps(changed).encode(), key)


def with_header(token: str, settings: Settings, **changes: Any) -> str:
    header, claims = parts(token)
    changed = {k: v for k, v in (header | changes).items() if v is not LEAVE_OUT}
    key = signing_keys.live_keys(settings)[0].private
    return signed(changed, json.dumps(claims).encode(), key)


def by_hmac(token: str, secret: bytes, algorithm: str = "HS256") -> str:
    """The confusion of algorithms: our public key, taken for a shared secret."""
    header, claims = parts(token)
    head = encoded(json.dumps(header | {"alg": algorithm}).encode())
    text = f"{head}.{encoded(json.dumps(claims).encode())}"
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def unsigned(token: str, spelling: str) -> str:
    header, claims = parts(token)
    head = encoded(json.dumps(header | {"alg": spelling}).encode())
    return f"{head}.{encoded(json.dumps(claims).encode())}."


def public(settings: Settings, encoding: Encoding, form: PublicFormat) -> bytes:
    key = signing_keys.live_keys(settings)[0].private.public_key()
    return key.public_bytes(encoding, form)


def each(name: str, *values: Any) -> list[Claims]:
    return [{name: value} for value in values]


WRONG_CLAIMS: list[Claims] = [
    *({name: LEAVE_OUT} for name in ("sub", "tenant_id", "sid", "type", "jti", "iss", "aud")),
    *({name: LEAVE_OUT} for name in ("exp", "iat")),
    *each("exp", 1, -1, "soon", None, [9e12], {}),
    *each("iat", time.time() + 3600, "now", None),
    {"nbf": time.time() + 3600},
    *each("aud", "another", [], ["another"], None, 7, {}, "agentverse-platform"),
    *each("iss", "another", ["agentverse"], None, 7, {}),
    *each("type", "refresh", "platform", "ACCESS", None, ["access"], 7),
    *each("sub", "", "somebody", None, 7, ["x"], {}),
    *each("tenant_id", "", "acme", None, 7, ["x"], {}, "0" * 31, True),
    *each("sid", "", "session", None, 7, ["x"], {}),
]
WRONG_HEADERS: list[Claims] = [
    {"kid": LEAVE_OUT},
    *each("kid", "", "unknown", "../../dev/null", "' OR 1=1 --"),
    {"alg": LEAVE_OUT},
    *each("alg", "HS256", "RS256", "ES256", "none", "eddsa", "", 7),
    {"crit": ["exp"], "exp": 1},
    {"crit": ["x"], "x": True},
    {"crit": []},
    {"b64": False, "crit": ["b64"]},
]


def embedded_key(token: str, header: Callable[[Claims], Claims]) -> str:
    """Signed by the attacker's key, which the header brings along."""
    stranger = Ed25519PrivateKey.generate()
    raw = stranger.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    own, claims = parts(token)
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": encoded(raw)}
    return signed(own | header(jwk), json.dumps(claims).encode(), stranger)


def corpus(token: str, settings: Settings) -> dict[str, str]:
    header, claims = parts(token)
    head, body, signature = token.split(".")
    own = signing_keys.live_keys(settings)[0].private
    pem = public(settings, Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    raw = public(settings, Encoding.Raw, PublicFormat.Raw)
    other_tenant = encoded(json.dumps(claims | {"tenant_id": claims["sub"]}).encode())
    flipped = ("B" if signature[0] != "B" else "C") + signature[1:]
    found = {f"alg {s}": unsigned(token, s) for s in ("none", "None", "NONE", "nOnE", "")}
    found |= {f"claim {c}": with_claims(token, settings, **c) for c in map(dict, WRONG_CLAIMS)}
    found |= {f"header {h}": with_header(token, settings, **h) for h in map(dict, WRONG_HEADERS)}
    found |= {f"payload {p!r}": signed(header, p, own) for p in (b"", b"null", b"[]", b"7", b"{")}
    return found | {
        "hmac by the public key in PEM": by_hmac(token, pem),
        "hmac by the raw public key": by_hmac(token, raw),
        "hmac by nothing": by_hmac(token, b""),
        "hmac called EdDSA": by_hmac(token, raw, "EdDSA"),
        "key in the header": embedded_key(token, lambda jwk: {"jwk": jwk}),
        "key at an address": embedded_key(token, lambda _: {"jku": "http://127.0.0.1/keys"}),
        "certificate at an address": embedded_key(token, lambda _: {"x5u": "http://127.0.0.1/x"}),
        "key of a stranger": embedded_key(token, lambda _: {}),
        "no signature": f"{head}.{body}.",
        "no last part": f"{head}.{body}",
        "signature cut": token[:-2],
        "signature flipped": f"{head}.{body}.{flipped}",
        "another tenant put in": f"{head}.{other_tenant}.{signature}",
        "four parts": f"{token}.{signature}",
        "five parts": f"{token}.{signature}.{signature}",
        "as JSON": json.dumps({"protected": head, "payload": body, "signature": signature}),
        "64 KiB": token + "A" * 65_536,
        "64 KiB of a claim": with_claims(token, settings, type="x" * 65_536),
        "twice": f"{token} {token}",
        "platform prefix": platform_tokens.PREFIX + token,
        "key prefix": f"av_live_{token}",
        "a platform token without its prefix": platform_tokens.issue_to_home_owner(
            settings
        ).removeprefix(platform_tokens.PREFIX),
    }


def test_every_flawed_token_is_401(client: TestClient, member: Member) -> None:
    token = access_token(member)
    flawed = corpus(token, get_settings())
    assert len(flawed) >= 40
    accepted: list[tuple[str, int]] = []
    for name, text in flawed.items():
        answer = client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {text}"})
        if answer.status_code != 401 or "www-authenticate" not in answer.headers:
            accepted.append((name, answer.status_code))
    assert accepted == []


@pytest.mark.parametrize("change", [{}, {"aud": ["agentverse-api", "another"]}, {"extra": 1}])
def test_token_that_is_signed_anew_is_accepted(
    client: TestClient, member: Member, change: Claims
) -> None:
    """The positive control: what is refused above is refused for its flaw."""
    token = with_claims(access_token(member), get_settings(), **change)
    answer = client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_token_of_another_users_sign_in_is_refused(
    client: TestClient, member: Member, other_member: Member
) -> None:
    _, theirs = parts(access_token(other_member))
    token = with_claims(access_token(member), get_settings(), sid=theirs["sid"])
    answer = client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
