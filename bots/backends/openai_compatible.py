"""A language model behind any server that speaks OpenAI's chat completions: hosted, vLLM, TGI, llama.cpp, …

Servers differ in what they take and tell. Each is asked for everything first (log-probabilities, a seed, its count of
tokens); one that refuses is asked for less, and its dialect is remembered.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bots.backends.base import (
    BackendError,
    BackendTimeout,
    BudgetUsedUp,
    CallRefused,
    GarbledAnswer,
    Generation,
    Meter,
    NotAuthorised,
    Progress,
    Prompt,
    PromptTooLong,
    RateLimited,
    Redirected,
    UnknownModel,
    Unwanted,
)
from bots.backends.watching import Watch

if TYPE_CHECKING:
    import httpx2
    from openai import APIStatusError, OpenAI, Stream
    from openai.types.chat import ChatCompletionChunk

_ATTEMPTS = 3
_LONGEST_ANSWER = 20_000
_SECONDS_BETWEEN_LOOKS = 0.1
#: Of unfinished JSON, the reply up to the last character that is whole.
_REPLY_SO_FAR = re.compile(r'"reply"\s*:\s*("(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)')
#: Seconds without a deadline of the caller's.
_PATIENCE = 120.0
#: What the server's chat template adds to a prompt, generously.
_TEMPLATE_TOKENS = 64
_STATUS_ERRORS: dict[int, tuple[type[BackendError], str]] = {
    401: (NotAuthorised, "does not accept the key"),
    403: (NotAuthorised, "does not accept the key"),
    404: (UnknownModel, "knows no such model or path"),
    413: (PromptTooLong, "cannot read a prompt of this length"),
    429: (RateLimited, "takes no more calls for now"),
}
_REPLY_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "reply",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"reply": {"type": "string"}},
            "required": ["reply"],
            "additionalProperties": False,
        },
    },
}


class OpenAIServer:
    """One model on one server, and the dialect that it was found to speak. Safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str = "",
        structured: bool = False,
        temperature: float = 0.7,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """``structured`` asks for the reply as JSON by a schema, which keeps chatter around it out.

        ``transport`` carries the calls. It should end each exchange at the request's read time-out and bound the
        answer's size; httpx's own, the default, applies that time-out to every single read.
        """
        self.model = model
        self.structured = structured
        self.dialect = 0
        self._base_url = base_url
        self._api_key = api_key
        self._temperature = temperature
        self._transport = transport

    @cached_property
    def client(self) -> OpenAI:
        """Loads the library when it is first needed. Nothing of this process's environment reaches the server."""
        import httpx2
        from openai import OpenAI, omit

        headers: Any = {"OpenAI-Organization": omit, "OpenAI-Project": omit}
        return OpenAI(
            base_url=self._base_url,
            api_key=self._api_key or "none",  # servers without keys take any
            max_retries=0,
            http_client=httpx2.Client(transport=self._transport, trust_env=False, follow_redirects=False),
            default_headers=headers,
        )

    def options(self, *, max_new_tokens: int, seed: int) -> dict[str, Any]:
        """What is asked for beside the messages, in the dialect that the server speaks as far as is known."""
        counted = {"stream_options": {"include_usage": True}}
        shaped = {"response_format": _REPLY_SCHEMA} if self.structured else {}
        sampled = {"temperature": self._temperature, "max_tokens": max_new_tokens}
        dialects: tuple[dict[str, Any], ...] = (
            {**sampled, **counted, **shaped, "top_p": 0.95, "seed": seed, "logprobs": True},
            {**sampled, **shaped, "seed": seed},
            # Models that reason take neither a temperature nor the old name of the limit.
            {**counted, **shaped, "max_completion_tokens": max_new_tokens},
            sampled,
        )
        return dialects[self.dialect]

    def speak_another(self, dialect: int) -> bool:
        """After ``dialect`` was refused: whether there is a simpler one to try."""
        if dialect == self.dialect:
            if dialect == 3:
                return False
            self.dialect = dialect + 1
        return True


