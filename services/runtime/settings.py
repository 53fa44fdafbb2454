"""Settings of every service: environment or `.env`, read once in `app.py`, frozen, secrets masked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.runtime.errors import OtzvukError

# what `otzvuk up` chose for a data folder; it lies there, so that every other command knows that system
CHOSEN = "system.env"


class BadSettings(OtzvukError):
    """Settings that cannot be used, each with its name; what they hold is not repeated, it may be a secret."""

    code = "bad_settings"

    def __init__(self, error: ValidationError) -> None:
        super().__init__("; ".join(map(_sentence, error.errors())) + " (.env.example explains every setting)")


def _sentence(item: Any) -> str:
    """A validator of the whole names its settings itself."""
    name = "_".join(str(part) for part in item["loc"])
    said = str(item["msg"]).removeprefix("Value error, ")
    return f"OTZVUK_{name.upper()}: {said}" if name else said


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
        """Reads the environment, `.env`, then what `otzvuk up` chose for the data folder. Called once, in `app.py`.
        Raises BadSettings."""
        try:
            folder = RuntimeSettings().data_folder
            return cls(_env_file=(folder / CHOSEN, ".env"))  # type: ignore[call-arg]
        except ValidationError as error:
            raise BadSettings(error) from None

    def database(self, service: str, url: str) -> str:
        """The database's URL: as set, or an SQLite file in the data folder."""
        return url or f"sqlite:///{(self.data_folder / f'{service}.db').resolve()}"

    def storage(self) -> str:
        """Where recordings and transcripts lie."""
        return self.storage_url or (self.data_folder / "storage").resolve().as_uri()
