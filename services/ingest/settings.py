"""Settings of the door; names start with the service, units stand in the names."""

from __future__ import annotations

import re
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.runtime.settings import RuntimeSettings

SHORTEST_SECRET = 16
OWN_SOURCES = ("import", "mango")


class Settings(RuntimeSettings):
    """Read once in `app.py`."""

    # a wrong setting is named without what it holds: that may be a secret
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    ingest_database_url: str = Field(default="", description="SQLite or PostgreSQL; empty: a file in data_folder.")
    ingest_http_port: int = Field(default=8091, description="Port of the webhooks, health and metrics.")
    ingest_work_threads: int = Field(default=4, ge=1, le=32, description="Events and downloads worked on at once.")
    ingest_phone_region: str = Field(
        default="RU", min_length=2, max_length=2, description="Country of numbers written without one (ISO 3166)."
    )
    ingest_webhook_secrets: dict[str, list[SecretStr]] = Field(
        default={}, description='Sources of the documented webhook: {"pbx": ["secret"], "crm": ["new", "old"]}.'
    )
    ingest_recording_hosts: list[str] = Field(
        default=[], description='Hosts that recordings may come from; ".example.com" takes all below it.'
    )
    ingest_recording_http: bool = Field(default=False, description="Whether recordings may come without TLS.")
    ingest_recording_ports: list[int] = Field(default=[], description="Ports besides 443 (and 80 without TLS).")
    ingest_recording_networks: list[str] = Field(
        default=[], description='Private networks that may be asked, for a PBX in the house: ["10.1.0.0/16"].'
    )
    ingest_recording_loopback: bool = Field(
        default=False, description="Whether this machine itself may be asked; for the demo and tests only."
    )
    ingest_keep_raw_days: int = Field(
        default=0, ge=0, description="Raw events keep their bytes so long; 0: for ever, so that all can be rebuilt."
    )
    ingest_recording_max_mebibytes: int = Field(default=128, ge=1, description="Larger recordings are refused.")
    ingest_recording_max_seconds: int = Field(default=180, ge=1, description="A download that takes longer is cut.")
    ingest_mango_api_key: SecretStr = Field(default=SecretStr(""), description="API key of the Mango Office account.")
    ingest_mango_api_salt: SecretStr = Field(default=SecretStr(""), description="Its salt; it signs both ways.")
    ingest_mango_api_url: str = Field(
        default="https://app.mango-office.ru/vpbx", description="Where recordings are asked for."
    )
    ingest_mango_file_hosts: list[str] = Field(
        default=[".mango-office.ru"], description="Hosts to which Mango may send us for a recording."
    )
    ingest_mango_clock_offset_seconds: int = Field(
        default=0, ge=-86_400, le=86_400, description="Added to Mango's times when an account sends them shifted."
    )
    ingest_mango_rating_menus: list[str] = Field(
        default=[], description='IVR places whose keys 1 to 5 are the rating: ["ivr.3"].'
    )
    ingest_mango_seller_channel: int | None = Field(
        default=None, ge=0, le=1, description="Channel of the seller in this account's stereo recordings."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if len(self.client_key_secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"OTZVUK_CLIENT_KEY_SECRET must have at least {SHORTEST_SECRET} characters")
        for source, secrets in self.ingest_webhook_secrets.items():
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", source) or source in OWN_SOURCES:
                raise ValueError(f"{source!r} is no name for a webhook source")
            if not secrets or any(len(secret.get_secret_value()) < SHORTEST_SECRET for secret in secrets):
                raise ValueError(f"the secrets of the source {source} must have at least {SHORTEST_SECRET} characters")
        key, salt = self.ingest_mango_api_key.get_secret_value(), self.ingest_mango_api_salt.get_secret_value()
        if bool(key) != bool(salt):
            raise ValueError("Mango needs both OTZVUK_INGEST_MANGO_API_KEY and OTZVUK_INGEST_MANGO_API_SALT")
        return self
