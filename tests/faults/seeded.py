"""Randomness that can be played again: the seed is printed, and taken from the environment when given."""

from __future__ import annotations

import os
import random


def rng() -> random.Random:
    """A generator; set OTZVUK_TEST_SEED to the printed number to repeat a run."""
    seed = int(os.environ.get("OTZVUK_TEST_SEED") or random.SystemRandom().randrange(2**32))
    print(f"OTZVUK_TEST_SEED={seed}")
    return random.Random(seed)
