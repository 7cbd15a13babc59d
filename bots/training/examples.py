"""What a model is trained on: token ids, and for each whether the loss counts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

#: The label of a token that the loss passes over.
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Example:
    """``labels`` is as long as ``ids``: the same token, or ``IGNORED``."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of equal length (examples, width), padded on the right, where a causal model does not look back from.

    ``kept`` last positions predict every label: the others need no logits.
    """

    ids: torch.Tensor
    labels: torch.Tensor
    kept: int


def batch_of(examples: Sequence[Example]) -> Batch:
    import torch

    width = max(len(example.ids) for example in examples)
    ids = torch.zeros((len(examples), width), dtype=torch.long)
    labels = torch.full((len(examples), width), IGNORED)
    for row, example in enumerate(examples):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        labels[row, : len(example.ids)] = torch.tensor(example.labels)
    # The token before the first label predicts it; the first token of all is predicted by none.
    labels[:, 0] = IGNORED
    first = int((labels != IGNORED).any(dim=0).int().argmax())
    return Batch(ids, labels, width - first + 1)
