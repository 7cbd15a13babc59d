"""A light head over frozen sentence vectors: kernel ridge regression on one-hot targets, solved in closed form.

Vectors are centred per script and compared by ``exp(GAMMA * (cosine - 1))``; beyond ``MAX_LANDMARKS`` rows the kernel
is approximated by that many of them (Nyström; Williams and Seeger 2001). The closed form gives, without training
again, what the head would have said of a row that it had not seen, and of a row whose whole class it had not seen
(block leave-one-out; An, Liu and Venkatesh 2007). The first make probabilities honest, the second stand for questions
that nothing answers: no other data than the training rows are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

GAMMA = 2.0
RIDGE = 0.1
#: What the nearest training row's cosine adds to every class's output: it ranks none before another, it tells a text
#: like none of the rows.
FAMILIARITY = 0.4
MAX_LANDMARKS = 3_000
MAX_ROWS, MAX_CLASSES = 12_000, 1_000
#: Share of the rows read rightly when held out that must still be answered.
KEPT = 0.985
#: Fewer rows of classes with two rows or more calibrate nothing.
LEAST_ROWS = 12
_LEAST_CENTRE = 8
_HEAVIEST_OUTSIDER = 1.0
_SLOPE_PRIOR = 1e-2


@dataclass(frozen=True, slots=True)
class Centres:
    """Mean vector of the training texts in each script, ``None`` for one of which there are too few."""

    latin: Floats | None
    chinese: Floats | None

    @classmethod
    def of(cls, vectors: Floats, chinese: NDArray[np.bool_]) -> Centres:
        latin, han = vectors[~chinese], vectors[chinese]
        return cls(
            latin.mean(axis=0) if len(latin) >= _LEAST_CENTRE else None,
            han.mean(axis=0) if len(han) >= _LEAST_CENTRE else None,
        )


@dataclass(frozen=True, slots=True)
class Head:
    """``weights`` (landmarks, classes). A class's score is ``sigmoid(slope * output + intercept)``: the probability
    that it is right, 0.5 at the threshold that was learned. Safe to share between threads."""

    classes: tuple[str, ...]
    widths: tuple[int, ...]
    centres: Centres
    landmarks: Floats
    weights: Floats
    slope: float
    intercept: float
    #: Of rows of classes with two rows or more: by the head, and by the class of the nearest other row.
    held_out_accuracy: float
    neighbour_accuracy: float

    def outputs(self, vectors: Floats, chinese: NDArray[np.bool_]) -> Floats:
        """(texts, classes); the greater the likelier."""
        cosines = prepared(vectors, chinese, self.centres, self.widths) @ self.landmarks.T
        result: Floats = _kernel(cosines) @ self.weights + FAMILIARITY * cosines.max(axis=1, keepdims=True)
        return result

    def scores(self, outputs: Floats) -> Floats:
        """Probabilities in (0, 1), of each class on its own."""
        result: Floats = _sigmoid(self.slope * outputs + self.intercept).astype(np.float32)
        return result

    @property
    def nbytes(self) -> int:
        return self.landmarks.nbytes + self.weights.nbytes


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the head says of each row that it had not seen, or none of whose class it had seen: (rows, classes)."""

    row: Floats
    of_class: Floats
    #: The class of the nearest other landmark, by row.
    neighbour: NDArray[np.int64]


def is_learnable(labels: Sequence[str]) -> bool:
    """Whether ``labels``, one a row, are enough for a head and not too many."""
    names, counts = np.unique(np.asarray(labels, dtype=object).astype(str), return_counts=True)
    return 2 <= len(names) <= MAX_CLASSES and len(labels) <= MAX_ROWS and int(counts[counts >= 2].sum()) >= LEAST_ROWS


def learn(vectors: Floats, labels: Sequence[str], chinese: NDArray[np.bool_], widths: tuple[int, ...]) -> Head:
    """``vectors`` (rows, dimension), parts of ``widths`` side by side; ``ValueError`` for less than two classes.

    With few rows of classes with two rows or more the probabilities are a guess: see ``is_learnable``.
    """
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise ValueError("a head needs rows of at least two classes")
    places = {name: place for place, name in enumerate(classes)}
    targets = np.array([places[label] for label in labels])
    centres = Centres.of(vectors, chinese)
    rows = prepared(vectors, chinese, centres, widths)
    kept_rows = balanced(targets, MAX_LANDMARKS)
    weights, held_out = _solved(rows, kept_rows, targets, len(classes))
    counts = np.bincount(targets)
    judged = counts[targets] >= 2
    right = held_out.row.argmax(axis=1) == targets
    if not judged.any():
        judged[:] = True
    slope, intercept = calibrated(held_out.row[judged].max(axis=1), right[judged], held_out.of_class.max(axis=1))
    accuracy = float(right[judged].mean())
    neighbour = float((held_out.neighbour == targets)[judged].mean())
    return Head(classes, widths, centres, rows[kept_rows], weights, slope, intercept, accuracy, neighbour)


def prepared(vectors: Floats, chinese: NDArray[np.bool_], centres: Centres, widths: tuple[int, ...]) -> Floats:
    """Each part minus its centre, with the length that it had before: rows keep the weights of their parts.

    A script without a centre of its own takes the other's, in the dimensions that its vectors use.
    """
    result = np.array(vectors, dtype=np.float32)
    for of_script, own, other in (
        (~chinese, centres.latin, centres.chinese),
        (chinese, centres.chinese, centres.latin),
    ):
        if of_script.any():
            rows = result[of_script]
            if own is not None:
                rows = rows - own
            elif other is not None:
                rows = np.where(rows != 0.0, rows - other, 0.0)
            result[of_script] = rows
    start = 0
    for width in widths:
        part = slice(start, start + width)
        before = np.linalg.norm(vectors[:, part], axis=1, keepdims=True)
        after = np.linalg.norm(result[:, part], axis=1, keepdims=True)
        result[:, part] *= np.where(after > 0.0, before / np.where(after > 0.0, after, 1.0), 0.0)
        start += width
    return result


