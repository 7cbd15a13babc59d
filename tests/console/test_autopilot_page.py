"""Settings → Autopilot: every member reads it, owners and admins switch, one button stops everything."""

from __future__ import annotations

import pytest

from cs_portal.core.tenancy import scope
from cs_portal.drafting.services.autopilot import switches
from cs_portal.policies.engine.shipped import load_shipped
from tests.console.conftest import Cast
from tests.factories import make_ruleset

URL = "/console/mugs/settings/autopilot/"


def _on(cast: Cast) -> list[str]:
    with scope(merchant=cast.merchant):
        return [kind for kind, on in switches().items() if on]


@pytest.mark.parametrize(("who", "status"), [("olaf", 403), ("nina", 403), ("charlie", 404)])
def test_only_owners_and_admins_switch(cast: Cast, who: str, status: int) -> None:
    client = cast.client(getattr(cast, who))
    assert client.post(URL + "switch/", {"action": "refund", "on": "1"}).status_code == status
    assert client.post(URL + "stop/").status_code == status
    assert _on(cast) == []
    if status == 403:
        page = client.get(URL)
        assert page.status_code == 200 and "switch/" not in page.content.decode()


def test_switching_on_off_and_stopping(cast: Cast) -> None:
    client = cast.client(cast.ann)
    for kind in ("refund", "cancel"):
        assert client.post(URL + "switch/", {"action": kind, "on": "1"}).status_code == 302
    assert _on(cast) == ["refund", "cancel"]
    client.post(URL + "switch/", {"action": "cancel", "on": "0"})
    assert _on(cast) == ["refund"]
    assert "Stop autopilot" in client.get(URL).content.decode()
    client.post(URL + "stop/")
    assert _on(cast) == []
    assert client.post(URL + "switch/", {"action": "nonsense", "on": "1"}).status_code == 422
    assert client.get(URL + "switch/").status_code == 405


def test_it_says_what_the_rules_leave_to_autopilot(cast: Cast) -> None:
    document = load_shipped("standard").to_dict()
    for rule in document["rules"]:
        if rule["id"] == "cancel-before-shipping":
            rule["then"]["approver"] = "autopilot"
    document["approvals"] = {"CNY": [{"up_to_minor": 20000, "approver": "autopilot"}, {"approver": "admin"}]}
    make_ruleset(cast.merchant, document)
    html = cast.client(cast.nina).get(URL).content.decode()
    assert "up to ¥200.00" in html
