"""The Store port: the fake and the real keep the same promises."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.runtime.database import Database
from services.runtime.migrations import migrate
from services.transcribe.adapters.store import SqlStore
from services.transcribe.domain.outcome import Completed, Failed, FailureReason
from services.transcribe.domain.recognition import Channels, compose
from services.transcribe.ports import Store
from tests.fakes.transcribe import MemoryStore, make_recognised, make_request, make_sound

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
REQUEST = make_request()


def completed(identity: str = "tr-1") -> Completed:
    heard = (make_recognised(0, (0, "Добрый день компания Тёплый дом")),)
    dialogue = compose(make_sound(), heard, Channels(0), "ru")
    assert dialogue is not None
    return Completed(identity, f"transcripts/{identity}.json", dialogue, None, None)


def failed(reason: FailureReason = FailureReason.BROKEN_AUDIO, identity: str = "tr-1") -> Failed:
    return Failed(identity, reason, "cannot be decoded")


class StoreContract:
    """What any store promises."""

    @pytest.fixture
    def store(self) -> Store:
        raise AssertionError("each subclass has its own")

    def test_a_transcript_is_completed_once(self, store: Store) -> None:
        assert not store.is_completed("tr-1")
        assert [store.complete(REQUEST, completed(), NOW) for _ in range(2)] == [True, False]
        assert store.is_completed("tr-1")
        assert not store.is_completed("tr-2")

    def test_a_failure_is_told_once_a_reason(self, store: Store) -> None:
        reasons = [FailureReason.BROKEN_AUDIO, FailureReason.BROKEN_AUDIO, FailureReason.TOO_LONG]
        assert [store.fail(REQUEST, failed(reason), NOW) for reason in reasons] == [True, False, True]
        assert not store.is_completed("tr-1")

    def test_a_replay_may_complete_what_failed(self, store: Store) -> None:
        store.fail(REQUEST, failed(), NOW)
        assert store.complete(REQUEST, completed(), NOW)
        assert store.is_completed("tr-1")

    def test_a_failure_never_undoes_a_transcript(self, store: Store) -> None:
        store.complete(REQUEST, completed(), NOW)
        assert not store.fail(REQUEST, failed(), NOW)
        assert store.is_completed("tr-1")

    def test_the_newest_supplied_text_of_a_recording_is_known(self, store: Store) -> None:
        assert store.supplied_uri("r-1") is None
        store.complete(make_request(transcript_uri="texts/r-1"), completed(), NOW)
        later = NOW + timedelta(minutes=1)
        store.complete(make_request(transcript_uri="texts/r-1-again"), completed("tr-2"), later)
        assert store.supplied_uri("r-1") == "texts/r-1-again"
        assert store.supplied_uri("r-2") is None


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestSqlStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        url = f"sqlite:///{tmp_path / 'transcribe.db'}"
        migrate(url, "services.transcribe")
        database = Database(url)
        with database.begin() as connection:
            yield SqlStore(connection)
        database.close()
