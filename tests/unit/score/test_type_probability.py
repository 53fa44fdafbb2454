"""The type's probability: heads mixed, sharpened as learnt, and a doubtful spam never in front."""

import numpy as np
import pytest

from services.score.adapters.decide import Dials, choose_type
from services.score.adapters.heads import TYPES, Prediction
from services.score.adapters.stacking import TurnScores
from services.score.domain.draft import CallType

NO_TURNS = TurnScores(*(np.zeros((0, 1), np.float32) for _ in range(5)), seller_names=(), client_names=())


def prediction(**shares: float) -> Prediction:
    types = np.array([shares.get(str(t), 0.0) for t in TYPES], np.float32)
    return Prediction(turns=NO_TURNS, types=types, scores={}, absent={}, whole=types)


def test_a_power_sharpens_and_keeps_the_order():
    said = prediction(qualification=0.5, objection=0.3, transactional=0.2)
    plain, sharp = (choose_type(said, Dials(type_mix=1.0, type_power=power)) for power in (1.0, 2.0))
    assert plain[CallType.QUALIFICATION] == pytest.approx(0.5)
    assert sharp[CallType.QUALIFICATION] == pytest.approx(0.25 / 0.38)
    assert sorted(plain, key=plain.__getitem__) == sorted(sharp, key=sharp.__getitem__)
    assert sum(sharp.values()) == pytest.approx(1)


def test_a_doubtful_spam_is_held_to_be_the_next_likeliest():
    types = choose_type(prediction(spam=0.45, qualification=0.35, objection=0.2), Dials(type_mix=1.0, type_power=2.5))
    assert max(types, key=types.__getitem__) is CallType.QUALIFICATION
