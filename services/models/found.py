"""What a search for a model ends with: the files and where they came from, or one sentence why there are none."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass
from pathlib import Path


class Origin(enum.Enum):
    """Where a model was found, in the order of the search."""

    FOLDER = "folder"
    HUB_CACHE = "hub cache"
    PACKAGE = "package"
    HUB = "hub"


@dataclass(frozen=True)
class FoundModel:
    """A model that can be loaded from `path`; `sha256` is of its weights file, hex."""

    name: str
    path: Path
    origin: Origin
    sha256: str


class ModelNotFound(Exception):
    """No place has the model; the text says where was looked and what to do."""

    code = "model_not_found"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hex, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def not_found(name: str, tried: list[str]) -> ModelNotFound:
    """The error for a model that no place has."""
    return ModelNotFound(
        f"model {name} was not found ({'; '.join(tried)}): "
        "run `otzvuk models fetch`, or set its name to a folder that holds it"
    )
