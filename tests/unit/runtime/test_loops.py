"""Loops turn at once while there is work, wait while the world is at fault, and can be stopped."""

from __future__ import annotations

import threading

from services.runtime.errors import TransientError
from services.runtime.loops import Loop, Running


def test_a_loop_goes_on_while_there_is_work_and_ends_when_told() -> None:
    done, enough = [], threading.Event()

    def step() -> bool:
        done.append(len(done))
        if len(done) == 5:
            enough.set()
        return len(done) < 5

    running = Running([Loop("test", step, idle_seconds=60)])
    running.start()
    assert enough.wait(60)
    assert running.join(60)
    assert done == [0, 1, 2, 3, 4]


def test_a_world_at_fault_is_waited_out() -> None:
    tries, enough = [], threading.Event()

    def step() -> bool:
        tries.append(1)
        if len(tries) == 1:
            raise TransientError("away")
        enough.set()
        return False

    running = Running([Loop("test", step, idle_seconds=60)])
    running.start()
    assert enough.wait(60)
    assert running.join(60)
    assert len(tries) == 2


def test_a_loop_that_hears_looks_again_at_the_bell() -> None:
    looked, twice = [], threading.Event()

    def step() -> bool:
        looked.append(1)
        if len(looked) == 2:
            twice.set()
        return False

    running = Running([Loop("test", step, idle_seconds=3600, hears=True)])
    running.start()
    assert not twice.wait(0.05)
    running.ring()
    assert twice.wait(60)
    assert running.join(60)
