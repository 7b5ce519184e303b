"""A small model of the kinds of letters, learned from those an office's clerks confirmed.

Features are hashed groups of 3–5 characters, so misread letters cost little. It is multinomial logistic regression,
made honest by two numbers that letters it had not seen decide: a temperature and a doubt. Learning needs scikit-learn
and takes seconds; judging a letter needs numpy alone. It is stored as plain numbers (no pickle), and used only where
`better_than_rules`.
"""

import hashlib
import io
import json
import math
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from classify.kinds import Verdict
from classify.rules import KINDS

VERSION = 1
BUCKETS = 1 << 14
MOST_CHARS = 6000  # what makes a kind stands on the first page
LEAST_PER_KIND = 4  # fewer letters of a kind teach their wording, not the kind
LEAST_LETTERS = 30  # fewer are no trial of model against rules
FOLDS = 4
_GROUPS = (3, 4, 5)
_STRENGTH = 60.0  # inverse of the penalty: letters of one kind are much alike, so little is needed
_LARGEST = 64 << 20

Floats = NDArray[np.float32]
Numbers = NDArray[np.float64]
Example = tuple[str, str]


def _folded(text: str) -> NDArray[np.uint64]:
    """Small letters, every digit a 0, everything else a single space: numbers and names of days must not be learned."""
    kept = "".join(c if c.isalpha() else "0" if c.isdigit() else " " for c in text[:MOST_CHARS].casefold())
    data = f" {' '.join(kept.split())} ".encode("latin-1", "replace")
    return np.frombuffer(data, dtype=np.uint8).astype(np.uint64)


def features(text: str) -> Floats:
    """How often each group of characters stands in `text`, as 1 + log of the count, in `BUCKETS` hashed places."""
    chars = _folded(text)
    counts = np.zeros(BUCKETS, dtype=np.float32)
    for size in _GROUPS:
        if len(chars) < size:
            continue
        code = np.full(len(chars) - size + 1, size, dtype=np.uint64)
        for place in range(size):
            code = code * np.uint64(1_099_511_628_211) + chars[place : len(chars) - size + 1 + place]
        code ^= code >> np.uint64(29)
        code *= np.uint64(0xBF58476D1CE4E5B9)
        code ^= code >> np.uint64(32)
        counts += np.bincount((code % np.uint64(BUCKETS)).astype(np.int64), minlength=BUCKETS)
    return np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0).astype(np.float32)


def _weighted(rows: Floats, idf: Floats) -> Floats:
    weighted = rows * idf
    length = np.linalg.norm(weighted, axis=1, keepdims=True)
    return np.asarray(weighted / np.maximum(length, 1e-9), dtype=np.float32)


