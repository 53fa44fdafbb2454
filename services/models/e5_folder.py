"""Writes multilingual-e5-small as a sentence-transformers folder: half precision, Russian and English pieces only.

The word table is four fifths of the parameters; pieces of other scripts are never used on Russian or English text, and
without them the folder has 94 MB instead of 488. The network is a BertModel (positions from 0, exact GELU), not XLM-R.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.models.e5_file import Vocabulary, WeightsFile

MASK = "<mask>"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", MASK)
LATIN_PIECES = 80_000  # Latin pieces are kept among the first so many, the commonest
_KEPT = re.compile(r"[▁ -~А-Яа-яЁё«»–—‘-‟…№₽€°§]+")
_LATIN = re.compile("[A-Za-z]")

_MODULES = (
    ("", "sentence_transformers.models.Transformer"),
    ("1_Pooling", "sentence_transformers.models.Pooling"),
    ("2_Normalize", "sentence_transformers.models.Normalize"),
)
# (short name in the file, name in BertModel, size out, size in); h: hidden, f: feed forward
_MATRICES = (
    ("q", "attention.self.query", "h", "h"),
    ("k", "attention.self.key", "h", "h"),
    ("v", "attention.self.value", "h", "h"),
    ("ao", "attention.output.dense", "h", "h"),
    ("fi", "intermediate.dense", "f", "h"),
    ("fo", "output.dense", "h", "f"),
)
_NORMS = (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm"))


def write_folder(weights: WeightsFile, target: Path) -> None:
    """Writes the whole model into `target`, which appears only when it is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=target.name, dir=target.parent))
    partial.chmod(0o755)
    kept = kept_pieces(weights.vocabulary)
    _write_weights(weights, kept, partial / "model.safetensors")
    _write_tokenizer(weights.vocabulary, kept, partial / "tokenizer.json")
    for name, content in _documents(weights, len(kept)).items():
        path = partial / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    try:
        partial.rename(target)
    except OSError:  # another process was first with the same content
        shutil.rmtree(partial)


def kept_pieces(vocabulary: Vocabulary) -> list[int]:
    """Ids of the pieces that Russian or English text can use, and of the special ones, ascending."""
    return [
        index
        for index, piece in enumerate(vocabulary.pieces)
        if index < len(SPECIAL) - 1 or piece == MASK or _is_kept(index, piece)
    ]


def _is_kept(index: int, piece: str) -> bool:
    if not _KEPT.fullmatch(piece):
        return False
    return len(piece) == 1 or index < LATIN_PIECES or not _LATIN.search(piece)


def _write_weights(weights: WeightsFile, kept: list[int], path: Path) -> None:
    from safetensors.numpy import save_file

    state = _embeddings(weights, kept) | _layers(weights)
    hidden = weights.shape.hidden
    # The file has no pooler, and nothing uses it; zeros save a warning and random numbers at load.
    state["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    state["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    halves = {name: np.ascontiguousarray(tensor, dtype=np.float16) for name, tensor in state.items()}
    save_file(halves, path, metadata={"format": "pt"})


def _embeddings(weights: WeightsFile, kept: list[int]) -> dict[str, NDArray[np.float32]]:
    shape = weights.shape
    return {
        "embeddings.word_embeddings.weight": weights.tensor("emb.word", shape.vocabulary, shape.hidden)[kept],
        "embeddings.position_embeddings.weight": weights.tensor("emb.pos", shape.positions, shape.hidden),
        "embeddings.token_type_embeddings.weight": weights.tensor("emb.type", shape.token_types, shape.hidden),
        "embeddings.LayerNorm.weight": weights.tensor("emb.ln.w", shape.hidden),
        "embeddings.LayerNorm.bias": weights.tensor("emb.ln.b", shape.hidden),
    }


def _layers(weights: WeightsFile) -> dict[str, NDArray[np.float32]]:
    sizes = {"h": weights.shape.hidden, "f": weights.shape.feed_forward}
    state = {}
    for layer in range(weights.shape.layers):
        ours, theirs = f"l{layer}", f"encoder.layer.{layer}"
        for short, long, rows, columns in _MATRICES:
            state[f"{theirs}.{long}.weight"] = weights.tensor(f"{ours}.{short}.w", sizes[rows], sizes[columns])
            state[f"{theirs}.{long}.bias"] = weights.tensor(f"{ours}.{short}.b", sizes[rows])
        for short, long in _NORMS:
            state[f"{theirs}.{long}.weight"] = weights.tensor(f"{ours}.{short}.w", sizes["h"])
            state[f"{theirs}.{long}.bias"] = weights.tensor(f"{ours}.{short}.b", sizes["h"])
    return state


def _write_tokenizer(vocabulary: Vocabulary, kept: list[int], path: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    pieces = [(vocabulary.pieces[index], float(vocabulary.scores[index])) for index in kept]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=vocabulary.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\t\n\f\r]"), " "),
            normalizers.Replace(Regex(r"[\u0000-\u001f\u007f\u008f\u009f]"), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    begin, end = vocabulary.pieces[vocabulary.begin], vocabulary.pieces[vocabulary.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, vocabulary.begin), (end, vocabulary.end)],
    )
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False, lstrip=token == MASK) for token in SPECIAL]
    )
    tokenizer.save(str(path))


def _documents(weights: WeightsFile, vocabulary: int) -> dict[str, Any]:
    """The JSON files of the folder. `query: ` is the default prompt, so callers must not add it again."""
    shape = weights.shape
    tokens = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token", "mask_token"), SPECIAL, strict=True))
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float16",
            "vocab_size": vocabulary,
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": 1e-12,
            "hidden_act": "gelu",
            "pad_token_id": weights.vocabulary.padding,
        },
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": kind}
            for index, (path, kind) in enumerate(_MODULES)
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
            "include_prompt": True,
        },
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": "query",
            "similarity_fn_name": "cosine",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "cls_token": "<s>",
            "sep_token": "</s>",
            **tokens,
        },
    }
