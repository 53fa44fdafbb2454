"""What the browser is sent besides pages: our stylesheet and modules, and a few files of the installed packages."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from services.runtime.errors import OtzvukError

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

# Nothing else of node_modules is ever served.
PACKAGE_FILES: Mapping[str, str] = {
    "packages/htmx.js": "htmx.org/dist/htmx.min.js",
    "packages/wavesurfer.js": "wavesurfer.js/dist/wavesurfer.esm.js",
    "packages/uplot.js": "uplot/dist/uPlot.iife.min.js",
    "packages/uplot.css": "uplot/dist/uPlot.min.css",
}


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: its bytes, plain and compressed, and its media type."""

    media_type: str
    plain: bytes
    zipped: bytes


class MissingPackage(OtzvukError):
    """A package of the browser is not installed: `npm ci` has not run."""

    code = "missing_package"


class Assets:
    """Every asset by name, read once; the address holds a hash over all, so that browsers keep them for ever."""

    def __init__(self, packages: Path) -> None:
        found = {**_ours(), **_theirs(packages)}
        self._assets = {name: _asset(name, body) for name, body in found.items()}
        digest = hashlib.sha256(b"".join(name.encode() + found[name] for name in sorted(found)))
        self.version = digest.hexdigest()[:12]

    @classmethod
    def load(cls) -> Assets:
        """With the packages that `npm ci` put into `node_modules` of the project's folder (or of the working one)."""
        places = (Path(__file__).resolve().parents[4] / "node_modules", Path.cwd() / "node_modules")
        return cls(next((place for place in places if place.is_dir()), places[0]))

    def address(self, name: str) -> str:
        """The address of an asset. Raises KeyError for one that is not there."""
        self._assets[name]
        return f"/static/{self.version}/{name}"

    def get(self, name: str) -> Asset | None:
        """The asset of that name, None for any other name."""
        return self._assets.get(name)


def _asset(name: str, body: bytes) -> Asset:
    return Asset(TYPES[Path(name).suffix], body, gzip.compress(body, 9, mtime=0))


def _ours() -> dict[str, bytes]:
    root = files("services.review.web") / "static"
    found = {path: item.read_bytes() for path, item in _walk(root, "") if not path.startswith("css/")}
    sheets = sorted((item for _, item in _walk(root / "css", "")), key=lambda item: item.name)
    found["otzvuk.css"] = b"\n".join(item.read_bytes() for item in sheets)
    return found


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _walk(item, f"{prefix}{item.name}/")
        elif Path(item.name).suffix in TYPES:
            found.append((prefix + item.name, item))
    return found


def _theirs(packages: Path) -> dict[str, bytes]:
    found = {}
    for name, path in PACKAGE_FILES.items():
        try:
            found[name] = (packages / path).read_bytes()
        except FileNotFoundError as missing:
            raise MissingPackage(f"{path} is not in {packages}: run `npm ci` in the project's folder.") from missing
    return found
