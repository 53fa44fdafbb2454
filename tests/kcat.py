"""kcat for the tests: the machine's own, else Debian's package unpacked into a cache folder, without root."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = ("kcat", "librdkafka1", "libyajl2", "libsasl2-2", "liblz4-1", "libzstd1")
CACHE = Path.home() / ".cache" / "otzvuk" / "kcat"
SECONDS = 120
NO_KCAT = "kcat can be had neither from this machine nor from its package index: its snippet was not run"


def kcat_environment() -> dict[str, str] | None:
    """What to add to the environment so that `kcat` runs; None when it cannot be had."""
    if shutil.which("kcat"):
        return {}
    root = CACHE / "root"
    if not (root / "usr" / "bin" / "kcat").exists() and not _fetched(root):
        return None
    libraries = {str(path.parent) for path in root.rglob("lib*.so*")}
    found = {
        "PATH": f"{root / 'usr' / 'bin'}:{os.environ.get('PATH', '')}",
        "LD_LIBRARY_PATH": ":".join(sorted(libraries)),
    }
    return found if _runs("kcat", "-V", env={**os.environ, **found}) else None


def _fetched(root: Path) -> bool:
    """Downloads and unpacks; a folder of this process, moved into place when it is whole."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return False
    passing = CACHE.with_name(f"kcat-{os.getpid()}")
    passing.mkdir(parents=True, exist_ok=True)
    try:
        if not _runs("apt-get", "download", *PACKAGES, cwd=passing):
            return False
        for package in passing.glob("*.deb"):
            if not _runs("dpkg-deb", "-x", str(package), str(passing / "root")):
                return False
        CACHE.mkdir(parents=True, exist_ok=True)
        if not root.exists():
            (passing / "root").rename(root)
        return True
    finally:
        shutil.rmtree(passing, ignore_errors=True)


def _runs(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> bool:
    try:
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