class OpenAICompatibleModel:
    """Drafts with an :class:`OpenAIServer`. Each generation is a call of its own, all at the same time.

    ``meter`` admits calls and is told what they took: what the server counts, or an estimate where it does not.
    """

    def __init__(
        self, server: OpenAIServer, *, meter: Meter | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = server.model
        self._server = server
        self._meter = meter
        self._clock = clock

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
        """As ``LanguageModel.generate``. When some calls fail the others count; when all do, the first error is raised.

        What the transport raises beside httpx's errors is raised as it is.
        """
        end = self._clock() + (_PATIENCE if deadline_seconds is None else deadline_seconds)
        at_most = n * (_most_tokens(prompt) + _TEMPLATE_TOKENS)
        if self._meter is not None and not self._meter.admit(tokens_in=at_most, tokens_out=n * max_new_tokens):
            raise BudgetUsedUp(f"The budget of {self.name} does not allow another call.")
        # Each call keeps the deadline itself, so the watch has none.
        watch = Watch(self.name, clock=self._clock, end=None, on_progress=on_progress)
        calls = [_Call(self._server, prompt, max_new_tokens, seed + number, end, self._clock) for number in range(n)]
        try:
            with ThreadPoolExecutor(n, thread_name_prefix="language-model") as pool:
                futures = [pool.submit(call.generation) for call in calls]
                try:
                    while wait(futures, timeout=_SECONDS_BETWEEN_LOOKS).not_done:
                        watch.check(lambda: calls[0].written)
                except BaseException:
                    for call in calls:
                        call.unwanted = True
                    raise
                errors = [error for future in futures if (error := future.exception()) is not None]
        finally:
            if self._meter is not None:
                self._meter.settle(
                    tokens_in=sum(call.tokens_in for call in calls), tokens_out=sum(call.tokens_out for call in calls)
                )
        made = [future.result() for future in futures if future.exception() is None]
        if not made and errors:
            raise errors[0]
        return made


@dataclass
class _Call:
    """One generation. ``tokens_in`` and ``tokens_out`` are what it took so far, also when it fails."""

    server: OpenAIServer
    prompt: Prompt
    max_new_tokens: int
    seed: int
    end: float
    clock: Callable[[], float]
    unwanted: bool = False
    tokens_in: int = 0
    _counted_out: int | None = None
    _text: str = ""
    _finish: str | None = None
    _log_probabilities: list[float] = field(default_factory=list)
    _untold: bool = False

    @property
    def tokens_out(self) -> int:
        return _likely_tokens(self._text) if self._counted_out is None else self._counted_out

    @property
    def written(self) -> str:
        """The reply so far; of JSON the part that can be read."""
        if not self.server.structured:
            return self._text.strip()
        found = _REPLY_SO_FAR.search(self._text)
        return str(json.loads(f'{found[1]}"', strict=False)) if found else ""

    def generation(self) -> Generation:
        from openai import APIError, APITimeoutError

        started = self.clock()
        try:
            stream = self._open()
            try:
                self._read(stream)
            except (ValueError, TypeError, AttributeError, LookupError):
                raise GarbledAnswer(f"{self.server.model} answered something that is no chat completion.") from None
        except APITimeoutError:
            raise BackendTimeout(f"{self.server.model} was not done in time.") from None
        except APIError as error:
            # A status is told apart where the call is made; here the connection broke or an event told an error.
            raise BackendError(f"{self.server.model} failed ({type(error).__name__}).") from None
        if self._finish is None:
            raise GarbledAnswer(f"{self.server.model} gave no complete answer.")
        if self._finish == "content_filter":
            raise CallRefused(f"{self.server.model} refuses to write this reply.")
        text = self._reply()
        if not text:
            raise GarbledAnswer(f"{self.server.model} wrote nothing.")
        known = not self._untold and not self.server.structured and bool(self._log_probabilities)
        return Generation(
            text=text,
            log_probability=sum(self._log_probabilities) if known else None,
            tokens=len(self._log_probabilities) if known else self.tokens_out,
            seconds=self.clock() - started,
            finished=self._finish != "length",
        )

    def _open(self) -> Stream[ChatCompletionChunk]:
        """The stream of a call that was taken; what may pass is tried again while there is time."""
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay

        retrying = Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(_ATTEMPTS) | stop_before_delay(self.end - self.clock()),
            wait=_pause,
            reraise=True,
        )
        stream: Stream[ChatCompletionChunk] = retrying(self._call)
        return stream

    def _call(self) -> Stream[ChatCompletionChunk]:
        """Raises :class:`BackendError` with openai's error as its cause, or that one itself where no status came."""
        from openai import APIStatusError, APITimeoutError

        while True:
            if self.unwanted:
                raise Unwanted(f"Nobody waits for {self.server.model} any more.")
            left = self.end - self.clock()
            if left <= 0:
                raise BackendTimeout(f"{self.server.model} was not done in time.")
            dialect = self.server.dialect
            options = self.server.options(max_new_tokens=self.max_new_tokens, seed=self.seed)
            messages: Any = [
                {"role": "system", "content": self.prompt.system},
                {"role": "user", "content": self.prompt.user},
            ]
            try:
                stream: Any = self.server.client.chat.completions.create(
                    model=self.server.model, messages=messages, stream=True, timeout=left, **options
                )
            except APITimeoutError:
                self.tokens_in = _likely_tokens(self.prompt.system + self.prompt.user)
                raise
            except APIStatusError as error:
                if error.status_code in {400, 422} and not _too_long(error) and self.server.speak_another(dialect):
                    continue
                raise _status_error(self.server.model, error) from error
            self.tokens_in = _likely_tokens(self.prompt.system + self.prompt.user)
            return stream

    def _read(self, stream: Stream[ChatCompletionChunk]) -> None:
        with stream:
            for chunk in self._in_time(stream):
                usage = chunk.usage
                if usage is not None:
                    self.tokens_in = _count(usage.prompt_tokens) or self.tokens_in
                    self._counted_out = _count(usage.completion_tokens)
                for choice in chunk.choices[:1]:
                    self._text += choice.delta.content or ""
                    self._finish = choice.finish_reason or self._finish
                    self._note(choice.logprobs, bool(choice.delta.content))
                if len(self._text) > _LONGEST_ANSWER:
                    raise GarbledAnswer(f"{self.server.model} wrote without an end.")

    def _in_time(self, stream: Stream[ChatCompletionChunk]) -> Iterator[ChatCompletionChunk]:
        for chunk in stream:
            if self.unwanted:
                raise Unwanted(f"Nobody waits for {self.server.model} any more.")
            if self.clock() > self.end:
                raise BackendTimeout(f"{self.server.model} was not done in time.")
            yield chunk

    def _note(self, told: Any, wrote: bool) -> None:
        tokens = (told.content or []) if told is not None else []
        values = [token.logprob for token in tokens]
        if (wrote and not values) or not all(
            isinstance(each, int | float) and -math.inf < each <= 0 for each in values
        ):
            self._untold = True
        else:
            self._log_probabilities += values

    def _reply(self) -> str:
        """The text, out of its JSON where that was asked for and given."""
        if self.server.structured and self._text.lstrip().startswith("{"):
            try:
                reply = json.loads(self._text)["reply"]
            except (ValueError, LookupError):
                reply = None
            if not isinstance(reply, str):
                raise GarbledAnswer(f"{self.server.model} answered JSON of another shape than was asked for.")
            return reply.strip()
        return self._text.strip()


