"""Serves the built web app: hashed assets for a year, the page with a fresh nonce each time."""

import secrets
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

NONCE_PLACEHOLDER = "__CSP_NONCE__"
IMMUTABLE = "public, max-age=31536000, immutable"
NOT_BUILT = (
    "The web app is not built yet.\n\nRun `make web` in the checkout and load this page again. "
    "The API works without it: see /openapi.json.\n"
)


class WebApp:
    """An ASGI app for everything outside /api; unknown paths are routes of the page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise HTTPException(404)
        request = Request(scope, receive)
        await self._answer(request)(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.url.path.lstrip("/")
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404)
        if request.method not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        index = self.folder / "index.html"
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, status_code=503)
        file = self._find(path)
        if file is not None:
            return self._file(file)
        if path.startswith("assets/"):
            # A page of an older release asking for its assets must not get HTML for JavaScript.
            raise HTTPException(404)
        return _page(index)

    def _find(self, path: str) -> Path | None:
        """The built file of that name, if it lies inside the folder; never the raw page."""
        try:
            candidate = (self.folder / path).resolve()
            inside = candidate.is_relative_to(self.folder) and candidate.is_file()
        except (OSError, ValueError):
            # A NUL, or longer than any name on disk: no file, and no reason to fail.
            return None
        return candidate if inside and candidate.name != "index.html" else None

    def _file(self, file: Path) -> Response:
        hashed = file.is_relative_to(self.folder / "assets")
        cache = IMMUTABLE if hashed else "public, max-age=3600"
        return FileResponse(file, headers={"Cache-Control": cache})


def _page(index: Path) -> Response:
    nonce = secrets.token_urlsafe(18)
    html = index.read_text(encoding="utf-8").replace(NONCE_PLACEHOLDER, nonce)
    headers = {
        # Never stored: a nonce used twice protects nothing.
        "Cache-Control": "no-store",
        "Content-Security-Policy": content_security_policy(nonce),
    }
    return Response(html, media_type="text/html", headers=headers)


def content_security_policy(nonce: str) -> str:
    own = f"'self' 'nonce-{nonce}'"
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {own}",
            f"style-src {own}",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
