"""Settings of the review; read once in `app.py`."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from services.runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """What the review can be told from outside."""

    review_database_url: str = Field(default="", description="Database; empty: SQLite in the data folder.")
    review_http_port: int = Field(default=8080, description="Port of the review pages and API.")
    review_worker_http_port: int = Field(default=8094, description="Port of the worker's health and metrics.")
    review_browser_packages: Path = Field(
        default=Path("node_modules"), description="Folder of the browser's packages (`npm ci` makes it)."
    )
    review_public_url: str = Field(
        default="",
        description="Address that people open, https://…; cookies and origin checks follow it. Empty: as requested.",
    )

    # How the business works
    review_currency: str = Field(default="RUB", description="Currency of rewards and penalties, ISO 4217.")
    review_appeal_reward: Decimal = Field(default=Decimal(100), ge=0, description="Paid for an upheld appeal.")
    review_appeal_penalty: Decimal = Field(default=Decimal(100), ge=0, description="Its cost to the controller.")
    review_sample_automatic: bool = Field(default=True, description="Take the daily sample when a working day ends.")
    review_sample_percent: Decimal = Field(
        default=Decimal(30), ge=0, le=100, description="Share of each seller's calls a day, rounded up, at least one."
    )
    review_calls_per_controller: int = Field(default=20, ge=0, description="Calls a controller can hear a day.")
    review_blind_percent: Decimal = Field(
        default=Decimal(10), ge=0, le=100, description="Share of counted calls scored without sight of the draft."
    )
    review_double_percent: Decimal = Field(
        default=Decimal(5), ge=0, le=100, description="Share of counted calls scored by two controllers."
    )
    review_due_working_days: int = Field(default=2, ge=1, description="Working days in which a call is to be heard.")
    review_kappa_floor: Decimal = Field(
        default=Decimal("0.40"), ge=-1, le=1, description="A criterion whose blind kappa is lower loses its draft."
    )
    review_working_weekdays: list[int] = Field(
        default=[1, 2, 3, 4, 5], description="ISO week days; 1 is Monday. A department may have its own calendar."
    )
    review_day_ends: time = Field(default=time(18, 0), description="Local time at which a working day ends.")
    review_holidays: list[date] = Field(default=[], description="Dates off.")
    review_extra_days: list[date] = Field(default=[], description="Dates worked although the week day says no.")

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
    review_keep_dead_letters_days: int = Field(default=30, description="Dead letters of this service.")