def _status_error(name: str, error: APIStatusError) -> BackendError:
    """The server's own words are left out: they may quote the prompt or the key."""
    status = error.status_code
    if _too_long(error):
        return PromptTooLong(f"{name} cannot read a prompt of this length.")
    if status in _STATUS_ERRORS:
        kind, words = _STATUS_ERRORS[status]
        return kind(f"{name} {words} (HTTP {status}).")
    if 300 <= status < 400:
        return Redirected(f"{name} is somewhere else (HTTP {status}).")
    if 400 <= status < 500 and status not in {408, 409, 425}:
        return CallRefused(f"{name} refuses the request (HTTP {status}).")
    return BackendError(f"{name} failed (HTTP {status}).")


def _too_long(error: APIStatusError) -> bool:
    return error.code == "context_length_exceeded"


def _may_pass(error: BaseException) -> bool:
    """Connections that were not made, and servers that say that they are busy or broken."""
    from openai import APIConnectionError, APITimeoutError

    if isinstance(error, APIConnectionError):
        return not isinstance(error, APITimeoutError)
    return isinstance(error, RateLimited) or type(error) is BackendError


def _pause(state: Any) -> float:
    """Seconds: what the server asks for (Retry-After), else a random time below a bound that doubles."""
    from openai import APIStatusError
    from tenacity import wait_random_exponential

    cause = state.outcome.exception().__cause__
    if isinstance(cause, APIStatusError):
        try:
            asked = float(cause.response.headers.get("retry-after", ""))
        except ValueError:
            asked = -1.0
        if 0 <= asked < math.inf:
            return asked
    return wait_random_exponential(multiplier=0.5, max=4)(state)


def _count(told: object) -> int | None:
    """A server's count of tokens where it can be one."""
    return told if isinstance(told, int) and 0 <= told < 10_000_000 else None


def _likely_tokens(text: str) -> int:
    """Where nobody counted: a character of Chinese is about one token, four of anything else are."""
    wide = sum(character >= "\u2e80" for character in text)
    return wide + math.ceil((len(text) - wide) / 4)


def _most_tokens(prompt: Prompt) -> int:
    """No tokenizer in use makes more tokens than bytes."""
    return len((prompt.system + prompt.user).encode())
