"""Claims: statements that merge to the same result in any order and any number of times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Value = str | int | bool | None | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """A value with what decides between claims: `rank`, then `at` (any growing integer), then the value itself."""

    rank: int
    at: int
    value: Value

    def beats(self, other: Claim) -> bool:
        """A total order, so that the winner does not depend on who came first."""
        return (self.rank, self.at, canonical(self.value)) > (other.rank, other.at, canonical(other.value))


Claims = Mapping[str, Claim]


def canonical(value: Any) -> str:
    """One text for one value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def merged(mine: Claims, more: Claims) -> dict[str, Claim]:
    """Both together; for each name the claim that beats the other."""
    result = dict(mine)
    for name, claim in more.items():
        if name not in result or claim.beats(result[name]):
            result[name] = claim
    return result


def value_of(claims: Claims, name: str) -> Any:
    """The value that won, or None when nobody said anything."""
    claim = claims.get(name)
    return claim.value if claim else None


def to_json(claims: Claims) -> dict[str, list[Any]]:
    """For storage."""
    return {name: [claim.rank, claim.at, claim.value] for name, claim in sorted(claims.items())}


def from_json(data: Mapping[str, list[Any]]) -> dict[str, Claim]:
    """From storage."""
    return {name: Claim(rank, at, value) for name, (rank, at, value) in data.items()}
