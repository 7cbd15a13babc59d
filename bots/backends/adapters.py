"""Low-rank adapters beside a model, in the file format of PEFT: ``adapter_config.json``, ``adapter_model.safetensors``.

An adapter changes the weight W of a projection to W + (alpha / rank) B A (Hu et al. 2022, "LoRA"). Nothing of it is
run and nothing is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_PREFIX = "base_model.model."
#: Kinds of adapter that another formula merges.
_UNREAD = ("use_rslora", "use_dora", "rank_pattern", "alpha_pattern", "modules_to_save", "lora_bias")


class BadAdapter(Exception):
    """A folder that is no adapter, or one for another model; the text is half a sentence."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """``weights`` holds A (rank, in) and B (out, rank) by the name of the projection that they change.

    ``base`` says which model it was made for, as whoever trained it named it.
    """

    base: str
    rank: int
    alpha: float
    weights: Mapping[str, tuple[torch.Tensor, torch.Tensor]]


def is_adapter(folder: Path) -> bool:
    return (folder / CONFIG).is_file()


def base_of(folder: Path) -> str:
    """The model that the adapter was made for."""
    return str(_config(folder).get("base_model_name_or_path") or "")


def read_adapter(folder: Path) -> Adapter:
    """Raises ``BadAdapter``."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    config = _config(folder)
    if config.get("peft_type") != "LORA" or config.get("bias", "none") != "none":
        raise BadAdapter("it is not a plain LoRA adapter")
    if unread := [key for key in _UNREAD if config.get(key)]:
        raise BadAdapter(f"{unread[0]} is not supported")
    try:
        tensors = load_file(folder / WEIGHTS)
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
    except (OSError, SafetensorError) as error:
        raise BadAdapter(f"{WEIGHTS} cannot be read ({error})") from error
    except (KeyError, TypeError, ValueError):
        raise BadAdapter(f"{CONFIG} names no r and lora_alpha") from None
    parts: dict[str, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        name, _, part = key.removeprefix(_PREFIX).removesuffix(".weight").rpartition(".")
        parts.setdefault(name, {})[part] = tensor
    if not parts or any(set(pair) != {"lora_A", "lora_B"} for pair in parts.values()):
        raise BadAdapter(f"{WEIGHTS} holds other tensors than pairs of A and B")
    if rank < 1 or any(pair["lora_A"].shape[0] != rank for pair in parts.values()):
        raise BadAdapter(f"its tensors have another rank than {rank}")
    weights = {name: (pair["lora_A"], pair["lora_B"]) for name, pair in parts.items()}
    return Adapter(base_of(folder), rank, alpha, weights)


def write_adapter(folder: Path, adapter: Adapter, *, transposed: bool) -> None:
    """Into ``folder`` (it exists, empty). ``transposed``: the model keeps its weights as (in, out), as GPT-2 does."""
    from safetensors.torch import save_file

    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": adapter.base,
        "r": adapter.rank,
        "lora_alpha": adapter.alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": transposed,
        "target_modules": sorted({name.rpartition(".")[2] for name in adapter.weights}),
        "inference_mode": True,
    }
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    tensors = {}
    for name, (first, second) in adapter.weights.items():
        tensors[f"{_PREFIX}{name}.lora_A.weight"] = first.contiguous()
        tensors[f"{_PREFIX}{name}.lora_B.weight"] = second.contiguous()
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


def merge(model: Any, adapter: Adapter) -> None:
    """Adds the adapter to the model's weights, which keep their precision. Raises ``BadAdapter``, nothing changed."""
    import torch

    changes = []
    for name, (first, second) in adapter.weights.items():
        module = projection(model, name)
        change = second.float() @ first.float() * (adapter.alpha / adapter.rank)
        if is_transposed(module):
            change = change.T
        if change.shape != module.weight.shape:
            raise BadAdapter(f"it is for another model: {name} has the shape {tuple(module.weight.shape)}")
        changes.append((module.weight, change))
    with torch.no_grad():
        for weight, change in changes:
            weight.copy_(weight.float() + change)


def projection(model: Any, name: str) -> Any:
    """The module that an adapter names; ``BadAdapter`` when the model has none such."""
    try:
        module = model.get_submodule(name)
    except AttributeError:
        module = None
    if getattr(getattr(module, "weight", None), "ndim", 0) != 2:
        raise BadAdapter(f"it is for another model: there is no projection {name}")
    return module


def is_transposed(module: Any) -> bool:
    """Whether the module keeps its weight as (in, out): GPT-2's ``Conv1D``."""
    return type(module).__name__ == "Conv1D"


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadAdapter(f"{CONFIG} cannot be read ({error})") from error
    if not isinstance(config, dict):
        raise BadAdapter(f"{CONFIG} is no object")
    return config
