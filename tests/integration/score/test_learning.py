"""Learning: answers from outside a fold never saw it, the shipped data is whole, a firm's own items work."""

from pathlib import Path

import numpy as np
from scipy import sparse

from services.score.adapters.kernel_heads import TURN_KERNEL, Rows, fit_heads
from services.score.adapters.lexicon import load_morphology
from services.score.training.dataset import load
from services.score.training.own_items_trial import try_own_items
from services.score.training.produce import ordinary_talk

DATA = Path(__file__).parents[3] / "services" / "score" / "training" / "data"


def test_outside_answers_never_saw_their_fold():
    rng = np.random.default_rng(1)
    figures = rng.random((40, 4)).astype(np.float32)
    rows = Rows(sparse.csr_matrix((40, 1), dtype=np.float32), figures)
    targets = (figures[:, :1] > 0.5).astype(np.float32)
    folds = np.arange(40) % 4
    heads, outside = fit_heads(["high"], rows, targets, folds, TURN_KERNEL, 0.01)
    _, flipped = fit_heads(
        ["high"], rows, np.where(folds[:, None] == 0, 1 - targets, targets), folds, TURN_KERNEL, 0.01
    )
    assert np.allclose(outside[folds == 0], flipped[folds == 0], atol=1e-3)
    assert np.abs(heads.predict(rows) - targets).mean() < np.abs(outside - targets).mean()


def test_the_shipped_data_has_every_author_and_its_heard_twins():
    examples = load(sorted(DATA.glob("*.jsonl")))
    assert (len(examples), sum(e.heard for e in examples), len({e.author for e in examples})) == (614, 164, 12)
    written = {e.id: e.author for e in examples if not e.heard}
    assert all(written[e.id.removesuffix("-heard")] == e.author for e in examples if e.heard)


def test_own_items_find_their_sentences_and_leave_others():
    ordinary = ordinary_talk(load(sorted(DATA.glob("train-*.jsonl"))))
    unseen = ordinary_talk(load([DATA / "dev-b.jsonl"]))[::8]
    figures = try_own_items(load_morphology(), ordinary, unseen)
    assert figures.recall >= 0.6
    assert figures.precision >= 0.75
    assert figures.false_share <= 0.05
