"""The child process that holds a model: answers, errors, deaths, time limits."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from services.runtime.children import Child, ChildDied, ChildTimeout


class Model:
    """What the child holds in these tests."""

    def __init__(self, factor: int) -> None:
        self.factor = factor
        self.calls = 0

    def times(self, number: int) -> tuple[int, int, int]:
        self.calls += 1
        return number * self.factor, self.calls, os.getpid()

    def refuse(self) -> None:
        raise ValueError("no such thing")

    def die(self) -> None:
        os._exit(3)

    def sleep(self) -> None:
        time.sleep(60)


def make(factor: int) -> Model:
    return Model(factor)


def make_nothing() -> Model:
    raise RuntimeError("no model here")


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    made = Child(f"{__name__}:make", {"factor": 3})
    yield made
    made.close()


def test_the_model_lives_in_one_other_process(child: Child) -> None:
    first, second = (child.call("times", 5, timeout_seconds=20) for _ in range(2))
    assert (first[0], first[1]) == (15, 1)
    assert (second[0], second[1], second[2]) == (15, 2, first[2])
    assert first[2] != os.getpid()


def test_an_error_of_the_model_is_the_callers(child: Child) -> None:
    with pytest.raises(ValueError, match="no such thing"):
        child.call("refuse", timeout_seconds=20)
    assert child.call("times", 1, timeout_seconds=20)[0] == 3


def test_a_death_is_told_and_the_next_call_has_a_new_process(child: Child) -> None:
    with pytest.raises(ChildDied):
        child.call("die", timeout_seconds=20)
    assert child.call("times", 2, timeout_seconds=20)[:2] == (6, 1)


def test_what_takes_too_long_is_ended(child: Child) -> None:
    with pytest.raises(ChildTimeout):
        child.call("sleep", timeout_seconds=0.2)
    assert child.call("times", 2, timeout_seconds=20)[1] == 1


def test_a_model_that_cannot_be_loaded_is_told() -> None:
    broken = Child(f"{__name__}:make_nothing")
    with pytest.raises(ChildDied):
        broken.start(timeout_seconds=120)


def test_a_process_is_renewed_after_its_calls() -> None:
    renewed = Child(f"{__name__}:make", {"factor": 1}, calls_before_renewal=1)
    pids = {renewed.call("times", 1, timeout_seconds=20)[2] for _ in range(2)}
    renewed.close()
    assert len(pids) == 2
