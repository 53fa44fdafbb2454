"""Every event is a file with a topic, an example and generated types; a version only gains optional fields."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from schemas import codec, compatibility
from schemas.generate import all_files, schema_files

ROOT = Path(codec.__file__).parent
EVENTS = sorted(path.name.removesuffix(".v1.schema.json") for path in (ROOT / "events").glob("*.json"))


@pytest.mark.parametrize("path", schema_files(), ids=lambda path: path.name)
def test_a_schema_is_one(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == path.name.removesuffix(".schema.json").replace("-", "_").replace(".v", "_v")
    assert "additionalProperties" not in schema


@pytest.mark.parametrize("event", [name for name in EVENTS if name != "envelope"])
def test_every_event_has_examples_that_fit(event: str) -> None:
    bodies = list(codec.examples(event))
    assert bodies
    for name, body in bodies:
        raw = codec.to_json(body).encode()
        assert codec.decode(raw).event == event, name


@pytest.mark.parametrize("event", [name for name in EVENTS if name not in ("envelope", "dead-letter")])
def test_every_event_has_a_topic_with_its_key(event: str) -> None:
    topic = codec.topics()[event]
    assert topic.event == event
    assert topic.key in codec.schema(event)["required"]
    assert topic.retention_days in (7, 30, None)
    assert (topic.retention_days is None) == topic.compacted


def test_no_topic_and_no_example_is_an_orphan() -> None:
    folders = {path.name.removesuffix(".v1") for path in (ROOT / "examples").iterdir()}
    assert folders == set(EVENTS) - {"envelope"}
    assert set(codec.topics()) == set(EVENTS) - {"envelope", "dead-letter"}


def test_generated_files_are_up_to_date() -> None:
    assert [path.name for path, text in all_files().items() if path.read_text("utf-8") != text] == []


def test_nothing_released_was_broken() -> None:
    assert compatibility.against_released() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda schema: schema["properties"].pop("rating"), ["/rating is gone"]),
        (lambda schema: schema["required"].remove("rating"), ["/rating is no longer always there"]),
        (lambda schema: schema["required"].append("mood"), ["/mood is demanded now"]),
        (lambda schema: schema["properties"]["rating"].update(type="string"), ["/rating has another type"]),
        (lambda schema: schema["properties"]["channel"]["enum"].remove("ivr"), ["/channel lost a value"]),
        (lambda schema: schema["properties"]["rating"].update(maximum=4), ["/rating has a narrower maximum"]),
        (lambda schema: schema["properties"].update(mood={"type": "string"}), []),
        (lambda schema: schema["properties"]["channel"]["enum"].append("fax"), []),
    ],
)
def test_an_incompatible_change_is_named(change: object, said: list[str]) -> None:
    old = codec.schema("call-rated")
    new = copy.deepcopy(old)
    change(new)  # type: ignore[operator]
    assert compatibility.breaking(old, new) == said
