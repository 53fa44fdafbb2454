"""The models the services need, by the names in the settings, and how each is looked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.models.found import FoundModel

Locate = Callable[[str, Path, bool], FoundModel]


@dataclass(frozen=True)
class WantedModel:
    """One model: what it is for, its name in the settings, the setting, and the function that finds it."""

    purpose: str
    setting: str
    name: str
    cache_dir: Path
    locate: Locate

    def find(self, *, allow_download: bool) -> FoundModel:
        """Looks in every place, at the hub only with `allow_download`. Raises ModelNotFound."""
        return self.locate(self.name, self.cache_dir, allow_download)


def wanted_models() -> tuple[WantedModel, ...]:
    """The models by the settings of this machine, in the order a call meets them."""
    return (_speech(), _embedding())


def _speech() -> WantedModel:
    from services.transcribe.adapters.models import locate_whisper
    from services.transcribe.settings import Settings

    settings = Settings.load()
    return WantedModel(
        "speech recognition", "OTZVUK_TRANSCRIBE_MODEL", settings.transcribe_model,
        settings.models_folder, locate_whisper,
    )  # fmt: skip


def _embedding() -> WantedModel:
    from services.models.embedding import locate_embedding
    from services.score.settings import Settings

    settings = Settings.load()
    return WantedModel(
        "sentence embeddings", "OTZVUK_SCORE_EMBEDDING_MODEL", settings.score_embedding_model,
        settings.models_folder, locate_embedding,
    )  # fmt: skip
