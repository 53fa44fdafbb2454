"""Settings of every service: environment or `.env`, read once in `app.py`, frozen, secrets masked."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class RuntimeSettings(BaseSettings):
    """What all services share. A service's `Settings` adds its own, named after the service."""

    model_config = SettingsConfigDict(env_prefix="OTZVUK_", env_file=".env", frozen=True, extra="ignore")

    data_folder: Path = Field(default=Path("data"), description="Where SQLite files, audio and models lie by default.")
    models_folder: Path = Field(
        default_factory=lambda: Path.home() / ".cache" / "otzvuk" / "models",
        description="Where weights unpacked from packages lie; shared by every system of this user.",
    )
    kafka_bootstrap: str = Field(default="127.0.0.1:9092", description="Brokers, host:port, separated by commas.")
    kafka_flavour: Literal["apache", "embedded"] = Field(
        default="apache", description="`embedded` is the broker of `demo` and tests: volatile, one worker a group."
    )
    kafka_session_seconds: int = Field(default=30, description="After this silence a worker's share goes to others.")
    storage_url: str = Field(default="", description="file:///folder or s3://bucket/prefix; empty: `storage` in data.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    bind_host: str = Field(default="127.0.0.1", description="Address on which this process listens.")
    client_key_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Secret of the keyed hash that stands for a client's number; ≥ 16 characters.",
    )
    company_zone: str = Field(default="Europe/Moscow", description="IANA zone where a department names none.")
    work_lease_seconds: int = Field(default=60, description="Work of a dead process is taken over after this time.")
    watchdog_seconds: int = Field(default=120, description="A worker without share or progress this long ends itself.")
    keep_queue_days: int = Field(default=45, description="Done queue rows are kept this long; more than any topic.")
    free_disk_mebibytes: int = Field(default=200, description="Below this the service says that it is not ready.")

    @classmethod
    def load(cls) -> Self:
        """Reads environment and `.env`. Called once, in `app.py`."""
        return cls()

    def database(self, service: str, url: str) -> str:
        """The database's URL: as set, or an SQLite file in the data folder."""
        return url or f"sqlite:///{(self.data_folder / f'{service}.db').resolve()}"

    def storage(self) -> str:
        """Where recordings and transcripts lie."""
        return self.storage_url or (self.data_folder / "storage").resolve().as_uri()