def _shares(scores: Numbers) -> Numbers:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Model:
    """What was learned, from `letters` letters.

    `temperature` divides the scores. `doubt` is the share of unseen letters it may get wrong whatever the scores say: a
    few letters judged without a mistake do not make it infallible (rule of succession).
    """

    kinds: tuple[str, ...]
    idf: Floats
    weights: Floats
    offsets: Floats
    temperature: float
    doubt: float
    letters: int

    def __post_init__(self) -> None:
        shapes = (self.idf.shape, self.weights.shape, self.offsets.shape)
        many = len(self.kinds)
        if many < 2 or shapes != ((BUCKETS,), (many, BUCKETS), (many,)):
            raise ValueError("a model has a row of weights for each of two kinds or more")
        if len(set(self.kinds)) < many or not set(self.kinds) <= KINDS:
            raise ValueError("a model names known kinds, each once")
        if not all(part.dtype == np.float32 and bool(np.isfinite(part).all()) for part in self._parts.values()):
            raise ValueError("a model is made of finite numbers")
        if not (0 < self.temperature < math.inf and 0 < self.doubt < 1 and self.letters > 0):
            raise ValueError("a model has a temperature, a doubt, and has seen letters")

    @property
    def _parts(self) -> dict[str, Floats]:
        return {"idf": self.idf, "weights": self.weights, "offsets": self.offsets}

    @property
    def _head(self) -> str:
        numbers = {"temperature": self.temperature, "doubt": self.doubt, "letters": self.letters}
        return json.dumps({"version": VERSION, "kinds": self.kinds, **numbers}, sort_keys=True)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that it knows, in hexadecimal: which model judged a letter."""
        whole = hashlib.sha256(self._head.encode())
        for name, part in self._parts.items():
            whole.update(name.encode() + np.ascontiguousarray(part).tobytes())
        return whole.hexdigest()

    def predict(self, text: str) -> list[tuple[str, float]]:
        """Every kind it knows with its probability, the likeliest first; they add up to 1."""
        row = _weighted(features(text)[None, :], self.idf)
        scores = (row @ self.weights.T + self.offsets).astype(np.float64) / self.temperature
        shares = (1 - self.doubt) * _shares(scores)[0] + self.doubt / len(self.kinds)
        return sorted(zip(self.kinds, map(float, shares), strict=True), key=lambda pair: (-pair[1], pair[0]))

    def to_bytes(self) -> bytes:
        """The model as an npz file with its digest; the same model gives the same bytes."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
            head = json.dumps({"head": self._head, "digest": self.digest})
            # ZipInfo's own date (1980): a clock in the file would make each copy another file
            box.writestr(zipfile.ZipInfo("head.json"), head, zipfile.ZIP_DEFLATED)
            for name, part in self._parts.items():
                data = io.BytesIO()
                np.lib.format.write_array(data, np.ascontiguousarray(part), allow_pickle=False)
                box.writestr(zipfile.ZipInfo(f"{name}.npy"), data.getvalue(), zipfile.ZIP_DEFLATED)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The model that `to_bytes` wrote; ValueError when the bytes are not one, or another version's."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as box:
                if sum(entry.file_size for entry in box.infolist()) > _LARGEST:
                    raise ValueError("too large for a model")
                wrapped = json.loads(box.read("head.json"))
                facts = json.loads(wrapped["head"])
                parts = {name: _array(box.read(f"{name}.npy")) for name in ("idf", "weights", "offsets")}
            if facts.pop("version") != VERSION:
                raise ValueError("another version's model")
            model = cls(kinds=tuple(facts.pop("kinds")), **parts, **facts)
        except (KeyError, TypeError, AttributeError, EOFError, NotImplementedError, RuntimeError) as fault:
            raise ValueError("not a model") from fault
        except (zipfile.BadZipFile, OSError) as fault:
            raise ValueError("not a model") from fault
        if model.digest != wrapped["digest"]:
            raise ValueError("the model differs from its digest")
        return model


def _array(data: bytes) -> Any:
    return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)


def _usable(examples: Sequence[Example]) -> list[int]:
    """The places of letters whose kind is known and common enough to learn."""
    seen = Counter(kind for _, kind in examples)
    return [n for n, (_, kind) in enumerate(examples) if kind in KINDS and seen[kind] >= LEAST_PER_KIND]


def _fit(rows: Numbers, labels: NDArray[np.int64], many: int) -> tuple[Numbers, Numbers]:
    """Weights and offsets of logistic regression on `rows`, one row of weights for each of `many` kinds."""
    # slow to import, and judging letters does not need it
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    learner = LogisticRegression(C=_STRENGTH, max_iter=300, tol=1e-3).fit(rows, labels)
    weights, offsets = learner.coef_, learner.intercept_
    if many == 2:
        # of two kinds scikit-learn keeps one row: how much the second outweighs the first
        weights, offsets = np.vstack([-weights / 2, weights / 2]), np.concatenate([-offsets / 2, offsets / 2])
    return np.asarray(weights), np.asarray(offsets)


@dataclass(frozen=True, eq=False)
class _School:
    """Letters made ready to learn from.

    There are far fewer letters than buckets, and the penalty keeps the weights within what the letters span: so it
    learns in the coordinates of that span (`rows`, one for each letter), exactly the same and a hundred times sooner.
    """

    places: tuple[int, ...]
    kinds: tuple[str, ...]
    labels: NDArray[np.int64]
    idf: Floats
    rows: Numbers
    back: Numbers

    @classmethod
    def of(cls, examples: Sequence[Example]) -> "_School | None":
        places = _usable(examples)
        kinds = tuple(sorted({examples[n][1] for n in places}))
        if len(kinds) < 2:
            return None
        found = np.stack([features(examples[n][0]) for n in places])
        idf = (np.log((1 + len(places)) / (1 + (found > 0).sum(axis=0))) + 1).astype(np.float32)
        weighted = _weighted(found, idf).astype(np.float64)
        sizes, turned = np.linalg.eigh(weighted @ weighted.T)
        kept = sizes > sizes[-1] * 1e-9
        lengths = np.sqrt(sizes[kept])
        labels = np.array([kinds.index(examples[n][1]) for n in places], dtype=np.int64)
        back = weighted.T @ (turned[:, kept] / lengths)
        return cls(tuple(places), kinds, labels, idf, turned[:, kept] * lengths, back)

    def folds(self) -> NDArray[np.int64]:
        """The trial each letter is held back in: every kind is spread over all, in the order of the letters."""
        at: Counter[int] = Counter()
        found = []
        for label in self.labels.tolist():
            found.append(at[label] % FOLDS)
            at[label] += 1
        return np.array(found, dtype=np.int64)

    def held_back(self) -> Numbers:
        """Scores of each letter by a model that has not seen it."""
        folds, scores = self.folds(), np.zeros((len(self.rows), len(self.kinds)))
        for fold in range(FOLDS):
            seen = folds != fold
            weights, offsets = _fit(self.rows[seen], self.labels[seen], len(self.kinds))
            scores[~seen] = self.rows[~seen] @ weights.T + offsets
        return scores


