"""The walls of the services (CONTRIBUTING.md): who may import whom."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("ingest", "transcribe", "score", "review")
# part of a service → what of ours it may import ("own." means its own service)
ALLOWED = {
    "domain": ("own.domain",),
    "ports": ("own.domain", "own.ports"),
    "handlers": ("own.domain", "own.ports", "own.handlers", "schemas", "services.runtime.errors"),
    "adapters": ("own.domain", "own.ports", "own.adapters", "schemas", "services.runtime", "services.models"),
    "agents": ("services.runtime",),
    "web": (
        "own.domain",
        "own.handlers",
        "own.ports",
        "own.web",
        "services.runtime.errors",
        "services.runtime.web",
        "schemas",
    ),
    "settings": ("services.runtime.settings",),
    "migrations": ("own.migrations", "own.adapters", "services.runtime"),
}
# the outer ring: they join real parts, within their own service
OUTER = ("app", "commands", "training")
IMPURE = {
    "os", "io", "sys", "time", "random", "secrets", "logging", "pathlib", "socket", "subprocess", "threading",
    "asyncio", "sqlalchemy", "fastapi", "starlette", "httpx", "faust", "kafka", "structlog",
    "pydantic_settings", "obstore",
}  # fmt: skip


def part_of(path: Path) -> str:
    relative = path.relative_to(ROOT / "services")
    name = relative.parts[1]
    return name.removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> set[str]:
    """Full names of what a file imports, `from x import y` as x.y."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say the whole name of what is imported"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def ours(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in ("services", "schemas", "demo", "tests")


def within(name: str, allowed: tuple[str, ...], service: str) -> bool:
    full = [rule.replace("own.", f"services.{service}.") for rule in allowed]
    return any(name == rule or name.startswith(rule + ".") for rule in full)


def violations(path: Path, source: set[str]) -> list[str]:
    service, part = path.relative_to(ROOT / "services").parts[0], part_of(path)
    if part == "__init__":
        return []
    if part in OUTER:
        allowed = (f"services.{service}", "schemas", "services.runtime", "services.models")
        return [name for name in source if ours(name) and not within(name, allowed, service)]
    bad = [name for name in source if ours(name) and not within(name, ALLOWED[part], service)]
    if part in ("domain", "ports"):
        bad += [name for name in source if name.split(".")[0] in IMPURE]
    return bad


def service_files() -> list[Path]:
    return sorted(path for service in SERVICES for path in (ROOT / "services" / service).rglob("*.py"))


@pytest.mark.parametrize("path", service_files(), ids=lambda path: str(path.relative_to(ROOT / "services")))
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    assert violations(path, imports(path)) == []


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("review/domain/x.py", "services.review.adapters.store"),
        ("review/domain/x.py", "random"),
        ("review/handlers/x.py", "services.runtime.database.Database"),
        ("score/adapters/x.py", "services.review.domain.statuses"),
        ("score/app.py", "services.review.app"),
        ("ingest/web/x.py", "services.ingest.adapters.store"),
    ],
)
def test_the_guard_sees_what_is_forbidden(where: str, name: str) -> None:
    assert violations(ROOT / "services" / where, {name}) == [name]


@pytest.mark.parametrize("path", sorted((ROOT / "services" / "runtime").glob("*.py")), ids=lambda path: path.name)
def test_runtime_knows_no_service(path: Path) -> None:
    assert [
        name for name in imports(path) if ours(name) and not within(name, ("services.runtime", "schemas"), "")
    ] == []


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*.py")), ids=lambda path: path.name)
def test_schemas_know_nothing_of_ours(path: Path) -> None:
    assert [name for name in imports(path) if ours(name) and not name.startswith("schemas")] == []


def test_only_the_edge_catches_everything() -> None:
    edge = {"edge.py", "loops.py", "work.py", "children.py", "relay.py"}
    found = []
    for path in (ROOT / "services").rglob("*.py"):
        for node in ast.walk(tree(path)):
            broad = isinstance(node, ast.ExceptHandler) and (
                node.type is None
                or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
            )
            if broad and not (path.parent.name == "runtime" and path.name in edge):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []
