"""Settings → Language model → Models and their order: pages over the services, and what review says of each model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from django.utils import timezone

from bots.backends.base import FailureReason
from cs_portal.console.presenters.wording import MODEL_FAILURES
from cs_portal.core.secrets import decrypt
from cs_portal.core.tenancy import scope
from cs_portal.drafting.model_choice import models_in_order
from cs_portal.drafting.models import LanguageModelConnection, ModelKind, ModelUsage
from cs_portal.drafting.services.model_meter import today_of_merchant
from tests.console.conftest import Cast
from tests.drafting.models_at_hand import KEY, make_connection
from tests.factories import make_candidate
from tests.model_server import ModelServer, fails, model_server, writes

URL = "/console/mugs/settings/language-model/connections/"
FORM = {
    "name": "Hosted",
    "base_url": "https://models.example.com/v1",
    "model": "gpt-small",
    "key": KEY,
    "deadline_seconds": "20",
    "currency": "USD",
    "price_in": "0.15",
    "price_out": "0.6",
    "daily_tokens": "1000000",
    "daily_money": "2.5",
    "enabled": "on",
}


@pytest.fixture
def server(settings: Any) -> Iterator[ModelServer]:
    with model_server() as running:
        settings.LANGUAGE_MODEL_HOSTS = [running.host]
        yield running


def only(cast: Cast) -> LanguageModelConnection:
    with scope(merchant=cast.merchant):
        row: LanguageModelConnection = LanguageModelConnection.objects.get(kind=ModelKind.OPENAI_COMPATIBLE)
        return row


def count(cast: Cast) -> int:
    with scope(merchant=cast.merchant):
        return int(LanguageModelConnection.objects.count())


@pytest.mark.parametrize(("who", "status"), [("olaf", 403), ("nina", 403), ("charlie", 404)])
def test_only_owners_and_admins(cast: Cast, who: str, status: int) -> None:
    row = make_connection(cast.merchant, "https://models.example.com/v1")
    client = cast.client(getattr(cast, who))
    one = f"{URL}{row.public_id}/"
    for url in (URL, f"{URL}new/", one):
        assert client.get(url).status_code == status
    for url in (f"{URL}new/", one, f"{one}delete/", f"{one}try/", f"{one}order/"):
        assert client.post(url, {**FORM, "locale": "en", "move": "out"}).status_code == status
    assert only(cast).name == "House model"
    with scope(merchant=cast.merchant):
        assert len(models_in_order("en")) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "No server is connected"), ("zh-hans", "尚未连接服务器")])
def test_nothing_connected(cast: Cast, language: str, words: str) -> None:
    client = cast.client(cast.ann)
    client.cookies["cs_portal_language"] = language
    page = client.get(URL).content.decode()
    assert words in page
    assert f"{URL}new/" in page


def test_connect_change_and_delete(cast: Cast) -> None:
    client = cast.client(cast.ann)
    assert client.post(f"{URL}new/", FORM).status_code == 302
    row = only(cast)
    assert decrypt(row.key_encrypted) == KEY
    assert (row.price_in_micros, row.price_out_micros, row.daily_tokens, row.daily_micros) == (
        150_000,
        600_000,
        1_000_000,
        2_500_000,
    )
    one = f"{URL}{row.public_id}/"
    page = client.get(one).content.decode()
    assert KEY not in page and KEY not in client.get(URL).content.decode()
    assert 'value="0.15"' in page and 'value="2.5"' in page
    assert client.post(one, {**FORM, "key": "", "name": "Other", "daily_money": ""}).status_code == 302
    row = only(cast)
    assert (row.name, row.daily_micros, decrypt(row.key_encrypted)) == ("Other", None, KEY)
    assert client.post(f"{one}delete/").status_code == 302
    assert client.get(one).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "required"),
        ("base_url", "http://127.0.0.1:8080/v1", "LANGUAGE_MODEL_HOSTS"),
        ("base_url", "nonsense", "https://"),
        ("deadline_seconds", "0", "2"),
        ("price_in", "-1", "0"),
        ("daily_tokens", "-1", "1"),
        ("currency", "XXX", "XXX"),
        ("key", "two words", "no key"),
    ],
)
def test_a_form_that_is_refused_says_why_and_never_shows_the_key(
    cast: Cast, field: str, value: str, words: str
) -> None:
    answer = cast.client(cast.ann).post(f"{URL}new/", {**FORM, field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    errors = re.search(rf'id="id_{field}-errors">(.*?)</ul>', page, re.DOTALL)
    assert errors is not None and words in errors.group(1)
    assert KEY not in page and "two words" not in page
    assert count(cast) == 0


def test_a_budget_of_money_needs_prices(cast: Cast) -> None:
    answer = cast.client(cast.ann).post(f"{URL}new/", {**FORM, "price_in": "", "price_out": "0"})
    assert answer.status_code == 422
    assert "Without prices nothing is counted" in answer.content.decode()


def test_order_by_buttons(cast: Cast) -> None:
    client = cast.client(cast.ann)
    client.post(f"{URL}new/", FORM)
    row = only(cast)
    page = client.get(URL).content.decode()
    assert "Use Hosted" in page and "own model" in page and "Not installed" in page
    assert client.post(f"{URL}{row.public_id}/order/", {"locale": "en", "move": "in"}).status_code == 302
    with scope(merchant=cast.merchant):
        assert [each.name for each in models_in_order("en")] == ["Hosted"]
        assert models_in_order("zh-hans") == []
    assert client.post(f"{URL}{row.public_id}/order/", {"locale": "en", "move": "sideways"}).status_code == 422
    assert "Hosted" in client.get("/console/mugs/settings/language-model/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_test_of_the_connection(cast: Cast, server: ModelServer) -> None:
    row = make_connection(cast.merchant, server.url, price_in_micros=10_000_000)
    server.always = writes(
        "<b>Thursday</b>.", usage={"prompt_tokens": 400, "completion_tokens": 9, "total_tokens": 409}
    )
    client = cast.client(cast.ann)
    page = client.post(f"{URL}{row.public_id}/try/").content.decode()
    assert "House model answered" in page and "&lt;b&gt;Thursday" in page
    assert "409 tokens" in page and "0.0040 USD" in page
    server.always = fails(401)
    client.cookies["cs_portal_language"] = "zh-hans"
    page = client.post(f"{URL}{row.public_id}/try/").content.decode()
    assert "服务器不接受密钥" in page and KEY not in page
    assert client.get(f"{URL}{row.public_id}/try/").status_code == 405


def test_what_it_took_today_and_why_it_is_paused(cast: Cast, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    for number in range(6):
        row = make_connection(
            cast.merchant,
            "https://models.example.com/v1",
            f"Model {number}",
            price_in_micros=1,
            daily_tokens=10_000,
            daily_micros=5_000_000,
            failures=3,
            last_failure="rate_limited",
            paused_until=now + timedelta(minutes=1),
        )
        with scope(merchant=cast.merchant):
            day = today_of_merchant(now)
            ModelUsage.objects.create(
                connection=row,
                day=day,
                calls=4,
                failures=1,
                seconds=6,
                tokens_in=2000,
                tokens_out=500,
                cost_micros=4200,
            )
    client = cast.client(cast.ann)
    client.get(URL)
    with django_assert_max_num_queries(14):
        page = client.get(URL).content.decode()
    assert "Paused after failures" in page and "takes no more calls for now" in page
    assert "2,500" in page and "of 10,000" in page and "0.0042 USD" in page and "of 5.00 USD" in page
    assert "1.5 s" in page and "1 failed" in page


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Away: it was not done in time"), ("zh-hans", "Away：未能及时完成")]
)
def test_review_says_which_model_wrote_and_why_another_did_not(cast: Cast, language: str, words: str) -> None:
    attempts = [
        {"name": "Away", "model": "big", "made": 0, "failure": "timeout", "seconds": 20.0},
        {"name": "Spare", "model": "small-1+reply_v2", "made": 2, "failure": "", "seconds": 1.25},
    ]
    draft = cast.draft(model_state="done", model_attempts=attempts)
    make_candidate(draft, "From the model.", source="language_model", model="small-1+reply_v2")
    client = cast.client(cast.olaf)
    client.cookies["cs_portal_language"] = language
    page = client.get(cast.url(draft)).content.decode()
    assert words in page
    assert '<span class="candidate-model muted" translate="no">small-1</span>' in page
    if language == "en":
        assert "Spare: 2 wordings in 1.2 s" in page or "Spare: 2 wordings in 1.3 s" in page


def test_every_reason_has_its_words() -> None:
    assert set(get_args(FailureReason)) | {"paused", "secret_unreadable", "nothing", "worker"} <= set(MODEL_FAILURES)


def test_what_a_model_is_called_is_never_markup(cast: Cast) -> None:
    attempts = [{"name": "<i>x</i>", "model": "", "made": 0, "failure": "<i>y</i>", "seconds": 0}]
    page = cast.client(cast.olaf).get(cast.url(cast.draft(model_attempts=attempts))).content.decode()
    assert "<i>" not in page and "&lt;i&gt;x" in page