def _temperature(scores: Numbers, labels: NDArray[np.int64]) -> float:
    """What the scores must be divided by for the shares of unseen letters to come true (least log loss)."""

    def loss(temperature: float) -> float:
        shares = _shares(scores / temperature)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(shares, 1e-12)).mean())

    return float(min(np.geomspace(0.5, 5, 40), key=loss))


def train(examples: Sequence[Example]) -> Model | None:
    """A model learned from `(text, kind)` of confirmed letters; None when fewer than two kinds have enough of them.

    The same letters in the same order give the same model.
    """
    school = _School.of(examples)
    if school is None:
        return None
    weights, offsets = _fit(school.rows, school.labels, len(school.kinds))
    unseen = school.held_back()
    wrong = int((unseen.argmax(axis=1) != school.labels).sum())
    return Model(
        kinds=school.kinds,
        idf=school.idf,
        weights=(weights @ school.back.T).astype(np.float32),
        offsets=offsets.astype(np.float32),
        temperature=_temperature(unseen, school.labels),
        doubt=(wrong + 1) / (len(school.places) + 2),
        letters=len(school.places),
    )


def cross_validated(examples: Sequence[Example]) -> list[str | None]:
    """The kind a model gives each letter that it has not seen; None for letters of kinds too rare to learn."""
    found: list[str | None] = [None] * len(examples)
    school = _School.of(examples)
    if school is not None:
        for place, best in zip(school.places, school.held_back().argmax(axis=1).tolist(), strict=True):
            found[place] = school.kinds[best]
    return found


def better_than_rules(examples: Sequence[Example], by_rules: Sequence[str]) -> bool:
    """Whether a model judges these confirmed letters no worse than the rules did (`by_rules`, letter by letter).

    Each letter is judged by a model that has not seen it. Too few letters are no trial: False.
    """
    if len(examples) != len(by_rules):
        raise ValueError("each letter has one verdict by the rules")
    if len(examples) < LEAST_LETTERS:
        return False
    right = sum(kind == found for (_, kind), found in zip(examples, cross_validated(examples), strict=True))
    return right >= sum(kind == found for (_, kind), found in zip(examples, by_rules, strict=True))


def decide(by_rules: Verdict, by_model: Sequence[tuple[str, float]], enough: float = 0.8) -> Verdict:
    """One verdict of rules and model: agreed is surer, contradicted is never sure.

    The model decides where the rules are not sure and it is, to `enough`; a page without words stays what it is.
    """
    if not by_model or by_rules.kind in ("kosong", "tak_terbaca", "foto"):
        return by_rules
    if by_rules.sure and by_rules.kind not in {known for known, _ in by_model}:
        return by_rules  # what it has never seen it cannot contradict
    kind, share = by_model[0]
    reason = f"mirip surat yang pernah dipastikan ({share:.0%})"
    if kind == by_rules.kind:
        return replace(
            by_rules, confidence=max(by_rules.confidence, round(share, 4)), reasons=(*by_rules.reasons, reason)
        )
    if share < enough:
        return by_rules
    if by_rules.sure:
        return replace(by_rules, sure=False, others=((kind, round(share, 3)), *by_rules.others[:2]))
    others = ((by_rules.kind, round(min(by_rules.confidence, 1 - share), 3)), *by_rules.others[:2])
    return Verdict(kind, round(share, 4), False, (reason,), others)
