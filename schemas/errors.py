"""The one error of the schemas: something is not what its schema says."""

from typing import ClassVar


class InvalidEvent(Exception):
    """A message or document that does not fit its schema; `path` says where, and no value is repeated."""

    code: ClassVar[str] = "invalid_event"

    def __init__(self, name: str, problem: str, path: str = "") -> None:
        self.name = name
        self.path = path
        where = f" at {path}" if path else ""
        super().__init__(f"{name}: {problem}{where}")
