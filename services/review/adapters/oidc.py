"""Log-in by an OpenID Connect provider: discovery, code with PKCE, and an ID token that is checked to the letter."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.review.ports.oidc import Identity
from services.runtime.errors import PermanentError, TransientError

SCOPE = "openid email"
ALGORITHMS = ["RS256", "ES256", "PS256"]
SECONDS = 10
LEEWAY_SECONDS = 60
KEEP_SECONDS = 3600
FRESH_SECONDS = 60
MAX_SUBJECT = 200


class OidcProvider:
    """The port `IdentityProvider`. What the provider says of itself is kept for an hour."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        if urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in ("127.0.0.1", "localhost"):
            raise PermanentError("The identity provider must be reached by https.")
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._lock = threading.Lock()
        self._known: tuple[float, Mapping[str, Any], KeySet] | None = None

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent. Raises TransientError."""
        said, _ = self._provider()
        return str(
            prepare_grant_uri(
                said["authorization_endpoint"],
                self._client_id,
                "code",
                redirect_uri=self._redirect_uri,
                scope=SCOPE,
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    def identity(self, *, code: str, nonce: str, verifier: str, now: datetime) -> Identity | None:
        """Who came back with the code; None when anything about the answer is wrong. Raises TransientError."""
        said, keys = self._provider()
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._redirect_uri, code=code, code_verifier=verifier
        )
        secret = (self._client_id, self._client_secret) if self._client_secret else None
        if secret is None:
            body += "&" + str(httpx.QueryParams({"client_id": self._client_id}))
        answer = self._ask("POST", said["token_endpoint"], content=body, auth=secret)
        if answer is None or not isinstance(answer.get("id_token"), str):
            return None
        found = self._checked(answer["id_token"], keys, nonce, now)
        if found is None and self._forget_old_keys():
            found = self._checked(answer["id_token"], self._provider()[1], nonce, now)
        return found

    def _forget_old_keys(self) -> bool:
        """Whether the keys were old enough that new ones may have taken their place."""
        with self._lock:
            old = self._known is not None and time.monotonic() - self._known[0] > FRESH_SECONDS
            if old:
                self._known = None
            return old

    def _checked(self, token: str, keys: KeySet, nonce: str, now: datetime) -> Identity | None:
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError):
            return None
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
            return None
        email = claims.get("email") if claims.get("email_verified") is True else None
        # Another provider's subject of the same name is another person.
        issuer = hashlib.sha256(self._issuer.encode()).hexdigest()[:16]
        return Identity(f"{issuer}:{subject}", email if isinstance(email, str) else None)

    def _provider(self) -> tuple[Mapping[str, Any], KeySet]:
        with self._lock:
            if self._known is None or time.monotonic() - self._known[0] > KEEP_SECONDS:
                said = self._ask("GET", f"{self._issuer}/.well-known/openid-configuration")
                if said is None or str(said.get("issuer", "")).rstrip("/") != self._issuer:
                    raise TransientError("The identity provider does not say who it is.")
                keys = self._ask("GET", said["jwks_uri"])
                if keys is None:
                    raise TransientError("The identity provider does not give its keys.")
                self._known = (time.monotonic(), said, KeySet.import_key_set(keys))  # type: ignore[arg-type]
            return self._known[1], self._known[2]

    def _ask(self, method: str, url: str, *, content: str | None = None, auth: Any = None) -> dict[str, Any] | None:
        """The JSON answer; None when the provider refuses. Raises TransientError."""
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = httpx.request(method, url, content=content, auth=auth, headers=headers, timeout=SECONDS)
        except httpx.HTTPError:
            raise TransientError("The identity provider cannot be reached.") from None
        if answer.status_code >= 500:
            raise TransientError("The identity provider is out of order.")
        if answer.status_code >= 400:
            return None
        try:
            said = answer.json()
        except ValueError:
            return None
        return said if isinstance(said, dict) else None
