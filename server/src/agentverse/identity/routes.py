"""HTTP door of identity: sign up, sign in, refresh, sign out, who am I, API keys."""

from uuid import UUID

from fastapi import Depends, Request, Response

from agentverse.identity import api_keys, signing_in
from agentverse.identity.errors import SessionEnded
from agentverse.identity.permissions import ReadApiKeys, ReadSelf, WriteApiKeys
from agentverse.identity.schemas import (
    ApiKey,
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyRotate,
    LoginRequest,
    Me,
    OneTimeSignInRequest,
    RegisterRequest,
    TokenResponse,
)
from agentverse.identity.signing_in import SignedIn
from agentverse.identity.users import describe_actor
from agentverse.platform.http.places import password_places, places
from agentverse.platform.http.problems import request_id_of
from agentverse.platform.http.router import ContextRouter, public
from agentverse.platform.pagination import DEFAULT_LIMIT, Page
from agentverse.platform.settings import Settings, get_settings

router = ContextRouter("identity")

# A flood of sign-ins waits in line outside the threads, which everybody else needs.
one_of_few = Depends(places(password_places), scope="function")


@router.post("/auth/register", status_code=201, dependencies=[one_of_few])
@public
def register(body: RegisterRequest, request: Request, response: Response) -> TokenResponse:
    signed_in = signing_in.register(
        email=body.email,
        password=body.password,
        full_name=body.full_name,
        organization_name=body.organization_name,
        request_id=request_id_of(request),
    )
    return _answer(response, signed_in)


@router.post("/auth/login", dependencies=[one_of_few])
@public
def login(body: LoginRequest, request: Request, response: Response) -> TokenResponse:
    signed_in = signing_in.sign_in(
        email=body.email, password=body.password, request_id=request_id_of(request)
    )
    return _answer(response, signed_in)


@router.post("/auth/one-time")
@public
def one_time(body: OneTimeSignInRequest, request: Request, response: Response) -> TokenResponse:
    signed_in = signing_in.exchange_one_time_token(body.token, request_id=request_id_of(request))
    return _answer(response, signed_in)


@router.post("/auth/refresh")
@public
def refresh(request: Request, response: Response) -> TokenResponse:
    token = request.cookies.get(cookie_name(get_settings()))
    if token is None:
        raise SessionEnded("You are not signed in here. Sign in first.")
    return _answer(response, signing_in.refresh(token, request_id=request_id_of(request)))


@router.post("/auth/logout", status_code=204)
@public
def logout(request: Request, response: Response) -> None:
    settings = get_settings()
    signing_in.sign_out(
        request.cookies.get(cookie_name(settings)), request_id=request_id_of(request)
    )
    response.delete_cookie(
        cookie_name(settings),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )


@router.get("/auth/me")
def me(db: ReadSelf) -> Me:
    return describe_actor(db)


@router.post("/api-keys", status_code=201)
def create_api_key(db: WriteApiKeys, body: ApiKeyCreate, response: Response) -> ApiKeyCreated:
    response.headers["Cache-Control"] = "no-store"
    return api_keys.create_api_key(db, body)


@router.get("/api-keys")
def list_api_keys(
    db: ReadApiKeys, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[ApiKey]:
    return api_keys.list_api_keys(db, cursor=cursor, limit=limit)


@router.get("/api-keys/{key_id}")
def get_api_key(db: ReadApiKeys, key_id: UUID) -> ApiKey:
    return api_keys.get_api_key(db, key_id)


@router.post("/api-keys/{key_id}/rotate", status_code=201)
def rotate_api_key(
    db: WriteApiKeys, key_id: UUID, body: ApiKeyRotate, response: Response
) -> ApiKeyCreated:
    response.headers["Cache-Control"] = "no-store"
    return api_keys.rotate_api_key(db, key_id, body)


@router.delete("/api-keys/{key_id}", status_code=204)
def revoke_api_key(db: WriteApiKeys, key_id: UUID) -> None:
    api_keys.revoke_api_key(db, key_id)


def cookie_name(settings: Settings) -> str:
    """`__Host-` lets no subdomain and no plain connection set it; browsers demand Secure for it."""
    return "__Host-agentverse-refresh" if settings.secure_cookies else "agentverse-refresh"


def _answer(response: Response, signed_in: SignedIn) -> TokenResponse:
    settings = get_settings()
    response.set_cookie(
        cookie_name(settings),
        signed_in.refresh_token,
        max_age=settings.refresh_token_days * 24 * 3600,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )
    response.headers["Cache-Control"] = "no-store"
    return TokenResponse(
        access_token=signed_in.access_token, expires_in_seconds=signed_in.expires_in_seconds
    )
