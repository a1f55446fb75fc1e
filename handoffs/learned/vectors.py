"""Small word vectors of service talk: near words have near meanings, which helps where examples are few."""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from handoffs.learned import text as plain
from handoffs.learned import weights
from handoffs.learned.linear import Floats

KIND = "vectors"
SIZE, WINDOW, LEAST = 150, 5, 3
SMOOTHED = 0.75  # context counts, after Levy, Goldberg and Dagan 2015
COMMON = 1e-3  # words more frequent than this count less, after Arora, Liang and Ma 2017


@dataclass(frozen=True)
class Vectors:
    """`rows` is (words, SIZE), each of length 1; `weigh` (words,) is how much a word counts in a text."""

    place: dict[str, int]
    rows: Floats
    weigh: Floats

    @classmethod
    def fit(cls, texts: Iterable[str], *, seed: int) -> Self:
        """From which words stand near which: positive pointwise mutual information, reduced by a truncated SVD."""
        said = [plain.words(plain.normal(text)) for text in texts]
        counts = Counter(word for words in said for word in words)
        place = {word: at for at, word in enumerate(sorted(word for word, count in counts.items() if count >= LEAST))}
        left, scale, _ = randomized_svd(_surprise(_together(said, place)), min(SIZE, len(place)), random_state=seed)
        rows = left * np.sqrt(scale)
        share = np.array([counts[word] for word in place]) / sum(counts.values())
        weigh = (COMMON / (COMMON + share)).astype(np.float16).astype(np.float32)
        return cls(place, _rounded(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)), weigh)

    def of(self, texts: Sequence[str]) -> Floats:
        """(texts, SIZE): the weighted mean of the words, of length 1; zeros where no word is known."""
        return np.stack([self._of(text) for text in texts]) if texts else np.zeros((0, self.rows.shape[1]), np.float32)

    def _of(self, text: str) -> Floats:
        at = [self.place[word] for word in plain.words(plain.normal(text)) if word in self.place]
        mean = self.weigh[at] @ self.rows[at]
        return np.asarray(mean / (np.linalg.norm(mean) + 1e-9), np.float32)

    def to_bytes(self) -> bytes:
        """A compressed .npz; a number of a row takes one byte."""
        file = io.BytesIO()
        words = np.frombuffer("\n".join(self.place).encode(), np.uint8)
        np.savez_compressed(file, words=words, rows=np.round(self.rows * 127).astype(np.int8), weigh=self.weigh.astype(np.float16))
        return file.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Raises ValueError for anything that `to_bytes` did not make."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as saved:
                words = saved["words"].tobytes().decode().split("\n")
                rows, weigh = saved["rows"].astype(np.float32) / 127, saved["weigh"].astype(np.float32)
        except Exception as error:
            raise ValueError(f"not saved word vectors: {error}") from None
        if len(rows) != len(words) or weigh.shape != (len(words),):
            raise ValueError("not saved word vectors: their parts do not fit together")
        return cls({word: at for at, word in enumerate(words)}, rows, weigh)


@cache
def shipped() -> Vectors | None:
    """The vectors that come with Baton; None when their file is missing or broken."""
    return weights.load(KIND, Vectors.from_bytes)


def encode(texts: Sequence[str]) -> Floats | None:
    """(texts, SIZE), or None without the file."""
    vectors = shipped()
    return vectors.of(texts) if vectors else None


def _together(said: list[list[str]], place: dict[str, int]) -> sparse.csr_matrix:
    """How often two words stand within WINDOW of each other, nearer ones counting more."""
    near: Counter[tuple[int, int]] = Counter()
    for words in said:
        at = [place[word] for word in words if word in place]
        for here, one in enumerate(at):
            for far, other in enumerate(at[here + 1 : here + 1 + WINDOW], 1):
                near[one, other] += 1 / far  # type: ignore[assignment]
    ends = np.array(list(near), np.int64).reshape(-1, 2)
    one_way = sparse.coo_matrix((np.array(list(near.values()), float), (ends[:, 0], ends[:, 1])), shape=(len(place),) * 2).tocsr()
    return (one_way + one_way.T).tocoo()


def _surprise(near: sparse.coo_matrix) -> sparse.csr_matrix:
    """Positive pointwise mutual information."""
    seen = np.asarray(near.sum(axis=1)).ravel()
    context = seen**SMOOTHED
    surprise = np.log(near.data / (seen[near.row] * (context / context.sum())[near.col]))
    kept = surprise > 0
    return sparse.csr_matrix((surprise[kept], (near.row[kept], near.col[kept])), shape=near.shape)


def _rounded(rows: Floats) -> Floats:
    """As they are saved, so that vectors are the same before and after."""
    return np.asarray(np.round(rows * 127).astype(np.int8).astype(np.float32) / 127, np.float32)
