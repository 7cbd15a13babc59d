"""How likely a model finds replies: log P(r|q), token by token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache


@dataclass(frozen=True, slots=True)
class Likelihood:
    """ln P of a reply, the token that ends it included: a sum over ``tokens`` tokens, at most 0."""

    total: float
    tokens: int

    @property
    def per_token(self) -> float:
        return self.total / self.tokens


def likelihoods(
    model: Any, question: Sequence[int], replies: Sequence[Sequence[int]], *, read: DynamicCache | None = None
) -> list[Likelihood]:
    """ln P(reply | question) of each reply, none of them empty, as ``ChatFormat`` gives their tokens.

    The question is read once for all of them, or not at all where ``read`` holds its keys and values but those of its
    last token (it is used up); the replies go through the model together.
    """
    import torch
    from transformers import DynamicCache

    width = max(len(reply) for reply in replies)
    # Padded on the right, where a causal model does not look back from.
    rows = torch.zeros((len(replies), width), dtype=torch.long)
    for row, reply in enumerate(replies):
        rows[row, : len(reply)] = torch.tensor(reply)
    with torch.inference_mode():
        cache = DynamicCache(config=model.config) if read is None else read
        if len(question) > 1:
            if read is None:
                model.base_model(input_ids=torch.tensor([question[:-1]]), past_key_values=cache, use_cache=True)
            cache.batch_repeat_interleave(len(replies))
        last = torch.full((len(replies), 1), question[-1])
        logits = model(input_ids=torch.cat([last, rows[:, :-1]], dim=1), past_key_values=cache, use_cache=True).logits
        chosen: torch.Tensor = logits.float().log_softmax(-1).gather(-1, rows[:, :, None])[:, :, 0]
    return [Likelihood(float(chosen[row, : len(reply)].sum()), len(reply)) for row, reply in enumerate(replies)]
