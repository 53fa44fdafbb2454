"""docker-compose.yml keeps to the Compose specification and starts what the architecture says."""

from __future__ import annotations

import json
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OURS = ("ingest", "transcribe", "score", "review")


def specification() -> Validator:
    """The Compose specification's own schema, as the package check-jsonschema carries it."""
    package = find_spec("check_jsonschema")  # found, not imported: its command line wants another click
    assert package is not None
    path = Path(str(package.origin)).parent / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    return validator_for(schema)(schema)


def test_the_file_keeps_to_the_compose_specification() -> None:
    assert [error.message for error in specification().iter_errors(COMPOSE)] == []


def test_the_specification_is_a_guard_that_can_fail() -> None:
    broken = {"services": {"kafka": {"image": "x", "healthchek": {}}}}
    assert [error.validator for error in specification().iter_errors(broken)] == ["unevaluatedProperties"]


def test_kafka_postgres_storage_and_every_service_are_started() -> None:
    assert set(COMPOSE["services"]) == {"kafka", "postgres", "storage", "bucket", "topics", *OURS, "review-worker"}


@pytest.mark.parametrize("service", OURS)
def test_every_service_is_built_from_the_one_dockerfile(service: str) -> None:
    assert COMPOSE["services"][service]["build"] == {"context": ".", "args": {"SERVICE": service}}


@pytest.mark.parametrize("service", ["kafka", "postgres", "storage"])
def test_what_the_services_stand_on_says_when_it_is_ready(service: str) -> None:
    assert set(COMPOSE["services"][service]["healthcheck"]) >= {"test", "interval", "timeout", "retries"}


def test_our_images_say_when_they_are_ready_and_do_not_run_as_root() -> None:
    assert re.search(r"^HEALTHCHECK .*\\\n\s+CMD .*health/ready", DOCKERFILE, re.M)
    assert re.search(r"^USER otzvuk$", DOCKERFILE, re.M)


@pytest.mark.parametrize("service", OURS)
def test_services_wait_for_topics_database_and_bucket(service: str) -> None:
    assert COMPOSE["services"][service]["depends_on"] == {
        "topics": {"condition": "service_completed_successfully"},
        "postgres": {"condition": "service_healthy"},
        "bucket": {"condition": "service_completed_successfully"},
    }


@pytest.mark.parametrize("service", OURS)
def test_services_run_with_nothing_they_do_not_need(service: str) -> None:
    running = COMPOSE["services"][service]
    assert (running["read_only"], running["cap_drop"]) == (True, ["ALL"])
    assert running["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("service", OURS)
def test_each_service_has_a_database_of_its_own(service: str) -> None:
    url = COMPOSE["services"][service]["environment"][f"OTZVUK_{service.upper()}_DATABASE_URL"]
    assert url == f"postgresql+psycopg://otzvuk:${{OTZVUK_POSTGRES_PASSWORD}}@postgres/otzvuk_{service}"
    assert f"CREATE DATABASE otzvuk_{service};" in COMPOSE["configs"]["databases"]["content"]


# where things are inside the containers: nobody's choice
PLACES = {
    *(f"OTZVUK_{name}" for name in ("DATA_FOLDER", "MODELS_FOLDER", "BIND_HOST", "INGEST_RECORDING_LOOPBACK")),
    *(f"OTZVUK_{service.upper()}_HTTP_PORT" for service in OURS),
    "OTZVUK_REVIEW_WORKER_HTTP_PORT",
    "OTZVUK_REVIEW_BROWSER_PACKAGES",
}


@pytest.mark.parametrize("service", OURS)
def test_every_other_setting_in_dotenv_reaches_its_service(service: str) -> None:
    """Without a value here Compose takes it from `.env` when it stands there, else it stays unset."""
    settings = import_module(f"services.{service}.settings").Settings
    names = {f"OTZVUK_{name.upper()}" for name in settings.model_fields}
    ours = {name for name in COMPOSE["services"][service]["environment"] if name.startswith("OTZVUK_")}
    assert ours == names - PLACES


def test_no_secret_stands_in_the_file_and_none_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in (
        "OTZVUK_CLIENT_KEY_SECRET",
        "OTZVUK_POSTGRES_PASSWORD",
        "OTZVUK_S3_SECRET",
        "OTZVUK_INGEST_WEBHOOK_SECRETS",
    ):
        assert re.search(rf"\$\{{{name}:\?[^}}]+}}", text), name


def test_only_the_door_and_the_pages_are_published_and_on_loopback_by_default() -> None:
    published = {name: service["ports"] for name, service in COMPOSE["services"].items() if "ports" in service}
    assert published == {
        "ingest": ["${OTZVUK_DOOR_ADDRESS:-127.0.0.1}:8081:8000"],
        "review": ["${OTZVUK_PAGE_ADDRESS:-127.0.0.1}:8080:8000"],
    }


def test_every_volume_that_is_used_is_declared() -> None:
    used = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])
