"""Drafting with a model server: what is asked, what is read, and what becomes of servers that fail, drip and lie."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from bots.backends import base
from bots.backends.base import Generation, Prompt
from bots.backends.openai_compatible import OpenAICompatibleModel, OpenAIServer, _Call
from tests import model_server as behaviour
from tests.bots.hearing import Hearing
from tests.model_server import Behaviour, ModelServer, chunk, fails, model_server, says, writes

PROMPT = Prompt("You reply for a shop.", "Where is SECRETORDER? 我的订单在哪里？")
KEY = "sk-KEYKEYKEY"
USAGE = {"prompt_tokens": 41, "completion_tokens": 3, "total_tokens": 44}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


class Purse:
    """A meter that admits what is left."""

    def __init__(self, left: int = 10**9) -> None:
        self.left = left
        self.admitted: list[tuple[int, int]] = []
        self.settled: list[tuple[int, int]] = []

    def admit(self, *, tokens_in: int, tokens_out: int) -> bool:
        self.admitted.append((tokens_in, tokens_out))
        return tokens_in + tokens_out <= self.left

    def settle(self, *, tokens_in: int, tokens_out: int) -> None:
        self.settled.append((tokens_in, tokens_out))


def ask(
    server: ModelServer, *, n: int = 1, seconds: float = 5.0, purse: Purse | None = None, structured: bool = False
) -> list[Generation]:
    found = OpenAIServer(server.url, "small-1", api_key=KEY, structured=structured)
    return OpenAICompatibleModel(found, meter=purse).generate(
        PROMPT, n=n, max_new_tokens=50, seed=7, deadline_seconds=seconds
    )


def test_a_reply_with_all_that_a_server_can_tell(server: ModelServer) -> None:
    server.always = writes("It ships today.", usage=USAGE, logprob=-0.25)
    purse = Purse()
    (made,) = ask(server, purse=purse)
    assert (made.text, made.log_probability, made.tokens, made.finished) == ("It ships today.", -0.75, 3, True)
    assert purse.settled == [(41, 3)]
    (asked,) = server.requests
    assert [each["role"] for each in asked["messages"]] == ["system", "user"]
    assert (asked["model"], asked["stream"], asked["max_tokens"], asked["seed"]) == ("small-1", True, 50, 7)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_candidates_are_asked_for_at_the_same_time_each_with_its_own_seed(server: ModelServer) -> None:
    server.plan.extend([writes("One."), fails(400, code="context_length_exceeded"), writes("Three.")])
    made = ask(server, n=3)
    assert sorted(each.text for each in made) == ["One.", "Three."]
    assert sorted(each["seed"] for each in server.requests) == [7, 8, 9]


def test_without_probabilities_and_counts_both_are_honest(server: ModelServer) -> None:
    purse = Purse()
    (made,) = ask(server, purse=purse)
    assert made.log_probability is None
    ((tokens_in, tokens_out),) = purse.settled
    assert 10 < tokens_in < 30 and 2 <= tokens_out <= 4


def test_a_server_that_refuses_fields_is_asked_for_less_and_its_dialect_is_remembered(server: ModelServer) -> None:
    server.plan.extend([fails(400), fails(422)])
    found = OpenAICompatibleModel(OpenAIServer(server.url, "thinker"))
    for _ in range(2):
        (made,) = found.generate(PROMPT, n=1, max_new_tokens=50, seed=1, deadline_seconds=5)
        assert made.text == "All is well."
    assert ["logprobs" in each for each in server.requests] == [True, False, False, False]
    assert [each.get("max_completion_tokens") for each in server.requests] == [None, None, 50, 50]
    assert server.headers[0]["authorization"] == "Bearer none"


def test_structured_output_is_unwrapped(server: ModelServer) -> None:
    server.always = writes('{"reply": "Soon."}')
    assert ask(server, structured=True)[0].text == "Soon."
    assert server.requests[0]["response_format"]["type"] == "json_schema"
    server.always = writes("Soon, without JSON.")
    assert ask(server, structured=True)[0].text == "Soon, without JSON."
    server.always = writes('{"answer": 3}')
    with pytest.raises(base.GarbledAnswer):
        ask(server, structured=True)


def test_a_reply_cut_by_its_limit_says_so(server: ModelServer) -> None:
    server.always = writes("Half of", finish="length")
    assert ask(server)[0].finished is False


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (behaviour.hangs, base.BackendTimeout),
        (behaviour.drips_words, base.BackendTimeout),
        (behaviour.breaks_off, base.BackendError),
        (says("<html>Welcome</html>", content_type="text/html"), base.GarbledAnswer),
        (says('{"choices": [{"message": {"content": "not streamed"}}]}'), base.GarbledAnswer),
        (says('{"error": "no"}', content_type="application/json"), base.GarbledAnswer),
        (says('data: {"error": {"message": "no"}}\n\n'), base.BackendError),
        (says("data: {not json\n\n"), base.GarbledAnswer),
        (says(b"data: \xff\xfe\n\n"), base.GarbledAnswer),
        (says("data: [1, 2]\n\n"), base.GarbledAnswer),
        (says('data: "text"\n\n'), base.GarbledAnswer),
        (says('data: {"choices": 3}\n\n'), base.GarbledAnswer),
        (says('data: {"choices": [{"delta": {"content": {"a": 1}}}]}\n\n'), base.GarbledAnswer),
        (says("data: [DONE]\n\n"), base.GarbledAnswer),
        (says(""), base.GarbledAnswer),
        (writes(" "), base.GarbledAnswer),
        (writes("word " * 5000), base.GarbledAnswer),
        (writes("I will not.", finish="content_filter"), base.CallRefused),
        (fails(401), base.NotAuthorised),
        (fails(403), base.NotAuthorised),
        (fails(404), base.UnknownModel),
        (fails(400), base.CallRefused),
        (fails(400, code="context_length_exceeded"), base.PromptTooLong),
        (fails(307, Location="http://127.0.0.1:1/"), base.Redirected),
        (fails(429, Retry_After="60"), base.RateLimited),
        (fails(500, Retry_After="60"), base.BackendError),
    ],
)
def test_servers_that_fail_and_lie(server: ModelServer, behave: Behaviour, error: type[Exception]) -> None:
    """In time, by the right name, and without a word of the prompt, the key or the server in the message."""
    server.always = behave
    purse = Purse()
    started = time.monotonic()
    with pytest.raises(error) as raised:
        ask(server, seconds=4.0, purse=purse)
    assert time.monotonic() - started < 12
    assert type(raised.value) is error
    assert "SECRETORDER" not in str(raised.value) and KEY not in str(raised.value)
    assert len(purse.settled) == 1


@pytest.mark.parametrize("first", [fails(500), fails(503), fails(429), fails(429, Retry_After="0.1")])
def test_what_may_pass_is_tried_again(server: ModelServer, first: Behaviour) -> None:
    server.plan.append(first)
    assert ask(server)[0].text == "All is well."
    assert len(server.requests) == 2


def test_trying_again_has_an_end(server: ModelServer) -> None:
    server.always = fails(500, Retry_After="0")
    with pytest.raises(base.BackendError):
        ask(server)
    assert len(server.requests) == 3


@pytest.mark.parametrize("behave", [fails(401), fails(404), behaviour.hangs, says("nonsense")])
def test_what_will_not_pass_is_asked_once(server: ModelServer, behave: Behaviour) -> None:
    server.always = behave
    with pytest.raises(base.BackendError):
        ask(server, seconds=0.5)
    assert len(server.requests) == 1


def test_a_connection_that_is_not_taken() -> None:
    model = OpenAICompatibleModel(OpenAIServer("http://127.0.0.1:1/v1", "m"))
    with pytest.raises(base.BackendError):
        model.generate(PROMPT, n=1, max_new_tokens=5, seed=1, deadline_seconds=0.5)


@pytest.mark.parametrize("logprob", [0.5, float("nan"), float("-inf"), "high"])
def test_probabilities_that_cannot_be_are_not_believed(server: ModelServer, logprob: object) -> None:
    server.always = writes("It ships today.", logprob=logprob)
    assert ask(server)[0].log_probability is None


@pytest.mark.parametrize("told", [-5, 10**12, "many", None, 1.5])
def test_counts_that_cannot_be_are_not_believed(server: ModelServer, told: object) -> None:
    server.always = writes("Fine.", usage={"prompt_tokens": told, "completion_tokens": told, "total_tokens": told})
    purse = Purse()
    ask(server, purse=purse)
    ((tokens_in, tokens_out),) = purse.settled
    assert 0 < tokens_in < 100 and 0 < tokens_out < 100


def test_a_meter_stops_the_call_before_it_is_made(server: ModelServer) -> None:
    purse = Purse(left=100)
    with pytest.raises(base.BudgetUsedUp):
        ask(server, n=2, purse=purse)
    assert not server.requests and not purse.settled
    ((tokens_in, tokens_out),) = purse.admitted
    assert tokens_out == 100 and tokens_in >= 2 * len((PROMPT.system + PROMPT.user).encode())


def test_a_reply_that_hangs_in_the_middle_is_paid_for(server: ModelServer) -> None:
    def half(handler: behaviour.Handler) -> None:
        handler.begin()
        handler.event(chunk("Some words of a reply. "))
        handler.wait(30)

    server.always = half
    purse = Purse()
    with pytest.raises(base.BackendTimeout):
        ask(server, seconds=0.5, purse=purse)
    ((tokens_in, tokens_out),) = purse.settled
    assert tokens_in > 0 and tokens_out > 3


def test_nothing_of_the_environment_reaches_the_server(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-machine")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-machine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-the-machine")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    OpenAICompatibleModel(OpenAIServer(server.url, "m")).generate(PROMPT, n=1, max_new_tokens=5, seed=1)
    assert "of-the-machine" not in str(server.headers)


def test_the_library_is_loaded_when_a_call_is_made_and_not_before() -> None:
    source = "import sys, bots.backends.openai_compatible as o; o.OpenAIServer('http://x/v1', 'm'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout.split()
    assert not {"openai", "httpx2", "tenacity"} & set(loaded)


def test_what_is_written_is_told_on_the_way(server: ModelServer) -> None:
    server.always = behaviour.writes_slowly("We sent it on Monday.", pause=0.2)
    heard = Hearing()
    (made,) = OpenAICompatibleModel(OpenAIServer(server.url, "small-1")).generate(
        PROMPT, n=1, max_new_tokens=50, seed=1, on_progress=heard
    )
    assert made.text == "We sent it on Monday."
    assert 1 < len(set(heard)) <= 6
    assert all(made.text.startswith(text) for text in heard)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("", ""),
        ('{"rep', ""),
        ('{"reply": "We se', "We se"),
        ('{"reply": "a \\"b\\" \\u4f6', 'a "b" '),
        ('{"reply":"你好\\n再见"}', "你好\n再见"),
        ("no JSON", ""),
    ],
)
def test_of_json_the_reply_is_told_as_far_as_it_can_be_read(raw: str, read: str) -> None:
    server = OpenAIServer("http://127.0.0.1/v1", "small-1", structured=True)
    assert _Call(server, PROMPT, 10, 1, 0, time.monotonic, _text=raw).written == read


def test_a_server_that_writes_for_nobody_is_hung_up_on(server: ModelServer) -> None:
    server.always = behaviour.drips_words
    started = time.monotonic()
    with pytest.raises(base.Unwanted):
        OpenAICompatibleModel(OpenAIServer(server.url, "small-1")).generate(
            PROMPT, n=2, max_new_tokens=50, seed=1, deadline_seconds=25, on_progress=lambda text: not text
        )
    assert time.monotonic() - started < 20
