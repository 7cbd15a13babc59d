"""Low-rank adapters in training: beside every projection of attention and MLP, two small matrices that learn.

Our own, not PEFT's: sixty lines that write PEFT's files, against a dependency of every installation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from bots.backends.adapters import Adapter, BadAdapter, is_transposed, projection

if TYPE_CHECKING:
    import torch

Matrices = dict[str, tuple["torch.nn.Parameter", "torch.nn.Parameter"]]


def projections(model: Any) -> list[str]:
    """The names of all linear modules but the head that predicts the next token."""
    import torch

    head = model.get_output_embeddings()
    return [
        name
        for name, module in model.named_modules()
        if module is not head and (isinstance(module, torch.nn.Linear) or is_transposed(module))
    ]


def fresh(model: Any, rank: int) -> Matrices:
    """Matrices that change nothing yet: A uniform as PEFT draws it, B zero. Drawn from torch's random numbers."""
    import torch

    made = {}
    for name in projections(model):
        weight = model.get_submodule(name).weight
        size_out, size_in = reversed(weight.shape) if is_transposed(model.get_submodule(name)) else weight.shape
        first = torch.empty((rank, size_in))
        torch.nn.init.kaiming_uniform_(first, a=math.sqrt(5))
        made[name] = torch.nn.Parameter(first), torch.nn.Parameter(torch.zeros((size_out, rank)))
    return made


def continued(model: Any, adapter: Adapter) -> Matrices:
    """Matrices that go on from ``adapter``; ``BadAdapter`` when it is for another model."""
    import torch

    made = {}
    for name, pair in adapter.weights.items():
        module = projection(model, name)
        shape = (pair[1].shape[0], pair[0].shape[1])
        if shape != (tuple(reversed(module.weight.shape)) if is_transposed(module) else tuple(module.weight.shape)):
            raise BadAdapter(f"it is for another model: {name} has the shape {tuple(module.weight.shape)}")
        first, second = (torch.nn.Parameter(tensor.float().clone()) for tensor in pair)
        made[name] = first, second
    return made


@contextmanager
def attached(model: Any, matrices: Matrices, scale: float) -> Iterator[None]:
    """While it lasts every projection adds ``scale`` · B A x to its output, and nothing else of the model learns."""
    model.requires_grad_(False)
    hooks = [
        model.get_submodule(name).register_forward_hook(partial(_add, first=first, second=second, scale=scale))
        for name, (first, second) in matrices.items()
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _add(module: Any, inputs: Any, output: Any, *, first: Any, second: Any, scale: float) -> Any:
    from torch.nn.functional import linear

    (x,) = inputs
    return output + linear(linear(x, first), second) * scale
