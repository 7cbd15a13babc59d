"""What is trained from files: one module per kind of model, each the contract of `docs/training.md`.

A module has ``HELP``, ``add_arguments(parser)``, ``files(options)`` and ``read(options, chat, longest)``, which gives
the examples in groups that are held out together; `management/commands/train.py` finds it in `PARTS`.
"""

from __future__ import annotations

from types import ModuleType

from cs_portal.learning.training import language_model, reply_model

PARTS: dict[str, ModuleType] = {
    "language-model": language_model,
    "reply-model": reply_model,
}
