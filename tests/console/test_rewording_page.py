"""Saying a reply otherwise, and a message in the reader's language: what the pages offer and to whom."""

from __future__ import annotations

import pytest
from django.test import Client

from cs_portal.console.presenters.translations import is_foreign
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, DraftCandidate, MessageTranslation, Rewording
from tests.console.conftest import Cast
from tests.drafting.models_at_hand import make_connection
from tests.factories import make_candidate

SERVER = "https://models.example.com/v1"


def _chinese(client: Client) -> Client:
    client.cookies["cs_portal_language"] = "zh-hans"
    return client


def test_the_buttons_offer_the_other_language_and_their_keys(cast: Cast) -> None:
    page = cast.client(cast.olaf).get(cast.url(cast.draft())).content.decode()
    for wish, key in (("brief", "s"), ("warm", "w"), ("formal", "f"), ("zh-hans", "l")):
        assert f'value="{wish}"' in page
        assert f'data-key="{key}"' in page
    assert 'value="en"' not in page.split("data-reword")[1].split("</form>")[0]
    assert "data-reword" not in cast.client(cast.nina).get(cast.url(cast.draft())).content.decode()


def test_asking_keeps_what_is_typed_and_says_that_it_is_being_written(cast: Cast) -> None:
    draft = cast.draft(texts=("We refund you.",))
    body = {"wish": "warm", "candidate": 1, "text": "We refund you."}
    page = cast.client(cast.olaf, htmx=True).post(cast.url(draft, "reword/"), body).content.decode()
    assert "Warmer: being written…" in page
    assert Job.objects.filter(kind="compose_rewording").count() == 1


def test_without_a_model_typed_words_are_refused_kept_and_explained(cast: Cast) -> None:
    draft = cast.draft(texts=("We refund you.",))
    body = {"wish": "warm", "candidate": 1, "text": "My own words"}
    answer = cast.client(cast.olaf, htmx=True).post(cast.url(draft, "reword/"), body)
    assert answer.status_code == 422
    assert "Connect a language model to rewrite others." in answer.content.decode()
    assert "My own words" in answer.content.decode()
    assert not Job.objects.filter(kind="rewrite_text").exists()
    page = cast.client(cast.ann).get(cast.url(draft)).content.decode()
    assert "connect a language model" in page
    with scope(merchant=cast.merchant):
        assert not Rewording.objects.exists()


def test_of_a_models_wording_the_buttons_wait_for_a_connected_model(cast: Cast) -> None:
    draft = cast.draft(texts=())
    make_candidate(draft, "A model wrote this.", source="language_model", model="m+1")
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=draft.pk).update(selected=1)
    client = cast.client(cast.olaf)
    assert 'data-key="w"\n              disabled' in client.get(cast.url(draft)).content.decode()
    make_connection(cast.merchant, SERVER)
    page = client.get(cast.url(draft)).content.decode()
    assert "disabled>Warmer" not in page
    assert "data-composed-only" not in page


@pytest.mark.parametrize(("who", "status"), [("nina", 403), ("charlie", 404)])
def test_others_ask_for_nothing(cast: Cast, who: str, status: int) -> None:
    draft = cast.draft()
    answer = cast.client(getattr(cast, who)).post(cast.url(draft, "reword/"), {"wish": "warm", "candidate": 1})
    assert answer.status_code == status
    assert not Job.objects.exists()


def test_a_wished_wording_is_labelled_and_has_its_language(cast: Cast) -> None:
    draft = cast.draft(texts=("We refund you.",))
    row = make_candidate(draft, "我们给您退款。")
    with scope(merchant=cast.merchant):
        DraftCandidate.objects.filter(pk=row.pk).update(wish="zh-hans")
        Draft.objects.filter(pk=draft.pk).update(selected=2)
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert '<span class="candidate-wish">In Chinese</span>' in page
    assert '<div class="reply" lang="zh-Hans"' in page


def _translation_url(cast: Cast, draft: Draft) -> str:
    with scope(merchant=cast.merchant):
        return f"/console/mugs/inbox/{draft.conversation.public_id}/messages/{draft.message.public_id}/translation/"


def test_a_message_in_the_other_language_offers_its_translation_where_a_model_can(cast: Cast) -> None:
    draft = cast.draft("我的杯子碎了")
    url = _translation_url(cast, draft)
    client = cast.client(cast.olaf)
    assert url not in client.get(cast.url(draft)).content.decode()
    make_connection(cast.merchant, SERVER)
    assert url in client.get(cast.url(draft)).content.decode()
    inbox = url.partition("messages/")[0]
    assert url in client.get(inbox).content.decode()
    assert url not in _chinese(client).get(cast.url(draft)).content.decode(), "who reads Chinese needs none"
    assert "<button" not in cast.client(cast.nina).get(url, headers={"HX-Request": "true"}).content.decode()


def test_it_is_asked_for_once_and_kept_for_everybody(cast: Cast) -> None:
    make_connection(cast.merchant, SERVER)
    draft = cast.draft("我的杯子碎了")
    url = _translation_url(cast, draft)
    client = cast.client(cast.olaf, htmx=True)
    for _time in range(2):
        assert "Being translated…" in client.post(url).content.decode()
    assert Job.objects.filter(kind="translate_message").count() == 1
    with scope(merchant=cast.merchant):
        MessageTranslation.objects.update(state="done", text="My mug <b>broke</b>.", model="small-1+translate_v1")
    page = cast.client(cast.nina).get(cast.url(draft)).content.decode()
    assert "My mug &lt;b&gt;broke&lt;/b&gt;." in page
    assert "Translated by small-1, not checked" in page


def test_strangers_and_readers_translate_nothing(cast: Cast) -> None:
    make_connection(cast.merchant, SERVER)
    url = _translation_url(cast, cast.draft("我的杯子碎了"))
    assert cast.client(cast.nina).post(url).status_code == 403
    assert cast.client(cast.charlie).post(url).status_code == 404
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("text", "locale", "foreign"),
    [
        ("我的杯子碎了", "en", True),
        ("我的杯子碎了", "zh-hans", False),
        ("My mug broke", "zh-hans", True),
        ("My mug broke", "en", False),
        ("OK", "zh-hans", False),
        ("10533", "zh-hans", False),
        ("请退款，order 10533", "zh-hans", False),
    ],
)
def test_the_language_is_read_by_the_letters(text: str, locale: str, foreign: bool) -> None:
    assert is_foreign(text, locale) is foreign
