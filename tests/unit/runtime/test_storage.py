"""Objects by key in a folder: whole or not at all, and never outside of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.runtime.storage import ObjectMissing, ObjectStorage


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStorage:
    return ObjectStorage((tmp_path / "objects").as_uri())


def test_what_is_put_can_be_read_whole_and_in_part(storage: ObjectStorage) -> None:
    storage.put("recordings/c-1/r.wav", b"0123456789")
    assert storage.get("recordings/c-1/r.wav") == b"0123456789"
    assert storage.get_range("recordings/c-1/r.wav", 2, 5) == b"234"
    assert storage.size("recordings/c-1/r.wav") == 10
    assert list(storage.list("recordings")) == ["recordings/c-1/r.wav"]


def test_a_second_put_replaces(storage: ObjectStorage) -> None:
    storage.put("a", b"1")
    storage.put("a", b"22")
    assert storage.get("a") == b"22"


def test_what_is_not_there_is_said(storage: ObjectStorage) -> None:
    assert not storage.exists("a")
    for read in (storage.get, storage.size, lambda key: storage.get_range(key, 0, 1)):
        with pytest.raises(ObjectMissing):
            read("a")
    storage.delete("a")


def test_an_object_can_be_removed(storage: ObjectStorage) -> None:
    storage.put("a", b"1")
    storage.delete("a")
    assert not storage.exists("a")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x", "a\\b", "a\0b"])
def test_a_key_cannot_leave_the_folder(storage: ObjectStorage, key: str) -> None:
    with pytest.raises(ValueError, match="no storage key"):
        storage.put(key, b"x")


@pytest.mark.parametrize("url", ["http://example.org/x", "ftp://x/y", "somewhere"])
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not supported"):
        ObjectStorage(url)
