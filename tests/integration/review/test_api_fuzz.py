"""Schemathesis over the whole API as every role: no 5xx, nothing undocumented; and each id of A asked for as B."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from services.review.handlers import telling
from tests.integration.review import journeys
from tests.integration.review.world import World

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ROLES = ("marina", "natalia", "olga", "svetlana", "timur", "anna")
EXAMPLES = 6
# The doors have tests of their own: fuzzing them locks the world out, as it should.
NOT_FUZZED = ("/api/v1/session",)


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    made = World(sqlite_url).settle()
    for number in range(3):
        made.register(f"call-{number}")
    journeys.evaluate(made, "call-0")
    journeys.appeal(made, "call-0")
    journeys.send_counted(made, "call-1")
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("person", ROLES)
@pytest.mark.filterwarnings("ignore")
def test_no_request_breaks_it(world: World, person: str) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", world.app)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith(NOT_FUZZED):
            continue
        asked += 1
        _fuzz(operation, person)
    assert asked > 40


def _fuzz(operation: Any, person: str) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        case.call_and_validate(
            base_url="http://otzvuk.test",
            headers={"Authorization": f"Bearer {person}"},
            checks=CHECKS,
        )

    check()


def ids_of(world: World) -> list[str]:
    """Every address at which something of marina's calls can be asked for."""
    with world.work() as work:
        due = datetime.now(UTC) + timedelta(days=2)
        made = telling.set_follow_up(work, world.viewer("svetlana"), "call-0", "olga", "Перезвонить", due)
        assert made.version == 1
    evaluations = [row[0] for row in world.sql("SELECT evaluation_id FROM evaluations")]
    return [
        *(f"/calls/call-{number}" for number in range(3)),
        *(f"/evaluations/{evaluation_id}" for evaluation_id in evaluations),
        "/credit/2026-11/marina",
    ]


def test_each_id_of_one_seller_asked_for_as_another(world: World) -> None:
    addresses = ids_of(world)
    for address in addresses:
        assert world.ask("timur", "GET", address).status_code == 200, address
        for stranger in ("ilya", "denis", "gleb", "rita"):
            answer = world.ask(stranger, "GET", address)
            nothing = world.ask(stranger, "GET", address.rsplit("/", 1)[0] + "/no-such-thing")
            assert answer.status_code == 404, (stranger, address)
            assert answer.text == nothing.text
    secrets = ("call-0", "call-1", "call-2", "marina", "Марина", "key-call", "45-12")
    lists = ("/calls", "/work", "/follow-ups", "/appeals", "/credit/2026-11", "/quality/2026-11", "/people")
    for stranger in ("ilya", "denis"):
        for address in lists:
            answer = world.ask(stranger, "GET", address)
            assert not [secret for secret in secrets if secret in answer.text], (stranger, address)


def test_every_change_is_in_the_audit_log(world: World) -> None:
    """Who, when, what, and the request's id, in the same transaction: one line at least for each successful change."""
    lines = _lines(world)
    sent = world.ask("svetlana", "POST", "/calls/call-2/send-counted", {"why": "посмотреть"}, version=1)
    assert sent.status_code == 200
    (line,) = world.sql("SELECT actor_id, action, object_id, why, request_id FROM audit_log ORDER BY seq DESC LIMIT 1")
    assert tuple(line) == ("svetlana", "call.send_counted", "call-2", "посмотреть", sent.headers["x-request-id"])
    assert _lines(world) == lines + 1
    refused = world.ask("svetlana", "POST", "/calls/call-2/send-counted", {}, version=2)
    assert refused.status_code == 409
    assert _lines(world) == lines + 1


def _lines(world: World) -> int:
    return int(world.sql("SELECT count(*) FROM audit_log")[0][0])
