"""The pages of canned replies, macros and tags. Roles and strangers: tests/security walks every URL."""

from __future__ import annotations

from typing import Any

import pytest

from cs_portal.conversations.models import CannedReply, ConversationTag, Macro, Tag
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from tests.console.conftest import Cast
from tests.factories import make_conversation

GOOD = {
    "shortcut": "thanks",
    "title": "Say thanks",
    "text_en": "Hi {{shopper.name}}",
    "text_zh": "{{shopper.name}}您好",
}
STEPS = {"name": "Close", "state": "resolved", "assign_to_me": "on"}


def _url(path: str) -> str:
    return f"/console/mugs/settings/{path}"


def _canned(cast: Cast, **fields: Any) -> CannedReply:
    with scope(merchant=cast.merchant):
        return CannedReply.objects.create(updated_at=cast.now, **{**GOOD, **fields})


def _macro(cast: Cast, **fields: Any) -> Macro:
    with scope(merchant=cast.merchant):
        return Macro.objects.create(updated_at=cast.now, **{"name": "Close", "state": "resolved", **fields})


def _tag(cast: Cast, name: str = "VIP") -> Tag:
    with scope(merchant=cast.merchant):
        return Tag.objects.create(name=name)


def test_a_canned_reply_is_written_and_listed(cast: Cast) -> None:
    client = cast.client(cast.ann)
    assert "No canned replies yet" in client.get(_url("canned-replies/")).content.decode()
    answer = client.post(_url("canned-replies/new/"), GOOD)
    assert (answer.status_code, answer["Location"]) == (302, _url("canned-replies/"))
    page = client.get(_url("canned-replies/")).content.decode()
    assert "/thanks" in page and "Say thanks" in page
    assert "/thanks" in client.get(_url("canned-replies/?q=您好")).content.decode()
    assert "Nothing found" in client.get(_url("canned-replies/?q=nothing")).content.decode()


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(cast: Cast) -> None:
    answer = cast.client(cast.ann).post(_url("canned-replies/new/"), {**GOOD, "text_en": "Hi {{nobody}}"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no variable {{nobody}}." in page and "Hi {{nobody}}" in page
    assert 'aria-invalid="true"' in page and 'id="id_text_en-errors"' in page
    with scope(merchant=cast.merchant):
        assert not CannedReply.objects.exists()


def test_a_change_that_came_between_is_not_overwritten(cast: Cast) -> None:
    reply = _canned(cast)
    url = _url(f"canned-replies/{reply.public_id}/")
    client = cast.client(cast.ann)
    seen = client.get(url).context["form"].initial["seen"]
    assert client.post(url, {**GOOD, "title": "First", "seen": seen}).status_code == 302
    answer = cast.client(cast.alice).post(url, {**GOOD, "title": "Second", "seen": seen})
    assert answer.status_code == 409
    assert "Second" in answer.content.decode() and "Show the latest version" in answer.content.decode()
    with scope(merchant=cast.merchant):
        assert CannedReply.objects.get().title == "First"


def test_deleting_can_be_undone_by_who_did_it(cast: Cast) -> None:
    reply = _canned(cast)
    client, url = cast.client(cast.ann), _url(f"canned-replies/{reply.public_id}/")
    page = client.post(f"{url}delete/", follow=True).content.decode()
    assert f'action="{url}restore/"' in page
    assert cast.client(cast.alice).post(f"{url}restore/").status_code == 404
    assert client.post(f"{url}restore/").status_code == 302
    with scope(merchant=cast.merchant):
        back = CannedReply.objects.get()
    assert (back.public_id, back.text_zh) == (reply.public_id, GOOD["text_zh"])
    assert client.post(f"{url}restore/").status_code == 404


def test_a_shortcut_that_was_given_away_is_not_taken_back(cast: Cast) -> None:
    reply = _canned(cast)
    client, url = cast.client(cast.ann), _url(f"canned-replies/{reply.public_id}/")
    client.post(f"{url}delete/")
    _canned(cast, title="Another")
    assert client.post(f"{url}restore/").status_code == 422
    with scope(merchant=cast.merchant):
        assert CannedReply.objects.get().title == "Another"


def test_the_preview_shows_sample_values_and_saves_nothing(cast: Cast) -> None:
    data = {**GOOD, "text_en": "<b>Hi</b> {{shopper.name}}\n{{order.number}} {{nobody}}"}
    part = cast.client(cast.ann, htmx=True).post(_url("canned-replies/preview/"), data).content.decode()
    assert part.lstrip().startswith('<div id="canned-preview"')
    assert "&lt;b&gt;Hi&lt;/b&gt; Anna Keller<br>10533 {{nobody}}" in part
    assert "王小明您好" in part and "There is no variable {{nobody}}." in part
    page = cast.client(cast.ann).post(_url("canned-replies/preview/"), data).content.decode()
    assert "<h1>" in page and "Anna Keller" in page and "Say thanks" in page
    with scope(merchant=cast.merchant):
        assert not CannedReply.objects.exists()


def test_operators_and_analysts_read(cast: Cast) -> None:
    reply, macro, tag = _canned(cast), _macro(cast), _tag(cast)
    for member in (cast.olaf, cast.nina):
        client = cast.client(member)
        page = client.get(_url(f"canned-replies/{reply.public_id}/")).content.decode()
        assert "You can read these settings." in page and "王小明您好" in page and "<textarea" not in page
        assert "Resolve" in client.get(_url(f"macros/{macro.public_id}/")).content.decode()
        page = client.get(_url("tags/")).content.decode()
        assert tag.name in page and 'name="tone"' not in page
        assert client.get(_url(f"tags/{tag.public_id}/")).status_code == 403


def test_a_macro_is_made_of_steps(cast: Cast) -> None:
    reply, tag = _canned(cast), _tag(cast)
    client = cast.client(cast.ann)
    data = {
        "name": "Wait",
        "reply": str(reply.public_id),
        "add_tags": [str(tag.public_id)],
        "state": "snoozed",
        "snooze_hours": "24",
        "assign_to_me": "on",
    }
    assert client.post(_url("macros/new/"), data).status_code == 302
    page = client.get(_url("macros/")).content.decode()
    for step in ("Insert /thanks", "Tag VIP", "Assign to whoever uses it", "Snooze for 24 hours"):
        assert step in page
    with scope(merchant=cast.merchant):
        row = Macro.objects.get()
    again = client.get(_url(f"macros/{row.public_id}/")).content.decode()
    assert again.count("checked") == 2 and f'value="{reply.public_id}" selected' in again


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"state": "snoozed"}, "Say for how many hours"),
        ({"state": "", "assign_to_me": ""}, "Choose at least one thing"),
        ({"reply": "00000000-0000-4000-8000-000000000000"}, "Select a valid choice"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_macro_that_cannot_be(cast: Cast, change: dict[str, str], error: str) -> None:
    answer = cast.client(cast.ann).post(_url("macros/new/"), {**STEPS, **change})
    assert answer.status_code == 422 and error in answer.content.decode()
    with scope(merchant=cast.merchant):
        assert not Macro.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_macro_is_changed_deleted_and_brought_back(cast: Cast) -> None:
    macro = _macro(cast)
    client, url = cast.client(cast.ann), _url(f"macros/{macro.public_id}/")
    assert client.post(url, {**STEPS, "name": "Done", "seen": "2000-01-01T00:00:00+00:00"}).status_code == 409
    assert client.post(url, {**STEPS, "name": "Done", "seen": macro.updated_at.isoformat()}).status_code == 302
    client.post(f"{url}delete/")
    with scope(merchant=cast.merchant):
        assert not Macro.objects.exists()
    client.post(f"{url}restore/")
    with scope(merchant=cast.merchant):
        assert (Macro.objects.get().name, Macro.objects.get().public_id) == ("Done", macro.public_id)


def test_a_tag_is_made_renamed_counted_and_deleted(cast: Cast) -> None:
    client = cast.client(cast.ann)
    assert client.post(_url("tags/"), {"name": "VIP", "tone": "red"}).status_code == 302
    answer = client.post(_url("tags/"), {"name": "vip", "tone": "red"})
    assert answer.status_code == 422 and "There is a tag “vip” already." in answer.content.decode()
    with scope(merchant=cast.merchant):
        tag = Tag.objects.get()
    conversation = make_conversation(cast.merchant)
    with scope(merchant=cast.merchant):
        ConversationTag.objects.create(conversation=conversation, tag=tag)
    url = _url(f"tags/{tag.public_id}/")
    assert client.post(url, {"name": "Gold", "tone": "amber"}).status_code == 302
    assert '<span class="tag tag-warn">Gold</span>' in client.get(_url("tags/")).content.decode()
    assert "It is on 1 conversation" in client.get(f"{url}delete/").content.decode()
    client.post(f"{url}delete/")
    with scope(merchant=cast.merchant):
        assert not Tag.objects.exists() and not ConversationTag.objects.exists()


@pytest.mark.parametrize("path", ["canned-replies/", "macros/", "tags/"])
def test_a_longer_list_takes_no_more_queries(
    cast: Cast, path: str, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    client = cast.client(cast.ann)
    for number in range(2):
        reply, tag = _canned(cast, shortcut=f"a{number}"), _tag(cast, f"a{number}")
        _macro(cast, name=f"a{number}", reply=reply, add_tags=[str(tag.public_id)])
    client.get(_url(path))
    with django_assert_max_num_queries(15) as few:
        client.get(_url(path))
    for number in range(60):
        reply, tag = _canned(cast, shortcut=f"b{number}"), _tag(cast, f"b{number}")
        _macro(cast, name=f"b{number}", reply=reply, add_tags=[str(tag.public_id)])
    with django_assert_num_queries(len(few)):
        page = client.get(_url(path)).content.decode()
    if path != "tags/":
        assert 'rel="next"' in page


def test_what_people_wrote_is_text(cast: Cast) -> None:
    evil = "<script>alert(1)</script>\"'&"
    reply, tag = _canned(cast, title=evil, text_en=evil), _tag(cast, evil)
    macro = _macro(cast, name=evil, reply=reply, add_tags=[str(tag.public_id)])
    client = cast.client(cast.ann)
    paths = ("canned-replies/", f"canned-replies/{reply.public_id}/", "macros/", f"macros/{macro.public_id}/")
    for path in (*paths, "tags/", f"tags/{tag.public_id}/", f"tags/{tag.public_id}/delete/"):
        assert "<script>alert" not in client.get(_url(path)).content.decode()


@pytest.mark.parametrize("seen", ["x", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00+00:00"])
def test_an_unreadable_time_of_the_last_change_is_refused(cast: Cast, seen: str) -> None:
    reply = _canned(cast)
    answer = cast.client(cast.ann).post(
        _url(f"canned-replies/{reply.public_id}/"), {**GOOD, "title": "X", "seen": seen}
    )
    assert answer.status_code == 422
    assert "Reload the page and try again." in answer.content.decode()
    with scope(merchant=cast.merchant):
        assert CannedReply.objects.get().title != "X"
