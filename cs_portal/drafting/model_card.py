"""What is known of the language model without loading it: its name, size, licence, and how quick it has been."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from bots.models import LANGUAGE_MODEL, language_model_folder, pins
from cs_portal.drafting import engine
from cs_portal.drafting.models import DraftCandidate

#: The newest drafts that the figures come from.
MEASURED = 200


@dataclass(frozen=True, slots=True)
class ModelCard:
    """``parameters`` is None where only the weights would tell. Empty texts are not known."""

    name: str
    description: str
    parameters: int | None
    licence: str
    origin: str
    package: str
    is_default: bool

    @property
    def parameters_text(self) -> str:
        return f"{self.parameters:,}" if self.parameters else ""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that drafts of the model took: median and 95th percentile of the newest ``drafts``."""

    drafts: int
    p50: float
    p95: float


def model_card() -> ModelCard | None:
    """The configured language model, with its adapter in the name; ``None`` without one."""
    if not engine.has_language_model():
        return None
    adapter = f"+{Path(settings.LANGUAGE_MODEL_ADAPTER).resolve().name}" if settings.LANGUAGE_MODEL_ADAPTER else ""
    if settings.LANGUAGE_MODEL:
        folder = Path(settings.LANGUAGE_MODEL)
        name = folder.name if folder.exists() else settings.LANGUAGE_MODEL
        return ModelCard(name + adapter, "", _parameters(folder), "", "", "", is_default=False)
    pin = next(pin for pin in pins() if pin.name == LANGUAGE_MODEL)
    folder = language_model_folder(settings.MODELS_DIR) or Path()
    package = f"{pin.package} {pin.version}"
    size = _parameters(folder)
    return ModelCard(pin.name + adapter, pin.description, size, pin.licence, pin.origin, package, is_default=True)


def pace() -> Pace | None:
    """How quick the newest drafts were; ``None`` before the first. One query."""
    rows = DraftCandidate.objects.filter(source="language_model").order_by("-pk")
    seconds = sorted(rows.values_list("seconds", flat=True)[:MEASURED])
    if not seconds:
        return None
    return Pace(len(seconds), _quantile(seconds, 0.5), _quantile(seconds, 0.95))


def _quantile(ordered: list[float], share: float) -> float:
    """The nearest-rank quantile."""
    rank = max(1, -(-len(ordered) * round(share * 100) // 100))
    return ordered[min(rank, len(ordered)) - 1]


def _parameters(folder: Path) -> int | None:
    """The number of weights, from the headers of the safetensors files alone."""
    total = 0
    for path in sorted(folder.glob("*.safetensors")) if folder.is_dir() else ():
        try:
            with path.open("rb") as file:
                header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        except (OSError, ValueError):
            return None
        for name, tensor in header.items():
            if name != "__metadata__":
                count = 1
                for length in tensor["shape"]:
                    count *= length
                total += count
    return total or None
