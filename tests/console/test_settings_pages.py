"""Profile, hours, notifications, two-step sign-in and the overview: who may, who may not, and what happens."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail

from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Holiday, Member, Merchant
from tests.console.conftest import Cast

PROFILE = {"name": "Mugs", "name_zh": "杯子店", "support_email": "", "timezone": "Europe/Berlin"}
HOURS = {
    "first_reply_minutes": "30",
    "next_reply_minutes": "90",
    "mon_0_opens": "09:00",
    "mon_0_closes": "12:00",
    "mon_1_opens": "13:00",
    "mon_1_closes": "00:00",
    "tue_0_opens": "",
    "tue_0_closes": "",
}


def _url(path: str = "") -> str:
    return f"/console/mugs/settings/{path}"


def _merchant(cast: Cast) -> Merchant:
    return Merchant.objects.get(pk=cast.merchant.pk)


def _enrol(member: Member) -> None:
    Authenticator.objects.create(user=member.user, type=Authenticator.Type.TOTP, data={"secret": "x"})


def test_the_overview_shows_what_the_reader_may_open(cast: Cast) -> None:
    admin = cast.client(cast.ann).get(_url()).content.decode()
    analyst = cast.client(cast.nina).get(_url()).content.decode()
    assert "/settings/privacy/" in admin and "/settings/team/" in admin
    assert "/settings/privacy/" not in analyst and "/settings/team/" in analyst


def test_saving_the_profile(cast: Cast) -> None:
    answer = cast.client(cast.ann).post(_url("profile/"), PROFILE)
    assert answer["Location"] == _url("profile/")
    assert (_merchant(cast).timezone, _merchant(cast).name_zh) == ("Europe/Berlin", "杯子店")


@pytest.mark.parametrize(("field", "value"), [("timezone", "Mars"), ("name", ""), ("support_email", "nobody")])
def test_a_profile_that_is_refused_comes_back_with_its_error(cast: Cast, field: str, value: str) -> None:
    answer = cast.client(cast.ann).post(_url("profile/"), {**PROFILE, field: value})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert _merchant(cast).timezone == "Asia/Shanghai"


def test_hours_with_a_break_until_midnight(cast: Cast) -> None:
    assert cast.client(cast.ann).post(_url("hours/"), HOURS).status_code == 302
    saved = _merchant(cast)
    assert saved.business_hours == {"mon": [["09:00", "12:00"], ["13:00", "24:00"]]}
    assert (saved.first_reply_minutes, saved.next_reply_minutes) == (30, 90)
    page = cast.client(cast.ann).get(_url("hours/")).content.decode()
    assert 'name="mon_2_opens"' in page, "a pair to spare"


@pytest.mark.parametrize(
    "change",
    [{"mon_0_closes": "08:00"}, {"mon_0_closes": ""}, {"mon_0_opens": "9 o"}, {"first_reply_minutes": "0"}],
)
def test_hours_that_are_refused_keep_what_was_typed(cast: Cast, change: dict[str, str]) -> None:
    answer = cast.client(cast.ann).post(_url("hours/"), {**HOURS, **change})
    assert answer.status_code == 422
    assert 'value="13:00"' in answer.content.decode()
    assert _merchant(cast).first_reply_minutes == 60


def test_holidays_are_pasted_removed_and_brought_back(cast: Cast) -> None:
    client = cast.client(cast.ann)
    client.post(_url("hours/holidays/"), {"lines": "2099-10-01 国庆\n2099-10-02 <b>国庆</b>"})
    page = client.get(_url("hours/")).content.decode()
    assert "国庆" in page and "<b>国庆" not in page
    with scope(merchant=cast.merchant):
        holiday = Holiday.objects.first()
    assert holiday is not None
    page = client.post(_url(f"hours/holidays/{holiday.public_id}/remove/"), follow=True).content.decode()
    undo = page.partition(_url("hours/holidays/restore/"))[2].partition('"')[0].replace("&amp;", "&")
    client.post(_url("hours/holidays/restore/") + undo)
    with scope(merchant=cast.merchant):
        assert str(Holiday.objects.get(date=holiday.date)) == "2099-10-01 国庆"


def test_a_bad_holiday_list_is_shown_again(cast: Cast) -> None:
    answer = cast.client(cast.ann).post(_url("hours/holidays/"), {"lines": "tomorrow"})
    assert answer.status_code == 422
    assert "Line 1" in answer.content.decode()


@pytest.mark.parametrize("path", ["profile/", "hours/"])
def test_operators_do_not_see_them_and_strangers_find_nothing(cast: Cast, path: str) -> None:
    assert cast.client(cast.olaf).get(_url(path)).status_code == 403
    assert cast.client(cast.olaf).post(_url(path), {**PROFILE, **HOURS}).status_code == 403
    assert cast.client(cast.charlie).post(_url(path), {**PROFILE, **HOURS}).status_code == 404
    assert _merchant(cast).first_reply_minutes == 60
    assert not AuditEntry.objects.exists()


def test_everybody_chooses_their_own_notifications(cast: Cast) -> None:
    data = {"kinds": ["assigned"], "language": "zh-hans"}
    assert cast.client(cast.nina).post(_url("notifications/save/"), data).status_code == 302
    with scope(merchant=cast.merchant):
        assert Member.objects.get(pk=cast.nina.pk).notifications == {"assigned": True, "language": "zh-hans"}
        assert Member.objects.get(pk=cast.olaf.pk).notifications == {}
    assert mail.outbox == []


def test_an_unknown_kind_of_letter_is_refused(cast: Cast) -> None:
    data = {"kinds": ["all"], "language": "en"}
    assert cast.client(cast.nina).post(_url("notifications/save/"), data).status_code == 422


def test_requiring_two_steps_closes_the_console_and_shows_the_way(cast: Cast) -> None:
    _enrol(cast.ann)
    assert cast.client(cast.ann).post(_url("two-step/require/"), {"required": "1"}).status_code == 302
    olaf = cast.client(cast.olaf)
    for path in ("/console/mugs/review/", _url("team/")):
        closed = olaf.get(path)
        assert closed.status_code == 403
        assert "/accounts/2fa/totp/activate/" in closed.content.decode()
    draft = cast.draft()
    assert olaf.post(cast.url(draft, "approve/"), {"text": "x", "seen": "y"}).status_code == 403
    assert cast.client(cast.ann).get(_url("team/")).status_code == 200
    _enrol(cast.olaf)
    assert olaf.get("/console/mugs/review/").status_code == 200


def test_requiring_it_without_having_it_is_refused(cast: Cast) -> None:
    assert cast.client(cast.ann).post(_url("two-step/require/"), {"required": "1"}).status_code == 409
    assert not _merchant(cast).requires_mfa
    assert cast.client(cast.olaf).post(_url("two-step/require/"), {}).status_code == 403


def test_the_other_merchant_stays_open(cast: Cast) -> None:
    Merchant.objects.filter(pk=cast.merchant.pk).update(requires_mfa=True)
    assert cast.client(cast.charlie).get("/console/rival/review/").status_code == 200
