"""Simulations in the console: who may start, watch, cancel, read and take along."""

from __future__ import annotations

import copy
import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from cs_portal.commerce.models import Order
from cs_portal.core.models import Job, Queue
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.core.workers import run_due
from cs_portal.policies.models import Simulation, SimulationState
from tests.console.conftest import Cast
from tests.console.policies_desk import ROOT, Desk, make_desk, text_of
from tests.factories import make_conversation, make_draft, make_order, make_shopper, make_working_copy

pytestmark = pytest.mark.django_db
LIST = f"{ROOT}simulations/"


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return make_desk(cast)


def make_stricter(desk: Desk) -> None:
    """Damage is settled by a person in the working copy."""
    document = copy.deepcopy(desk.copy.document)
    then = {"outcome": "escalate", "approver": "operator", "reasons": {"en": "x", "zh-hans": "x"}}
    when = {"fact": "request.reason", "op": "is", "value": "damaged"}
    label = {"en": "Damage goes to people", "zh-hans": "破损转人工"}
    document["rules"].insert(0, {"id": "person", "actions": ["refund"], "label": label, "when": when, "then": then})
    with scope(merchant=desk.cast.merchant):
        desk.copy.document = document
        desk.copy.save()


def ask(desk: Desk, *, number: str, request: dict[str, Any] | None = None) -> Order:
    merchant, at = desk.cast.merchant, desk.cast.now - timedelta(days=1)
    shopper = make_shopper(merchant)
    order = make_order(merchant, shopper, number=number, now=desk.cast.now)
    conversation = make_conversation(merchant, shopper, desk.cast.storefront, texts=["…"], now=at)
    asked = request or {"action": "refund", "reason": "damaged", "evidence": ["photo"]}
    make_draft(merchant, conversation, order=order, request=asked, now=at, state="sent")
    return order


def start(desk: Desk, **fields: Any) -> Any:
    return desk.ann.post(LIST, {"source": "requests", "days": "30", "revision": "1", **fields})


def work() -> None:
    with scopes_disabled():
        run_due([Queue.BULK], keep=False)


def simulated(desk: Desk) -> Simulation:
    with scope(merchant=desk.cast.merchant):
        return Simulation.objects.latest("id")


def test_from_the_button_to_the_reasons(desk: Desk) -> None:
    make_stricter(desk)
    ask(desk, number="77001")
    ask(desk, number="77002", request={"action": "cancel"})
    response = start(desk)
    url = f"{LIST}{simulated(desk).public_id}/"
    assert (response.status_code, response["Location"]) == (302, url)
    waiting = desk.ann.get(url)
    assert "Waiting for a worker" in text_of(waiting)
    assert 'hx-trigger="every 1s"' in waiting.content.decode()
    work()
    said = text_of(desk.ann.get(url))
    assert "1 of 2 requests is decided differently" in said
    assert "77001" in said
    assert "77002" not in said
    assert "Damage goes to people" in said
    assert "Rule 1 matched: reason: damaged" in said
    assert "¥86.00" in said
    assert "every 1s" not in desk.ann.get(url).content.decode()
    assert "1 of 2" in text_of(desk.ann.get(LIST))


def test_in_chinese(desk: Desk) -> None:
    make_stricter(desk)
    ask(desk, number="77001")
    start(desk)
    work()
    said = text_of(desk.ann.get(f"{LIST}{simulated(desk).public_id}/", headers={"Accept-Language": "zh-hans"}))
    assert "破损转人工" in said
    assert "规则 1 匹配：原因：商品破损" in said