def calibrated(seen: Floats, right: NDArray[np.bool_], unseen: Floats) -> tuple[float, float]:
    """Slope and intercept of the probability that the likeliest class is right, from its held-out outputs.

    ``seen``: of rows whose class was known, ``right`` or not; ``unseen``: of rows whose class was not known. The weight
    of these is what puts 0.5 where ``KEPT`` of the right rows are above it, and at most that of the others.
    """
    centre, spread = float(seen.mean()), float(seen.std()) or 1.0
    values = (np.concatenate([seen, unseen]).astype(np.float64) - centre) / spread
    truth = np.concatenate([right, np.zeros(len(unseen), dtype=bool)]).astype(np.float64)
    kept = seen[right] if right.any() else seen
    wanted = (float(np.quantile(kept, 1.0 - KEPT)) - centre) / spread

    def fitted(weight: float) -> tuple[float, float]:
        return _logistic(values, truth, np.concatenate([np.ones(len(seen)), np.full(len(unseen), weight)]))

    low, high = 1e-4, _HEAVIEST_OUTSIDER
    for _ in range(18):
        weight = float(np.sqrt(low * high))
        slope, intercept = fitted(weight)
        # A heavier weight moves the 0.5 up.
        low, high = (weight, high) if slope * wanted + intercept > 0.0 else (low, weight)
    slope, intercept = fitted(float(np.sqrt(low * high)))
    slope = max(slope, 1e-3)
    return slope / spread, intercept - slope * centre / spread


def _logistic(
    values: NDArray[np.float64], truth: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """A weighted logistic regression in one variable, with a faint prior on the slope: where a gap parts the two kinds
    the slope would grow for ever."""
    from scipy.optimize import minimize

    signs = 2.0 * truth - 1.0

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (at[0] * values + at[1])
        missing = weights * _sigmoid(-margins) * signs
        value = weights @ np.logaddexp(0.0, -margins) + _SLOPE_PRIOR * at[0] ** 2
        return float(value), np.array([2.0 * _SLOPE_PRIOR * at[0] - missing @ values, -missing.sum()])

    slope, intercept = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    return float(slope), float(intercept)


def balanced(targets: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Every row, or the first of each class, as many as ``most`` rows allow; in order."""
    if len(targets) <= most:
        return np.arange(len(targets))
    order = np.argsort(targets, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(targets))[:-1]])
    nth = np.empty(len(targets), dtype=np.int64)
    nth[order] = np.arange(len(targets)) - starts[targets[order]]
    return np.sort(np.lexsort((np.arange(len(targets)), nth))[:most])


def _solved(
    rows: Floats, kept_rows: NDArray[np.int64], targets: NDArray[np.int64], size: int
) -> tuple[Floats, HeldOut]:
    """The weights of the landmarks, which are the rows ``kept_rows``, and what is said of rows held out."""
    from scipy.linalg import cholesky, solve_triangular

    landmarks, kept = rows[kept_rows], targets[kept_rows]
    between = _kernel(landmarks @ landmarks.T).astype(np.float64)
    between[np.diag_indices_from(between)] += 1e-4
    root = cholesky(between, lower=True, overwrite_a=True, check_finite=False)
    cosines = rows @ landmarks.T
    features = solve_triangular(root, _kernel(cosines).T.astype(np.float64), lower=True, check_finite=False).T
    wanted = np.full((len(rows), size), -1.0 / size)
    wanted[np.arange(len(rows)), targets] += 1.0
    gram = features.T @ features
    gram[np.diag_indices_from(gram)] += RIDGE
    inner = cholesky(gram, lower=True, overwrite_a=True, check_finite=False)
    half = solve_triangular(inner, features.T, lower=True, check_finite=False)  # half.T @ half is the hat matrix
    fitted = half.T @ (half @ wanted)
    row = wanted - (wanted - fitted) / np.maximum(1.0 - (half * half).sum(axis=0), 1e-6)[:, None]
    of_class = np.empty_like(row)
    for name in range(size):
        block = np.flatnonzero(targets == name)
        hat = np.eye(len(block)) - half[:, block].T @ half[:, block]
        of_class[block] = wanted[block] - np.linalg.solve(hat, wanted[block] - fitted[block])
        of_class[block, name] = -np.inf
        of_class[block] += FAMILIARITY * cosines[np.ix_(block, kept != name)].max(axis=1, keepdims=True)
    cosines[kept_rows, np.arange(len(kept_rows))] = -1.0
    row += FAMILIARITY * cosines.max(axis=1, keepdims=True)
    weights = solve_triangular(inner, half @ wanted, lower=True, trans="T", check_finite=False)
    weights = solve_triangular(root, weights, lower=True, trans="T", check_finite=False)
    neighbour = kept[cosines.argmax(axis=1)]
    return weights.astype(np.float32), HeldOut(row.astype(np.float32), of_class.astype(np.float32), neighbour)


def _kernel(cosines: Floats) -> Floats:
    result: Floats = np.exp(np.float32(GAMMA) * (cosines - np.float32(1.0)))
    return result


def _sigmoid(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(np.asarray(values, dtype=np.float64), -30.0, 30.0)))
