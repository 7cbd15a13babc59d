"""The head: what the closed form says of rows held out, calibration, and what is kept on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bots.retrieval import head as module
from bots.retrieval.head import Centres, Head, calibrated, is_learnable, learn, prepared
from bots.retrieval.head_store import HeadStore, fingerprint

RNG = np.random.default_rng(3)
WIDTHS = (6, 4)


def rows(classes: int = 5, each: int = 6, spread: float = 0.25) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Unit vectors of two parts around one centre a class."""
    centres = RNG.normal(size=(classes, 10))
    vectors = np.repeat(centres, each, axis=0) + spread * RNG.normal(size=(classes * each, 10))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return vectors, [f"c{place // each}" for place in range(classes * each)], np.zeros(classes * each, dtype=bool)


def solved(vectors: np.ndarray, targets: np.ndarray, size: int) -> tuple[np.ndarray, module.HeldOut]:
    return module._solved(vectors, np.arange(len(vectors)), targets, size)


def test_held_out_outputs_are_those_of_a_head_that_never_saw_the_row_or_its_class() -> None:
    vectors, labels, _ = rows()
    targets = np.array([int(label[1:]) for label in labels])
    _, held_out = solved(vectors, targets, 5)
    for row in (0, 13, 29):
        kept = np.arange(len(targets)) != row
        weights, _ = solved(vectors[kept], targets[kept], 5)
        cosines = vectors[row] @ vectors[kept].T
        said = module._kernel(cosines) @ weights + module.FAMILIARITY * cosines.max()
        assert held_out.row[row] == pytest.approx(said, abs=2e-3)
        kept = targets != targets[row]
        weights, _ = solved(vectors[kept], targets[kept], 5)
        cosines = vectors[row] @ vectors[kept].T
        said = module._kernel(cosines) @ weights + module.FAMILIARITY * cosines.max()
        others = np.arange(5) != targets[row]
        assert held_out.of_class[row][others] == pytest.approx(said[others], abs=2e-3)
        assert held_out.of_class[row][targets[row]] == -np.inf


def test_a_head_reads_new_texts_of_its_classes_and_doubts_others() -> None:
    vectors, labels, chinese = rows(spread=0.15)
    head = learn(vectors, labels, chinese, WIDTHS)
    assert head.held_out_accuracy == 1.0
    outputs = head.outputs(vectors, chinese)
    assert [head.classes[best] for best in outputs.argmax(axis=1)] == labels
    assert (head.scores(outputs).max(axis=1) > 0.5).mean() > 0.95
    strangers = RNG.normal(size=(200, 10)).astype(np.float32)
    strangers /= np.linalg.norm(strangers, axis=1, keepdims=True)
    doubted = head.scores(head.outputs(strangers, np.zeros(200, dtype=bool))).max(axis=1) < 0.5
    assert doubted.mean() > 0.6


def test_more_rows_than_landmarks_are_learned_from_by_some_of_each_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LANDMARKS", 10)
    vectors, labels, chinese = rows(spread=0.15)
    head = learn(vectors, labels, chinese, WIDTHS)
    assert head.landmarks.shape == (10, 10)
    assert [head.classes[best] for best in head.outputs(vectors, chinese).argmax(axis=1)] == labels


def test_the_score_is_one_half_where_enough_of_the_right_rows_stay() -> None:
    right = np.ones(400, dtype=bool)
    seen = np.linspace(0.5, 1.5, 400).astype(np.float32)
    unseen = np.linspace(0.0, 1.0, 400).astype(np.float32)
    slope, intercept = calibrated(seen, right, unseen)
    assert -intercept / slope == pytest.approx(float(np.quantile(seen, 1 - module.KEPT)), abs=0.02)


def test_centring_keeps_the_weights_of_the_parts_and_absent_parts_absent() -> None:
    vectors, _, chinese = rows()
    vectors[3, 6:] = 0.0
    result = prepared(vectors, chinese, Centres.of(vectors, chinese), WIDTHS)
    assert np.linalg.norm(result[:, :6], axis=1) == pytest.approx(np.linalg.norm(vectors[:, :6], axis=1), abs=1e-5)
    other = np.ones(1, dtype=bool)
    alone = prepared(vectors[3:4], other, Centres.of(vectors, chinese), WIDTHS)
    assert alone[0, 6:].tolist() == [0.0] * 4


@pytest.mark.parametrize(
    ("labels", "enough"),
    [
        (["a"] * 20, False),
        (["a"] * 3 + ["b"] * 3, False),
        (["a"] * 6 + ["b"] * 6, True),
        ([str(number) for number in range(40)], False),
        ([str(number % 1001) for number in range(3003)], False),
        (["a", "b"] * 6_001, False),
    ],
)
def test_what_can_be_learned_from(labels: list[str], enough: bool) -> None:
    assert is_learnable(labels) is enough


def test_few_rows_are_learned_from_and_one_class_is_refused() -> None:
    vectors, labels, chinese = rows(classes=2, each=1)
    head = learn(vectors, labels, chinese, WIDTHS)
    assert [head.classes[best] for best in head.outputs(vectors, chinese).argmax(axis=1)] == labels
    scores = head.scores(head.outputs(vectors, chinese))
    assert ((scores >= 0) & (scores <= 1)).all()
    with pytest.raises(ValueError, match="two classes"):
        learn(vectors[:1], labels[:1], chinese[:1], WIDTHS)


def test_of_too_many_rows_the_first_of_each_class_are_kept() -> None:
    targets = np.array([0, 0, 0, 0, 1, 1, 2, 0])
    assert module.balanced(targets, 5).tolist() == [0, 1, 4, 5, 6]
    assert module.balanced(targets, 8).tolist() == list(range(8))


def test_a_stored_head_says_the_same_and_a_broken_file_nothing(tmp_path: Path) -> None:
    vectors, labels, chinese = rows()
    store, head = HeadStore(tmp_path / "heads"), learn(vectors, labels, chinese, WIDTHS)
    assert store.read("x") is None
    store.write("x", head)
    read = store.read("x")
    assert isinstance(read, Head)
    assert (read.classes, read.widths) == (head.classes, head.widths)
    assert read.outputs(vectors, chinese) == pytest.approx(head.outputs(vectors, chinese), abs=5e-3)
    (tmp_path / "heads" / "x.npz").write_bytes(b"PK\x03\x04 broken")
    assert store.read("x") is None
    for name in ("a", "b", "c"):
        store.write(name, head)
    store.keep_youngest(2)
    assert len(list((tmp_path / "heads").iterdir())) == 2


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", text=np.array([{"classes": []}], dtype=object), scalars=np.zeros(4))
    assert HeadStore(tmp_path).read("x") is None


def test_a_fingerprint_changes_with_every_row_and_the_embedder() -> None:
    names = {
        fingerprint("e", 4, [("a", "1")]),
        fingerprint("e", 4, [("a", "2")]),
        fingerprint("e", 5, [("a", "1")]),
        fingerprint("f", 4, [("a", "1")]),
        fingerprint("e", 4, [("a", "1"), ("b", "1")]),
    }
    assert len(names) == 5