def test_filters_and_the_table(desk: Desk) -> None:
    make_stricter(desk)
    ask(desk, number="77001")
    ask(desk, number="88001", request={"action": "refund", "reason": "damaged"})
    start(desk)
    work()
    url = f"{LIST}{simulated(desk).public_id}/"
    assert "88001" not in text_of(desk.ann.get(url, {"was": "allow", "becomes": "escalate"}))
    assert "77001" not in text_of(desk.ann.get(url, {"was": "ask"}))
    assert "No request fits" in text_of(desk.ann.get(url, {"action": "cancel"}))
    assert "77001" in text_of(desk.ann.get(url, {"was": "nonsense"}))
    response = desk.ann.get(f"{url}export/", {"order": "77"})
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Order", "77001"]
    assert rows[1][4:6] == ["Allowed", "A person decides"]


def test_publishing_shows_the_simulation_of_this_very_copy(desk: Desk) -> None:
    make_stricter(desk)
    ask(desk, number="77001")
    publish = f"{ROOT}draft/publish/"
    assert "Simulate first" in text_of(desk.ann.get(publish))
    start(desk)
    assert "Simulate first" in text_of(desk.ann.get(publish))
    work()
    said = text_of(desk.ann.get(publish))
    assert "1 of 1 requests is decided differently" in said
    assert "Open the simulation" in said
    assert "Simulate first" not in said
    with scope(merchant=desk.cast.merchant):
        changed = desk.stored()
        changed.document = desk.live.document
        changed.save()
    assert "Simulate first" in text_of(desk.ann.get(publish))
    assert "changed since" in text_of(desk.ann.get(f"{LIST}{simulated(desk).public_id}/"))


def test_a_second_one_waits_for_the_first(desk: Desk) -> None:
    start(desk)
    response = start(desk)
    assert response.status_code == 409
    assert "running already" in text_of(response)


def test_wrong_fields_and_a_moved_copy_start_nothing(desk: Desk) -> None:
    assert start(desk, days="0").status_code == 422
    assert start(desk, source="dreams").status_code == 422
    assert start(desk, revision="9").status_code == 409
    assert not Job.objects.filter(kind="simulate_rules").exists()


def test_cancelling(desk: Desk) -> None:
    start(desk)
    url = f"{LIST}{simulated(desk).public_id}/"
    for reader in (desk.cast.olaf, desk.cast.nina):
        assert desk.cast.client(reader).post(f"{url}cancel/").status_code == 403
    assert simulated(desk).state == SimulationState.WAITING
    assert desk.ann.post(f"{url}cancel/").status_code == 302
    assert simulated(desk).state == SimulationState.CANCELLED
    assert "was cancelled" in text_of(desk.ann.get(url))
    assert desk.ann.post(f"{url}cancel/").status_code == 409


def test_readers_read_and_start_nothing(desk: Desk) -> None:
    start(desk)
    url = f"{LIST}{simulated(desk).public_id}/"
    work()
    for reader in (desk.cast.olaf, desk.cast.nina):
        client = desk.cast.client(reader)
        for page in (LIST, url, f"{url}export/"):
            assert client.get(page).status_code == 200
        assert client.post(LIST, {"source": "requests", "days": "30", "revision": "1"}).status_code == 403
    stranger = desk.cast.client(desk.cast.charlie)
    for page in (LIST, url, f"{url}export/"):
        assert stranger.get(page).status_code == 404
    with scope(merchant=desk.cast.merchant):
        assert Simulation.objects.count() == 1


def test_a_simulation_of_another_merchant_is_nowhere(desk: Desk) -> None:
    from tests.factories import make_member, make_merchant, make_ruleset

    other = make_merchant("other")
    theirs = make_ruleset(other, desk.live.document)
    make_working_copy(other, theirs.document, base=theirs)
    owner = make_member(other, "owner")
    desk.cast.client(owner).post(
        "/console/other/policies/simulations/", {"source": "orders", "days": "30", "revision": "1"}
    )
    with scope(merchant=other):
        theirs_id = Simulation.objects.get().public_id
    assert desk.ann.get(f"{LIST}{theirs_id}/").status_code == 404
    assert desk.ann.post(f"{LIST}{theirs_id}/cancel/").status_code == 404
    with scope(merchant=other):
        assert Simulation.objects.get().state == SimulationState.WAITING
