"""A model's own format of a conversation: the token ids of a prompt, and of a reply to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from bots.backends.base import Prompt


class ChatFormat:
    """Texts become token ids by the tokenizer's chat template, and cannot forge its control tokens.

    ``ends`` are the tokens at which the model stops. A tokenizer without a template reads plain text.
    """

    def __init__(self, tokenizer: Any, ends: Sequence[int]) -> None:
        self.tokenizer = tokenizer
        self.ends = tuple(ends)
        self._markers = _marker_pattern(tokenizer)

    def prompt(self, prompt: Prompt) -> list[int]:
        """Everything before the reply's first token. Without instructions the template's own stand, if it has any."""
        system, user = self.plain(prompt.system), self.plain(prompt.user)
        if self.tokenizer.chat_template is None:
            text = "".join(f"{part}\n\n" for part in (system, user) if part)
            ids: list[int] = self.tokenizer(text)["input_ids"]
            return ids
        from jinja2 import TemplateError

        asked = {"role": "user", "content": user}
        if not system:
            return self._render([asked], opened=True)
        try:
            return self._render([{"role": "system", "content": system}, asked], opened=True)
        except TemplateError:
            # Gemma and others have no system role and raise on one.
            return self._render([{"role": "user", "content": f"{system}\n\n{user}"}], opened=True)

    def reply(self, text: str) -> list[int]:
        """A reply as the model would write it, with the token that ends it."""
        ids: list[int] = self.tokenizer(self.plain(text), add_special_tokens=False)["input_ids"]
        return ids if self._end is None else [*ids, self._end]

    def plain(self, text: str) -> str:
        """``text`` without what the tokenizer would read as a control token."""
        return self._markers.sub(" ", text)

    @cached_property
    def _end(self) -> int | None:
        """The first end token that the template writes behind a reply, else the model's first."""
        if self.tokenizer.chat_template is not None:
            asked = [{"role": "user", "content": "?"}]
            before = len(self._render(asked, opened=True))
            closed = self._render([*asked, {"role": "assistant", "content": "!"}], opened=False)
            for token in closed[before:]:
                if token in self.ends:
                    return token
        return next(iter(self.ends), None)

    def _render(self, messages: list[dict[str, str]], *, opened: bool) -> list[int]:
        rendered: list[int] = self.tokenizer.apply_chat_template(
            messages, add_generation_prompt=opened, return_dict=True
        )["input_ids"]
        return rendered


def _marker_pattern(tokenizer: Any) -> re.Pattern[str]:
    markers = sorted(tokenizer.get_added_vocab() | dict.fromkeys(tokenizer.all_special_tokens), key=len, reverse=True)
    return re.compile("|".join(re.escape(marker) for marker in markers) or r"(?!)")
