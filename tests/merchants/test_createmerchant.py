"""The first merchant of an installation."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member, Merchant, Role, Storefront, User

pytestmark = pytest.mark.django_db


def _create(monkeypatch: pytest.MonkeyPatch, password: str = "correct horse battery", **options: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    given = {"owner": "owner@shop.example", "origin": "https://shop.example.com", **options}
    call_command("createmerchant", "Hill & Dale", stdout=io.StringIO(), **given)


def test_merchant_owner_and_storefront_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    _create(monkeypatch)
    merchant = Merchant.objects.get(slug="hill-dale")
    with scope(merchant=merchant):
        assert (Member.objects.get().role, Member.objects.get().user.email) == (Role.OWNER, "owner@shop.example")
        assert Storefront.objects.get().allowed_origins == ["https://shop.example.com"]
    assert User.objects.get().check_password("correct horse battery")
    assert not merchant.is_demo


@pytest.mark.parametrize("options", [{"origin": "shop.example.com/path"}, {"password": "short"}])
def test_bad_input_makes_nothing(monkeypatch: pytest.MonkeyPatch, options: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        _create(monkeypatch, **options)
    assert not Merchant.objects.exists()
    assert not User.objects.exists()


def test_it_does_not_happen_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    _create(monkeypatch)
    with pytest.raises(CommandError, match="already"):
        _create(monkeypatch)
    assert Merchant.objects.count() == 1
