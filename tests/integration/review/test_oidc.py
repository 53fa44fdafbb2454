"""Log-in by a loopback identity provider: the right answer lets in, every wrong one does not."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from services.review.adapters.oidc import OidcProvider
from services.review.web import oidc
from services.runtime.errors import PermanentError
from tests.integration.review.house import House, house_at

KEY = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
CLIENT = "otzvuk"


@dataclass
class FakeProvider:
    """Gives a token for the code `good`; `claims` and `key` can be bent."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    nonce: str = ""
    challenge: str = ""
    status: int = 200
    now: int = 0

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proved = base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.challenge
        if form.get("code") != "good" or not proved:
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "u-1",
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": self.nonce,
            "email": "olga@example.com",
            "email_verified": True,
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return self.status, {
            "access_token": "x",
            "token_type": "Bearer",
            "id_token": jwt.encode(self.header, kept, self.key),
        }


@contextmanager
def provider_server() -> Iterator[FakeProvider]:
    fake = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                ends = {name: f"{fake.url}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
                self.say(200, {"issuer": fake.url, **ends})
            else:
                self.say(200, {"keys": [KEY.as_dict(private=False)]})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.say(*fake.token({name: values[0] for name, values in parse_qs(body).items()}))

        def say(self, status: int, body: dict[str, Any]) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    with provider_server() as made:
        yield made


@pytest.fixture
def house(sqlite_url: str, fake: FakeProvider) -> Iterator[House]:
    with house_at(sqlite_url, factor=False) as made:
        made.app.include_router(oidc.router)
        made.app.state.identity_provider = OidcProvider(
            fake.url, CLIENT, "secret", "http://otzvuk.test/login/oidc/callback"
        )
        fake.now = int(made.clock.now.timestamp())
        yield made


def set_out(browser, fake: FakeProvider, path: str = "/page") -> str:
    """Goes to the provider; gives the state that it brings back."""
    answer = browser.get("/login/oidc", params={"next": path})
    parts = urlsplit(answer.headers["location"])
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{fake.url}/authorization_endpoint"
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "openid email", "S256")
    fake.nonce, fake.challenge = asked["nonce"], asked["code_challenge"]
    return asked["state"]


def come_back(browser, state: str, code: str = "good") -> str:
    return str(browser.get("/login/oidc/callback", params={"state": state, "code": code}).headers["location"])


def test_the_right_answer_lets_in(house: House, fake: FakeProvider) -> None:
    browser = house.browser()
    assert come_back(browser, set_out(browser, fake)) == "/page"
    assert browser.get("/page").json()["person_id"] == "olga"


def test_a_bound_subject_needs_no_address(house: House, fake: FakeProvider) -> None:
    browser = house.browser()
    come_back(browser, set_out(browser, fake))
    fake.claims = {"email": "other@example.com"}
    again = house.browser()
    assert come_back(again, set_out(again, fake)) == "/page"
    assert again.get("/page").json()["person_id"] == "olga"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://127.0.0.1:1"},
        {"aud": "another"},
        {"exp": 1},
        {"exp": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 300},
        {"email": "nobody@example.com"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
    ],
    ids=str,
)
def test_a_wrong_claim_does_not(house: House, fake: FakeProvider, claims: dict[str, Any]) -> None:
    browser = house.browser()
    state = set_out(browser, fake)
    fake.claims = claims
    assert come_back(browser, state) == "/login?error=provider_refused"
    assert browser.get("/page").status_code == 401


def test_a_forged_signature_does_not(house: House, fake: FakeProvider) -> None:
    browser = house.browser()
    state = set_out(browser, fake)
    fake.key = OTHER
    assert come_back(browser, state) == "/login?error=provider_refused"


@pytest.mark.parametrize("code", ["bad", ""])
def test_a_wrong_code_does_not(house: House, fake: FakeProvider, code: str) -> None:
    browser = house.browser()
    assert come_back(browser, set_out(browser, fake), code) == "/login?error=provider_refused"


def test_a_state_is_good_once(house: House, fake: FakeProvider) -> None:
    browser = house.browser()
    state = set_out(browser, fake)
    come_back(browser, state)
    assert come_back(browser, state) == "/login?error=provider_refused"


def test_a_state_is_good_in_its_browser_only(house: House, fake: FakeProvider) -> None:
    state = set_out(house.browser(), fake)
    victim = house.browser()
    set_out(victim, fake)
    assert come_back(victim, state) == "/login?error=provider_refused"


def test_a_state_is_good_for_ten_minutes(house: House, fake: FakeProvider) -> None:
    browser = house.browser()
    state = set_out(browser, fake)
    house.clock.pass_by(minutes=10)
    assert come_back(browser, state) == "/login?error=provider_refused"


def test_a_provider_out_of_order_is_said(house: House, fake: FakeProvider) -> None:
    browser = house.browser()
    state = set_out(browser, fake)
    fake.status = 503
    assert come_back(browser, state) == "/login?error=provider_away"


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_back_to_our_own_pages_only(house: House, fake: FakeProvider, path: str) -> None:
    browser = house.browser()
    assert come_back(browser, set_out(browser, fake, path)) == "/"


def test_only_over_https() -> None:
    with pytest.raises(PermanentError):
        OidcProvider("http://idp.example", CLIENT, "", "https://x/callback")


def test_without_a_provider_there_is_no_door(sqlite_url: str) -> None:
    with house_at(sqlite_url) as house:
        house.app.include_router(oidc.router)
        assert house.browser().get("/login/oidc").status_code == 404
