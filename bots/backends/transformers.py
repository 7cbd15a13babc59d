"""A causal language model in this process, through transformers: a local folder, a GGUF file, or a hub id."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bots.backends.adapters import BadAdapter, merge, read_adapter
from bots.backends.base import BackendTimeout, Generation, ModelMissing, Progress, Prompt, PromptTooLong
from bots.backends.chat_format import ChatFormat
from bots.backends.gguf_conversion import gguf_options, load_tokenizer
from bots.backends.prefixes import Prefixes
from bots.backends.watching import Watch
from bots.training.scoring import likelihoods

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache

#: Prompt tokens read between two looks at the clock.
_PIECE = 128

Precision = Literal["auto", "bfloat16", "float32"]


class TransformersLanguageModel:
    """Weights are read from safetensors or GGUF, never from pickles, and no code of the model's folder is run.

    ``precision`` "auto" means bfloat16 where the CPU multiplies it natively (AVX-512 BF16 or AMX), else float32.
    ``temperature`` 0 decodes greedily and gives one generation whatever ``n`` is. ``adapter`` is the folder of an
    adapter (see :mod:`bots.backends.adapters`) that is merged into the weights. Loading takes seconds to minutes;
    construct it once per process.
    """

    def __init__(
        self,
        name_or_path: str,
        *,
        adapter: Path | None = None,
        precision: Precision = "auto",
        temperature: float = 0.7,
        top_p: float = 0.95,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Loads the model; ``ModelMissing`` when it cannot be had. ``clock`` gives the seconds that deadlines count."""
        self._open = open_model(name_or_path, precision=precision, adapter=adapter)
        self._model, self._format = self._open.model, self._open.chat
        self._tokenizer, self._ends = self._format.tokenizer, list(self._format.ends)
        name = Path(name_or_path).name if Path(name_or_path).exists() else name_or_path
        self.name = name if adapter is None else f"{name}+{adapter.resolve().name}"
        self._temperature = temperature
        self._top_p = top_p
        self._clock = clock
        self._lock = threading.Lock()
        self._prefixes = Prefixes()
        #: Tokens of the last prompt, and what was read of it: its candidates are scored without reading it again.
        self._last: tuple[list[int], DynamicCache] | None = None
        self._pad = (
            self._tokenizer.pad_token_id if self._tokenizer.pad_token_id is not None else next(iter(self._ends), 0)
        )

    def generate(
        self,
        prompt: Prompt,
        *,
        n: int,
        max_new_tokens: int,
        seed: int,
        deadline_seconds: float | None = None,
        on_progress: Progress | None = None,
    ) -> list[Generation]:
        """See ``LanguageModel.generate``. The clock is looked at after every new token and 128 tokens of the prompt."""
        started = self._clock()
        if not self._lock.acquire(timeout=-1 if deadline_seconds is None else deadline_seconds):
            raise BackendTimeout(f"{self.name} was busy for {deadline_seconds:g} s.")
        try:
            ids = self._encode(prompt)
            self._check_length(ids.shape[1], max_new_tokens)
            end = None if deadline_seconds is None else started + deadline_seconds
            watch = Watch(self.name, clock=self._clock, end=end, on_progress=on_progress)
            copies = n if self._temperature > 0 else 1
            fixed = self._fixed_length(prompt, ids[0].tolist())
            output = self._sample(ids, fixed=fixed, n=copies, max_new_tokens=max_new_tokens, seed=seed, watch=watch)
            generations = self._generations(output, ids.shape[1], self._clock() - started)
        finally:
            self._lock.release()
        if watch.passed:
            generations = [generation for generation in generations if generation.finished]
            if not generations:
                raise BackendTimeout(f"{self.name} finished no reply within {deadline_seconds:g} s.")
        return generations

    def per_token(
        self, prompt: Prompt | None, texts: Sequence[str], *, deadline_seconds: float | None = None
    ) -> list[float]:
        """See ``ScoringModel.per_token``. One forward pass; the prompt of the last ``generate`` is not read again."""
        if not texts:
            return []
        if not self._lock.acquire(timeout=-1 if deadline_seconds is None else deadline_seconds):
            raise BackendTimeout(f"{self.name} was busy for {deadline_seconds:g} s.")
        try:
            question = [self._start()] if prompt is None else self._format.prompt(prompt)
            replies = [self._format.reply(text) or [self._pad] for text in texts]
            self._check_length(len(question), max(map(len, replies)))
            read = self._last[1] if self._last is not None and self._last[0] == question else None
            scored = likelihoods(self._model, question, replies, read=copy.deepcopy(read))
        finally:
            self._lock.release()
        return [each.per_token for each in scored]

    def _start(self) -> int:
        """What a text by itself follows on."""
        begin: int | None = self._tokenizer.bos_token_id
        return self._pad if begin is None else begin

    def _encode(self, prompt: Prompt) -> torch.Tensor:
        """Token ids (1, length) of the prompt."""
        import torch

        return torch.tensor([self._format.prompt(prompt)])

    def _fixed_length(self, prompt: Prompt, ids: list[int]) -> int:
        """How many of the prompt's tokens are those of its fixed beginning."""
        if not prompt.fixed:
            return 0
        alone = self._format.prompt(Prompt(system=prompt.fixed, user=""))
        # The last token is read with the first new one.
        return next((i for i, (a, b) in enumerate(zip(alone, ids[:-1], strict=False)) if a != b), 0)

    def _check_length(self, prompt_tokens: int, new_tokens: int) -> None:
        limit = self._open.longest
        needed = prompt_tokens + new_tokens
        if limit is not None and needed > limit:
            raise PromptTooLong(f"{self.name} reads {limit} tokens and would need {needed}.")

    def _sample(self, ids: torch.Tensor, *, fixed: int, n: int, max_new_tokens: int, seed: int, watch: Watch) -> Any:
        """The raw output of ``generate`` for n copies of the prompt, cut where the watch's deadline was over."""
        import torch
        from transformers import GenerationConfig, StoppingCriteriaList

        sampled = {"temperature": self._temperature, "top_p": self._top_p, "top_k": 0}
        config = GenerationConfig(  # type: ignore[no-untyped-call]
            max_new_tokens=max_new_tokens,
            pad_token_id=self._pad,
            eos_token_id=self._ends or None,
            return_dict_in_generate=True,
            output_logits=True,
            do_sample=self._temperature > 0,
            **(sampled if self._temperature > 0 else {}),
        )

        def is_over(output: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
            over = watch.check(lambda: self._text(output[0, ids.shape[1] :].tolist()))
            return torch.full((output.shape[0],), over, dtype=torch.bool)

        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(seed)
            cache = self._read(ids, fixed, n, watch)
            copies = ids.repeat(n, 1)
            return self._model.generate(
                copies,
                attention_mask=torch.ones_like(copies),
                past_key_values=cache,
                generation_config=config,
                stopping_criteria=StoppingCriteriaList([is_over]),
            )

    def _read(self, ids: torch.Tensor, fixed: int, n: int, watch: Watch) -> DynamicCache:
        """Keys and values of the prompt without its last token, for n copies of it.

        The prompt is read once instead of n times, and in pieces, so that a long one cannot overrun the deadline by
        much. Its ``fixed`` beginning is a piece of its own whether it is known or not: how a prompt is cut changes the
        last bits of what a model makes of it, and the same prompt shall give the same texts.
        """
        from transformers import DynamicCache

        cache = DynamicCache(config=self._model.config)

        def read(start: int, end: int) -> DynamicCache:
            if watch.check(str):
                raise BackendTimeout(f"{self.name} did not finish reading the prompt in time.")
            self._model.base_model(input_ids=ids[:, start:end], past_key_values=cache, use_cache=True)
            return cache

        if fixed:
            cache = self._prefixes.begin(ids[0, :fixed].tolist(), lambda: read(0, fixed))
        length = ids.shape[1] - 1
        for start in range(fixed, length, _PIECE):
            read(start, min(start + _PIECE, length))
        self._last = ids[0].tolist(), copy.deepcopy(cache)
        cache.batch_repeat_interleave(n)
        return cache

    def _generations(self, output: Any, prompt_length: int, seconds: float) -> list[Generation]:
        sequences: torch.Tensor = output.sequences
        steps = self._model.compute_transition_scores(sequences, output.logits, normalize_logits=True)
        return [
            self._generation(new.tolist(), scores.tolist(), seconds)
            for new, scores in zip(sequences[:, prompt_length:], steps, strict=True)
        ]

    def _generation(self, tokens: list[int], scores: list[float], seconds: float) -> Generation:
        length = next((i + 1 for i, token in enumerate(tokens) if token in self._ends), len(tokens))
        finished = bool(tokens) and tokens[length - 1] in self._ends
        text = self._text(tokens[:length])
        return Generation(text, float(sum(scores[:length])), length, seconds, finished)

    def _text(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return text.strip()


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model in memory and its format of a conversation. ``longest`` is how many tokens it reads, if it says so."""

    model: Any
    chat: ChatFormat

    @property
    def longest(self) -> int | None:
        limit: int | None = getattr(self.model.config, "max_position_embeddings", None)
        return limit


def open_model(name_or_path: str, *, precision: Precision = "auto", adapter: Path | None = None) -> OpenModel:
    """The model with the adapter merged into it; raises ``ModelMissing``."""
    try:
        tokenizer, model = _load(name_or_path, _dtype(precision))
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise ModelMissing(f"The language model {name_or_path!r} cannot be loaded: {reason}") from error
    if adapter is not None:
        try:
            merge(model, read_adapter(adapter))
        except BadAdapter as error:
            raise ModelMissing(f"The adapter {str(adapter)!r} cannot be used: {error}") from error
    return OpenModel(model, ChatFormat(tokenizer, _end_tokens(model, tokenizer)))


def _load(name_or_path: str, dtype: torch.dtype) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    path = Path(name_or_path)
    if path.suffix == ".gguf":
        tokenizer = load_tokenizer(path)
        model = AutoModelForCausalLM.from_pretrained(
            str(path.parent), dtype=dtype, trust_remote_code=False, **gguf_options(path)
        )
    else:
        tokenizer = AutoTokenizer.from_pretrained(name_or_path, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            name_or_path, dtype=dtype, trust_remote_code=False, use_safetensors=True
        )
    return tokenizer, model.train(False)


def _dtype(precision: Precision) -> torch.dtype:
    import torch

    capabilities = torch.cpu.get_capabilities()
    native = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    if precision == "bfloat16" or (precision == "auto" and native):
        return torch.bfloat16
    return torch.float32


def _end_tokens(model: Any, tokenizer: Any) -> list[int]:
    configured = model.generation_config.eos_token_id
    if configured is None:
        configured = tokenizer.eos_token_id
    if configured is None:
        return []
    return list(configured) if isinstance(configured, list) else [configured]
