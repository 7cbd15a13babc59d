"""What is measured on a file: one module per part of the product, each the contract of `docs/evaluation.md`.

A module has ``HELP``, ``add_arguments(parser)`` and ``measure(options, progress)``, which gives what is printed as
JSON; `management/commands/evaluate.py` finds it in `PARTS`.
"""

from __future__ import annotations

from types import ModuleType

from cs_portal.learning.evaluation import bias, drafts, faq, injection, intents, policies, privacy, reply_model

PARTS: dict[str, ModuleType] = {
    "bias": bias,
    "drafts": drafts,
    "faq": faq,
    "injection": injection,
    "intents": intents,
    "policies": policies,
    "privacy": privacy,
    "reply-model": reply_model,
}
