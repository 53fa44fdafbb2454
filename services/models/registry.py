"""The models the services need, by the names in the settings, and how each is looked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.models.found import FoundModel

# Values of OTZVUK_SCORE_MODEL that need no weights.
WITHOUT_TRANSFORMER = ("rules", "heads")

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
    return (*_speech(), *_embedding())


def _speech() -> tuple[WantedModel, ...]:
    from services.models.whisper import locate_whisper
    from services.transcribe.settings import Settings

    settings = Settings.load()
    name, cache = settings.transcribe_model, settings.models_folder
    return (WantedModel("speech recognition", "OTZVUK_TRANSCRIBE_MODEL", name, cache, locate_whisper),)


def _embedding() -> tuple[WantedModel, ...]:
    """None when the drafter is told to do without a transformer, or by a folder of heads, whose card names its own."""
    from services.models.embedding import DEFAULT_EMBEDDING, locate_embedding
    from services.score.settings import Settings

    settings = Settings.load()
    if settings.score_model in WITHOUT_TRANSFORMER or (Path(settings.score_model) / "card.json").exists():
        return ()
    name = DEFAULT_EMBEDDING if settings.score_model == "auto" else settings.score_model
    return (WantedModel("sentence embeddings", "OTZVUK_SCORE_MODEL", name, settings.models_folder, locate_embedding),)
