"""Settings that would leave the door open are refused at start, and named without what they hold."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.ingest.settings import Settings

KEY = "a-long-canary-secret"
GOOD: dict[str, Any] = {"client_key_secret": KEY, "ingest_webhook_secrets": {"pbx": [KEY]}}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"client_key_secret": ""}, "OTZVUK_CLIENT_KEY_SECRET must have at least 16 characters"),
        ({"client_key_secret": "short-canary"}, "OTZVUK_CLIENT_KEY_SECRET must have at least 16 characters"),
        ({"ingest_webhook_secrets": {"pbx": [""]}}, "the secrets of the source pbx must have at least 16"),
        ({"ingest_webhook_secrets": {"pbx": []}}, "the secrets of the source pbx must have at least 16"),
        ({"ingest_webhook_secrets": {"pbx": [KEY, "short-canary"]}}, "the secrets of the source pbx must have"),
        ({"ingest_webhook_secrets": {"a/b": [KEY]}}, "'a/b' is no name"),
        ({"ingest_webhook_secrets": {"import": [KEY]}}, "'import' is no name"),
        ({"ingest_webhook_secrets": {"mango": [KEY]}}, "'mango' is no name"),
        ({"ingest_mango_api_key": "k-canary"}, "Mango needs both"),
        ({"ingest_mango_api_salt": "k-canary"}, "Mango needs both"),
    ],
)
def test_what_is_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, **{**GOOD, **change})
    assert named in str(refused.value)
    assert "canary" not in str(refused.value)


def test_good_settings_hide_their_secrets() -> None:
    settings = Settings(_env_file=None, **GOOD, ingest_mango_api_key="k-canary", ingest_mango_api_salt="s-canary")
    assert "canary" not in repr(settings)
    assert settings.ingest_webhook_secrets["pbx"][0].get_secret_value() == KEY
