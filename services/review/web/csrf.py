"""Refuses changes that another site makes a browser send: origin check and a token bound to the browser's session."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = "application/x-www-form-urlencoded"
FIELD = "csrf_token"
MAX_FORM_BYTES = 1 << 20


class CookieNames:
    """Names of our cookies: with the `__Host-` prefix where there is https, so that no sibling site can set them."""

    def __init__(self, *, https: bool) -> None:
        prefix = "__Host-" if https else ""
        self.https = https
        self.session = f"{prefix}otzvuk"
        self.device = f"{prefix}otzvuk-device"
        self.form = f"{prefix}otzvuk-form"

    def line(self, name: str, value: str, *, max_age: int | None) -> str:
        """A Set-Cookie line; `max_age` seconds, None until the browser closes, 0 removes."""
        age = "" if max_age is None else f"; Max-Age={max_age}"
        return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{'; Secure' if self.https else ''}"


def token_of(cookie: str) -> str:
    """The token that belongs to a session cookie (or, before log-in, to a form cookie)."""
    return base64.urlsafe_b64encode(hmac.digest(cookie.encode(), b"csrf", hashlib.sha256)).decode().rstrip("=")


def csrf_token(request: Request) -> str:
    """For templates: what forms send as `csrf_token` and scripts as `X-CSRF-Token`."""
    state = request.scope["state"]
    state["form_cookie_used"] = True
    return token_of(state["csrf_cookie"])


class CsrfShield:
    """Stands before every route. Calls with a bearer token pass: a browser does not send those by itself."""

    def __init__(self, app: ASGIApp, *, cookies: CookieNames, origin: str | None) -> None:
        self._app = app
        self._cookies = cookies
        self._origin = origin.rstrip("/") if origin else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        jar = _jar(headers)
        known = jar.get(self._cookies.session) or jar.get(self._cookies.form)
        state = scope.setdefault("state", {})
        state["csrf_cookie"] = known or secrets.token_urlsafe(32)
        if scope["method"] not in SAFE_METHODS and not _has_bearer(headers):
            fault, receive = await self._fault(scope, headers, known, receive)
            if fault is not None:
                await _refuse(send, fault, as_page="text/html" in headers.get("accept", ""))
                return

        async def with_form_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and known is None and state.get("form_cookie_used"):
                line = self._cookies.line(self._cookies.form, state["csrf_cookie"], max_age=None)
                MutableHeaders(scope=message).append("Set-Cookie", line)
            await send(message)

        await self._app(scope, receive, with_form_cookie)

    async def _fault(
        self, scope: Scope, headers: Headers, known: str | None, receive: Receive
    ) -> tuple[str | None, Receive]:
        origin = headers.get("origin")
        if origin is not None:
            if origin not in self._own_origins(scope, headers):
                return "foreign_origin", receive
        elif headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "foreign_origin", receive
        given = headers.get("x-csrf-token")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if known is None:
            # A program without cookies has nothing to abuse, and no browser sends us JSON from another site.
            return (None if kind == "application/json" else "no_csrf_token"), receive
        if given is None and kind == FORM:
            body, receive = await _read(receive)
            if body is None:
                return "too_large", receive
            given = _field(body)
        if given is None or not hmac.compare_digest(given.encode(), token_of(known).encode()):
            return "no_csrf_token", receive
        return None, receive

    def _own_origins(self, scope: Scope, headers: Headers) -> tuple[str, ...]:
        if self._origin is not None:
            return (self._origin,)
        return (f"{scope['scheme']}://{headers.get('host', '')}",)


def own_path(path: str | None) -> str:
    """Where to go after log-in: a path of ours, `/` instead of anything that leads elsewhere."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc or "\\" in path or len(path) > 500 else path


def _has_bearer(headers: Headers) -> bool:
    return headers.get("authorization", "")[:7].lower() == "bearer "


def _jar(headers: Headers) -> Mapping[str, str]:
    return cookie_parser(headers.get("cookie", ""))


async def _read(receive: Receive) -> tuple[bytes | None, Receive]:
    """The whole body (None when it is too large) and a `receive` that gives it again."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_FORM_BYTES:
            return None, receive
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


def _field(body: bytes) -> str | None:
    try:
        values = parse_qs(body.decode("utf-8"), max_num_fields=1000).get(FIELD)
    except ValueError:
        return None
    return values[0] if values else None


# For a person whose session ended under an open form; without styles, since nothing of the page is known here.
PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>Отзвук</title>
<p>Форма устарела, ничего не изменилось. Написанное сохранено в этом браузере:
<a href="/">откройте страницу снова</a> и повторите.</p>
<p lang="en">The form is out of date, nothing has changed. What you typed is kept in this browser:
<a href="/">open the page again</a> and repeat.</p></html>"""


async def _refuse(send: Send, fault: str, *, as_page: bool) -> None:
    status = 413 if fault == "too_large" else 403
    if as_page:
        page = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": status, "headers": page})
        await send({"type": "http.response.body", "body": PAGE.encode()})
        return
    said = {
        "type": "about:blank",
        "title": "Refused",
        "status": status,
        "code": fault,
        "detail": "This request did not come from a page of ours; open the page again and repeat.",
    }
    body = json.dumps(said).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
