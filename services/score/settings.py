"""Score's settings."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from pathlib import Path

from pydantic import Field, SecretStr

from services.runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """What `otzvuk score` needs to know."""

    score_database_url: str = Field(default="", description="SQLite or PostgreSQL URL; empty: `score.db` in data.")
    score_http_port: int = Field(default=8093, description="Port of health and metrics.")
    score_parallel: int = Field(default=2, description="Pieces of work side by side in one process.")
    score_model: str = Field(
        default="auto",
        description="Drafter: `auto` (the version that `otzvuk train` accepted or `otzvuk heads use` chose, else those "
        "shipped), `heads` (those shipped), `rules`, or a folder of heads.",
    )
    score_heads_folder: Path | None = Field(
        default=None, description="Versions of heads made by `otzvuk train`; empty: `heads` in data."
    )
    score_draft_timeout_seconds: int = Field(default=120, description="A draft that takes longer is ended.")
    score_scorecards_folder: Path | None = Field(
        default=None, description="A firm's own scorecards and `choice.yaml`; empty: `scorecards` in data."
    )
    score_department_zones: dict[str, str] = Field(
        default_factory=dict, description='IANA zone by department id, JSON: {"kc": "Asia/Yekaterinburg"}.'
    )
    score_working_weekdays: list[int] = Field(
        default=[0, 1, 2, 3, 4], description="Working weekdays, JSON list; 0 is Monday."
    )
    score_holidays: list[date] = Field(default=[], description="Dates that are not worked, JSON list.")
    score_extra_days: list[date] = Field(default=[], description="Dates worked though a weekend or holiday, JSON list.")
    score_day_ends: time = Field(default=time(20, 0), description="Local time at which a day's attempts are due.")
    score_settle_seconds: int = Field(
        default=120, ge=0, description="An ended day is judged this much later, so that late calls still count."
    )
    score_attempts_a_day: int = Field(default=3, ge=1, description="Contact rule: attempts a day.")
    score_contact_days: int = Field(default=5, ge=1, description="Contact rule: days.")
    score_touch_over_seconds: int = Field(default=30, ge=0, description="A longer conversation is a touch.")
    score_judge_url: str = Field(
        default="", description="OpenAI-compatible address (…/v1) of a language model; empty: no judge."
    )
    score_judge_model: str = Field(default="", description="The model's name at that address.")
    score_judge_api_key: SecretStr = Field(default=SecretStr(""), description="Key of that address, if it wants one.")
    score_judge_timeout_seconds: int = Field(default=60, description="Longest wait for one answer of the judge.")
    score_judge_budget_points: Decimal = Field(
        default=Decimal(4), ge=0, le=100, description="How many points of CQR the judge may move a draft, at most."
    )

    def scorecards_folder(self) -> Path:
        """Where a firm's own scorecards lie."""
        return self.score_scorecards_folder or self.data_folder / "scorecards"

    def heads_folder(self) -> Path:
        """Where the versions of heads lie, and which one counts."""
        return self.score_heads_folder or self.data_folder / "heads"
