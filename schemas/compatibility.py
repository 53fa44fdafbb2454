"""A version of an event only gains optional fields: compares the schemas with those released, and releases new ones."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

RELEASED = Path(__file__).parent / "released.json"


def current() -> dict[str, Any]:
    """Every event and document schema by file name, without descriptions."""
    root = Path(__file__).parent
    found = sorted([*(root / "events").glob("*.schema.json"), *(root / "documents").glob("*.schema.json")])
    return {f"{path.parent.name}/{path.name}": _bare(json.loads(path.read_text("utf-8"))) for path in found}


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if key not in ("$schema", "$id", "title")} | (
            {"description": "…"} if isinstance(value.get("description"), str) else {}
        )
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _kinds(schema: dict[str, Any]) -> set[str]:
    if "anyOf" in schema:
        return set().union(*(_kinds(part) for part in schema["anyOf"]))
    kind = schema.get("type")
    return set(kind) if isinstance(kind, list) else {kind} if kind else set()


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    """The object or the items inside a field, whichever shape it has."""
    for part in [schema, *schema.get("anyOf", [])]:
        if "properties" in part:
            return dict(part)
        if isinstance(part.get("items"), dict):
            return _object(part["items"]) or {"properties": {"[]": part["items"]}, "required": []}
    return {}


def breaking(old: dict[str, Any], new: dict[str, Any], path: str = "") -> list[str]:
    """One sentence for each change that a consumer or a stored message of the old shape would not survive."""
    found = []
    before, after = _object(old), _object(new)
    required_before, required_after = set(before.get("required", [])), set(after.get("required", []))
    for name, field in before.get("properties", {}).items():
        where = f"{path}/{name}"
        if name not in after.get("properties", {}):
            found.append(f"{where} is gone")
            continue
        changed = after["properties"][name]
        if name in required_before and name not in required_after:
            found.append(f"{where} is no longer always there")
        found += _changes(field, changed, where)
        found += breaking(field, changed, where)
    found += [f"{path}/{name} is demanded now" for name in sorted(required_after - required_before)]
    return found


def _changes(field: dict[str, Any], changed: dict[str, Any], where: str) -> list[str]:
    found = []
    if _kinds(field) != _kinds(changed):
        found.append(f"{where} has another type")
    if set(map(str, field.get("enum", []))) - set(map(str, changed.get("enum", []))):
        found.append(f"{where} lost a value")
    if "enum" not in field and "enum" in changed:
        found.append(f"{where} allows only named values now")
    for rule in ("maxLength", "maximum"):
        if rule in changed and (rule not in field or changed[rule] < field[rule]):
            found.append(f"{where} has a narrower {rule}")
    for rule in ("minLength", "minimum"):
        if rule in changed and changed[rule] > field.get(rule, float("-inf")):
            found.append(f"{where} has a narrower {rule}")
    return found


def against_released() -> list[str]:
    """Breaking changes of the working tree against what was released; a missing file is one."""
    released, now = json.loads(RELEASED.read_text("utf-8")), current()
    found = [f"{name}: the file is gone" for name in released if name not in now]
    for name, old in released.items():
        if name in now:
            found += [f"{name}: {change}" for change in breaking(old, now[name])]
    return found


def main() -> int:
    """`--release` keeps the present schemas as released, unless something breaks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", action="store_true", help="keep the present shapes as released")
    release = parser.parse_args().release
    found = against_released() if RELEASED.exists() else []
    for change in found:
        sys.stdout.write(f"{change}: make a v2 beside the v1 instead\n")
    if release and not found:
        RELEASED.write_text(json.dumps(current(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
