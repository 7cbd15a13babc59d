"""One training run, from a model's name and examples to the folder of an adapter."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bots.backends.adapters import Adapter, is_transposed, write_adapter
from bots.backends.transformers import OpenModel
from bots.training.examples import Example
from bots.training.learning import Learned, Plan, Step, learn

RECORD = "training.json"
#: One group of examples in ten is held out, where there are at least as many groups as this.
HELD_OUT, FEWEST_GROUPS = 10, 20
#: Libraries that the numbers depend on.
LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors")


def train(
    opened: OpenModel,
    groups: Sequence[Sequence[Example]],
    plan: Plan,
    *,
    base: str,
    start: Adapter | None = None,
    out: Path,
    about: Mapping[str, Any],
    progress: Callable[[Step], None],
) -> dict[str, Any]:
    """Writes the adapter to ``out``, whole or not at all, and returns the record that lies beside it.

    Examples of one group (the same question, say) are never parted between training and held-out part. ``base`` is how
    the adapter names its model, ``start`` an adapter to go on from; ``about`` goes into the record. Raises
    ``FileExistsError`` when ``out`` is there already, before anything is trained, and ``BadAdapter``.
    """
    if out.exists():
        raise FileExistsError(f"{out} is there already")
    training, held_out = _parted(groups, plan.seed)
    learned = learn(opened.model, training, held_out, plan, base=base, start=start, progress=progress)
    record = dict(about) | _record(learned, plan, len(training), len(held_out))
    _write(out, learned.adapter, record, transposed=any(is_transposed(each) for each in opened.model.modules()))
    return record


def _parted(groups: Sequence[Sequence[Example]], seed: int) -> tuple[list[Example], list[Example]]:
    """What is trained on and what is held out, drawn by the seed; nothing is held out of few groups."""
    order = list(groups)
    if len(order) < FEWEST_GROUPS:
        return [each for group in order for each in group], []
    random.Random(seed).shuffle(order)
    count = len(order) // HELD_OUT
    return [each for group in order[count:] for each in group], [each for group in order[:count] for each in group]


def _record(learned: Learned, plan: Plan, training: int, held_out: int) -> dict[str, Any]:
    return {
        "base": learned.adapter.base,
        "plan": asdict(plan) | {"rank": learned.adapter.rank, "alpha": learned.adapter.alpha},
        "examples": training,
        "held_out": held_out,
        "steps": learned.steps,
        "best_step": learned.best_step,
        "first_loss": _figure(learned.first_loss),
        "last_loss": _figure(learned.last_loss),
        "held_out_before": _figure(learned.held_out_before),
        "held_out_after": _figure(learned.held_out_after),
        "versions": {name: version(name) for name in LIBRARIES},
    }


def _figure(loss: float | None) -> float | None:
    return None if loss is None else round(loss, 4)


def _write(out: Path, adapter: Adapter, record: Mapping[str, Any], *, transposed: bool) -> None:
    """Built beside ``out`` and renamed."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as work:
        built = Path(work) / "adapter"
        built.mkdir()
        write_adapter(built, adapter, transposed=transposed)
        (built / RECORD).write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        for path in built.iterdir():
            # safetensors writes files that only their owner may read.
            path.chmod(0o644)
        built.rename(out)
