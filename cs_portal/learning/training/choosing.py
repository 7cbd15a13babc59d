"""Which model a name means: one that is installed here, a folder, an adapter's folder, or a hub id."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from bots.backends.adapters import BadAdapter, base_of, is_adapter
from bots.backends.base import ModelMissing
from bots.models import language_model_folder


@dataclass(frozen=True, slots=True)
class Chosen:
    """``model`` is what is loaded, ``base`` how an adapter names it: without a path where it is installed here."""

    model: str
    base: str
    adapter: Path | None = None


def chosen_model(name: str | None) -> Chosen:
    """``None`` means the model that drafts here, with its adapter. An adapter brings the model that it names.

    Raises `ModelMissing`.
    """
    if name is None:
        adapter = Path(settings.LANGUAGE_MODEL_ADAPTER) if settings.LANGUAGE_MODEL_ADAPTER else None
        return _named(settings.LANGUAGE_MODEL or str(language_model_folder(settings.MODELS_DIR) or "none"), adapter)
    folder = Path(name)
    if not is_adapter(folder):
        return _named(name, None)
    try:
        return _named(base_of(folder), folder)
    except BadAdapter as error:
        raise ModelMissing(f"The adapter {name!r} cannot be used: {error}") from error


def _named(name: str, adapter: Path | None) -> Chosen:
    if name in ("", "none"):
        raise ModelMissing("No language model is named, and none is installed here (make models).")
    installed = settings.MODELS_DIR / name
    folder = Path(name) if Path(name).exists() else installed if installed.is_dir() else None
    if folder is None:
        return Chosen(name, name, adapter)
    here = folder.resolve().parent == settings.MODELS_DIR.resolve()
    return Chosen(str(folder), folder.name if here else str(folder.resolve()), adapter)
