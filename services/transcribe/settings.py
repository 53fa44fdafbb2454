"""Settings of transcription; names start with the service, units stand in the names."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from services.runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """Read once in `app.py`."""

    transcribe_database_url: str = Field(default="", description="SQLite or PostgreSQL; empty: a file in data_folder.")
    transcribe_http_port: int = Field(default=8092, description="Port of health, readiness and metrics.")
    transcribe_model: str = Field(
        default="base",
        description="Whisper model: a folder (CTranslate2) or a name: base (demo), large-v3-turbo (a firm with a GPU).",
    )
    transcribe_model_download: bool = Field(default=False, description="Whether the hub may be asked for the model.")
    transcribe_device: Literal["cpu", "cuda", "auto"] = Field(default="cpu", description="Where the model runs.")
    transcribe_compute_type: str = Field(default="int8", description="CTranslate2 type: int8 (CPU), float16 (GPU).")
    transcribe_threads: int = Field(default=2, ge=1, description="CPU threads of recognition.")
    transcribe_language: str = Field(default="ru", min_length=2, max_length=8, description="Language of the calls.")
    transcribe_beam_size: int = Field(default=5, ge=1, le=10, description="5 is exact, 1 is a third faster.")
    transcribe_batch_size: int = Field(
        default=1, ge=1, le=64, description="Windows recognised at once; pays on a GPU with long calls only."
    )
    transcribe_hotwords: str = Field(default="", description="Product and staff names the recogniser should expect.")
    transcribe_prefer_supplied_text: bool = Field(
        default=True, description="Take the PBX's own transcript where it gives one beside the sound."
    )
    transcribe_usual_seller_channel: int = Field(
        default=0, ge=0, le=1, description="Seller's channel when neither the PBX nor the opening words tell."
    )
    transcribe_max_recording_minutes: int = Field(default=240, ge=1, description="Longer recordings are refused.")
    transcribe_max_recording_mebibytes: int = Field(default=250, ge=1, description="Larger files are refused.")

    def model_cache(self) -> Path:
        """Where weights joined from packages lie."""
        return self.models_folder
