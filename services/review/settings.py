"""Settings of the review; read once in `app.py`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from services.runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """What the review can be told from outside."""

    review_database_url: str = Field(default="", description="Database; empty: SQLite in the data folder.")
    review_http_port: int = Field(default=8080, description="Port of the review pages and API.")
    review_public_url: str = Field(
        default="",
        description="Address that people open, https://…; cookies and origin checks follow it. Empty: as requested.",
    )

    # Letting people in
    review_secret: SecretStr = Field(
        default=SecretStr(""), description="Seals second factors; empty: `review.secret` in the data folder, made once."
    )
    review_second_factor: Literal["required", "off"] = Field(
        default="required", description="Whether heads, controllers and administrators need a second factor."
    )
    review_session_idle_minutes: int = Field(default=120, description="A session ends after this time without use.")
    review_session_hours: int = Field(default=12, description="A session ends after this time whatever happens.")
    review_oidc_issuer: str = Field(default="", description="Identity provider (https://…); empty: passwords only.")
    review_oidc_name: str = Field(default="OpenID", description="How the log-in page names the identity provider.")
    review_oidc_client_id: str = Field(default="", description="Our name at the identity provider.")
    review_oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="Our secret there; may be empty.")

    # Telling people
    review_telegram_token: SecretStr = Field(default=SecretStr(""), description="Token of the bot; empty: no Telegram.")
    review_telegram_bot: str = Field(default="", description="The bot's name, for the link that binds a chat.")
    review_telegram_api_url: str = Field(
        default="https://api.telegram.org", description="Telegram's address, or that of a local Bot API server."
    )
    review_smtp_host: str = Field(default="", description="Mail server; empty: no e-mail.")
    review_smtp_port: int = Field(default=587, description="Port of the mail server.")
    review_smtp_user: str = Field(default="", description="Log-in there; empty: none.")
    review_smtp_password: SecretStr = Field(default=SecretStr(""), description="Password there.")
    review_smtp_tls: Literal["starttls", "tls", "none"] = Field(default="starttls", description="Protection.")
    review_smtp_sender: str = Field(default="", description="Address that notices come from.")

    # How long things are kept, days; 0 is for ever
    review_keep_recordings_days: int = Field(default=180, description="Recordings and their waveforms.")
    review_keep_transcripts_days: int = Field(default=365, description="Transcripts and their search index.")
    review_keep_raw_days: int = Field(default=30, description="Raw bodies of webhooks (removed by ingest's command).")
    review_keep_dead_letters_days: int = Field(default=30, description="Dead letters of this service.")
    review_keep_access_log_days: int = Field(default=0, description="Rows of the access log.")
