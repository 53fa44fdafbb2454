"""Makes what follows from the schemas: types, AsyncAPI and its readable page (`python -m schemas.generate`)."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from schemas import codec

ROOT = Path(__file__).parent
DOCS = ROOT.parent / "docs"


def schema_files() -> list[Path]:
    """Every event and document schema."""
    return sorted([*(ROOT / "events").glob("*.schema.json"), *(ROOT / "documents").glob("*.schema.json")])


def python_types(path: Path) -> str:
    """The TypedDicts of one schema, as source text. Fractions are Decimals: so the codec gives them."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "datamodel_code_generator",
            *("--input", str(path), "--input-file-type", "jsonschema", "--output-model-type", "typing.TypedDict"),
            *("--target-python-version", "3.11", "--use-title-as-name", "--disable-timestamp"),
            *("--formatters", "builtin"),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    text = re.sub(r"^#.*\n", "", done.stdout, flags=re.MULTILINE)
    if re.search(r"\bfloat\b", text):
        text = re.sub(r"\bfloat\b", "Decimal", text)
        text = text.replace("from typing import", "from decimal import Decimal\nfrom typing import", 1)
    head = f'"""Generated from {path.parent.name}/{path.name} by `python -m schemas.generate`; do not edit."""\n'
    return head + "\n" + text.strip() + "\n"


def type_files() -> dict[Path, str]:
    """File → content of everything in `types/`."""
    files = {ROOT / "types" / "__init__.py": '"""Types generated from the schemas."""\n'}
    for path in schema_files():
        name = path.name.removesuffix(".schema.json").replace("-", "_").replace(".v", "_v")
        files[ROOT / "types" / f"{name}.py"] = python_types(path)
    return files


def _message(event: str) -> dict[str, Any]:
    envelope = codec.schema("envelope")
    properties = {**envelope["properties"], "data": {"$ref": f"#/components/schemas/{event}"}}
    return {
        "name": event,
        "title": event,
        "contentType": "application/json",
        "summary": codec.schema(event)["description"],
        "payload": {"type": "object", "required": envelope["required"], "properties": properties},
        "examples": [{"name": name.removesuffix(".json"), "payload": body} for name, body in codec.examples(event)],
    }


def _channel(topic: codec.Topic) -> dict[str, Any]:
    configuration: dict[str, Any] = {"cleanup.policy": ["compact"] if topic.compacted else ["delete"]}
    if topic.retention_days:
        configuration["retention.ms"] = topic.retention_days * 86_400_000
    return {
        "address": topic.name,
        "description": f"Key: {topic.key}. Written by {', '.join(topic.producers)}, "
        f"read by {', '.join(topic.consumers)}.",
        "messages": {topic.event: {"$ref": f"#/components/messages/{topic.event}"}},
        "bindings": {"kafka": {"partitions": topic.partitions, "topicConfiguration": configuration}},
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of all topics."""
    topics = codec.topics()
    events = [topic.event for topic in topics.values()] + ["dead-letter"]
    schemas = {}
    for event in events:
        schema = codec.schema(event)
        schemas[event] = {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
    channels = {name: _channel(topic) for name, topic in topics.items()}
    channels["dead-letters"] = {
        "address": "{topic}-dlq",
        "description": "What could not be handled, with its reason; one topic beside each topic, kept 30 days.",
        "parameters": {"topic": {"description": "Any topic's name."}},
        "messages": {"dead-letter": {"$ref": "#/components/messages/dead-letter"}},
    }
    operations = {f"read-{name}": {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}} for name in channels}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Otzvuk events",
            "version": "1",
            "description": "Every topic between the services, and for analysts. A version only gains optional fields.",
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": {event: _message(event) for event in events}, "schemas": schemas},
    }


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    kind = schema.get("type", "any")
    names = kind if isinstance(kind, list) else [kind]
    text = " or ".join(str(name) for name in names)
    if schema.get("enum"):
        text += ": " + ", ".join(f"`{value}`" for value in schema["enum"] if value is not None)
    return text


def _rows(properties: dict[str, Any], required: list[str], prefix: str = "") -> list[str]:
    rows = []
    for name, schema in properties.items():
        must = "yes" if name in required else ""
        rows.append(f"| `{prefix}{name}` | {_kind(schema)} | {must} | {schema.get('description', '')} |")
        nested = next((part for part in schema.get("anyOf", []) if "properties" in part), schema)
        items = schema.get("items", {})
        if "properties" in nested:
            rows += _rows(nested["properties"], nested.get("required", []), f"{prefix}{name}.")
        elif "properties" in items:
            rows += _rows(items["properties"], items.get("required", []), f"{prefix}{name}[].")
    return rows


def page() -> str:
    """The readable page of all topics, as Markdown."""
    lines = [
        "# Topics",
        "",
        "Generated from `schemas/` by `python -m schemas.generate`; for machines there is `asyncapi.yaml` beside it.",
        "Every message is JSON in one envelope: "
        + ", ".join(f"`{name}`" for name in codec.schema("envelope")["properties"])
        + ".",
        "Times are ISO 8601 in UTC. No message holds a name, a number or a word of a call.",
        "",
    ]
    for topic in codec.topics().values():
        schema = codec.schema(topic.event)
        keep = "for ever, compacted by key" if topic.compacted else f"{topic.retention_days} days"
        lines += [
            f"## {topic.name}",
            "",
            schema["description"],
            "",
            f"Key `{topic.key}` · {topic.partitions} partitions · kept {keep} · written by {', '.join(topic.producers)}"
            f" · read by {', '.join(topic.consumers)}",
            "",
            "| field of `data` | type | always there | meaning |",
            "|---|---|---|---|",
            *_rows(schema["properties"], schema["required"]),
            "",
        ]
        for _name, body in list(codec.examples(topic.event))[:1]:
            text = json.dumps(json.loads(codec.to_json(body)), ensure_ascii=False, indent=2)
            lines += ["```json", text, "```", ""]
    return "\n".join(lines)


def all_files() -> dict[Path, str]:
    """Every generated file and what it should hold."""
    document = json.loads(codec.to_json(asyncapi()))
    return {
        **type_files(),
        DOCS / "asyncapi.yaml": yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120),
        DOCS / "topics.md": page(),
    }


def main() -> int:
    """Writes the files, or with `--check` says which are out of date (exit code 1)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    wanted = all_files()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        sys.stdout.write(f"{'out of date' if check else 'wrote'}: {path.relative_to(ROOT.parent)}\n")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
