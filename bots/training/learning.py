"""The training loop: AdamW on a low-rank adapter, warm-up and cosine, the best state by a held-out part."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bots.backends.adapters import Adapter
from bots.training.examples import IGNORED, Example, batch_of
from bots.training.lora import Matrices, attached, continued, fresh

if TYPE_CHECKING:
    import torch

#: Share of the steps in which the learning rate rises.
WARM_UP = 0.05
#: The length that a gradient is cut to.
LONGEST_GRADIENT = 1.0
#: How often the held-out part is looked at, and how many looks without a better loss end the training.
LOOKS, PATIENCE = 10, 3
#: Steps that the last loss is a mean of.
LAST = 10


class Diverged(Exception):
    """The training went astray; the text is one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``alpha`` is twice the rank: what the adapter adds is multiplied by two, whatever its rank."""

    steps: int = 300
    batch: int = 4
    rank: int = 16
    learning_rate: float = 5e-4
    seed: int = 0

    @property
    def alpha(self) -> int:
        return 2 * self.rank


@dataclass(frozen=True, slots=True)
class Step:
    """One step done: mean ln loss per counted token, of its batch and, when it was looked at, of the held-out part."""

    number: int
    of: int
    loss: float
    held_out: float | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """The adapter as it is saved, and what the losses were (nats per counted token).

    ``first_loss`` is that of the first batch, ``last_loss`` the mean of the last `LAST`; ``held_out_before`` and
    ``held_out_after`` are on the same examples, none without a held-out part. ``steps`` were done; the adapter is the
    one of ``best_step``.
    """

    adapter: Adapter
    first_loss: float
    last_loss: float
    held_out_before: float | None
    held_out_after: float | None
    steps: int
    best_step: int


def learn(
    model: Any,
    training: Sequence[Example],
    held_out: Sequence[Example],
    plan: Plan,
    *,
    base: str,
    start: Adapter | None = None,
    progress: Callable[[Step], None],
) -> Learned:
    """The adapter that ``training`` teaches; ``model`` itself stays as it is.

    ``start`` is gone on from, with its own rank. The same arguments on the same machine give the same adapter. Raises
    ``BadAdapter`` when ``start`` is for another model, and ``Diverged``.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        matrices = fresh(model, plan.rank) if start is None else continued(model, start)
    rank, alpha = (plan.rank, float(plan.alpha)) if start is None else (start.rank, start.alpha)
    descent = _Descent(model, [each for pair in matrices.values() for each in pair], plan)
    look_every = max(1, plan.steps // LOOKS)
    losses: list[float] = []
    with attached(model, matrices, alpha / rank):
        before = best = loss_over(model, held_out, plan.batch)
        kept, best_step = _rounded(matrices), 0
        for number, examples in enumerate(_batches(training, plan), 1):
            losses.append(descent.step(examples))
            looked = None
            if number % look_every == 0 or number == plan.steps:
                looked = loss_over(model, held_out, plan.batch)
                if looked is None or best is None or looked < best:
                    best, best_step, kept = looked, number, _rounded(matrices)
            progress(Step(number, plan.steps, losses[-1], looked))
            if number - best_step >= PATIENCE * look_every:
                break
    last = losses[-LAST:]
    return Learned(
        Adapter(base, rank, alpha, kept), losses[0], sum(last) / len(last), before, best, len(losses), best_step
    )


class _Descent:
    """AdamW on the adapter's matrices, by one batch after another."""

    def __init__(self, model: Any, parameters: list[torch.nn.Parameter], plan: Plan) -> None:
        import torch

        self._model, self._parameters = model, parameters
        self._optimizer = torch.optim.AdamW(parameters, lr=plan.learning_rate, weight_decay=0.0)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: _share_of_rate(step, plan.steps)
        )

    def step(self, examples: Sequence[Example]) -> float:
        """The mean loss before the step; ``Diverged`` when it is no number any more."""
        from torch.nn.utils import clip_grad_norm_

        self._optimizer.zero_grad()
        total, tokens = loss_of(self._model, examples)
        loss = total / tokens
        if not math.isfinite(loss.item()):
            raise Diverged("The loss is no number any more; a lower learning rate may help.")
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(self._parameters, LONGEST_GRADIENT)
        self._optimizer.step()
        self._schedule.step()
        return loss.item()


def loss_of(model: Any, examples: Sequence[Example]) -> tuple[torch.Tensor, int]:
    """−Σ ln P over the counted tokens of one batch, and how many they are."""
    from torch.nn.functional import cross_entropy

    batch = batch_of(examples)
    with _precision(model):
        logits = model(input_ids=batch.ids, use_cache=False, logits_to_keep=batch.kept).logits
    wanted = batch.labels[:, -batch.kept + 1 :]
    total = cross_entropy(logits[:, :-1].flatten(0, 1).float(), wanted.flatten(), ignore_index=IGNORED, reduction="sum")
    return total, int((wanted != IGNORED).sum())


def loss_over(model: Any, examples: Sequence[Example], batch: int) -> float | None:
    """The mean loss per counted token of all ``examples``; ``None`` without any."""
    import torch

    with torch.inference_mode():
        parts = [loss_of(model, examples[start : start + batch]) for start in range(0, len(examples), batch)]
    return sum(total.item() for total, _ in parts) / sum(tokens for _, tokens in parts) if parts else None


def _batches(examples: Sequence[Example], plan: Plan) -> Iterator[list[Example]]:
    """``plan.steps`` batches; every example once before any comes again."""
    rng, waiting = random.Random(plan.seed), list[Example]()
    for _ in range(plan.steps):
        if len(waiting) < min(plan.batch, len(examples)):
            waiting += rng.sample(examples, len(examples))
        yield waiting[: plan.batch]
        del waiting[: plan.batch]


def _share_of_rate(step: int, steps: int) -> float:
    warm = max(1, round(steps * WARM_UP))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _rounded(matrices: Matrices) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """As they are saved: half the bytes, and far finer than what training leaves undecided."""
    import torch

    return {name: (a.detach().to(torch.bfloat16), b.detach().to(torch.bfloat16)) for name, (a, b) in matrices.items()}


def _precision(model: Any) -> AbstractContextManager[Any]:
    """A bfloat16 model multiplies the adapter's float32 in bfloat16, too."""
    import torch

    return torch.autocast("cpu", torch.bfloat16, enabled=model.dtype == torch.bfloat16)
