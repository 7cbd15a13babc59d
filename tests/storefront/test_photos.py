"""POST /chat/api/photos and GET /chat/api/photo: what comes in, what is kept, and who sees it."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image

from cs_portal.commerce.models import OrderStatus, Shopper
from cs_portal.conversations import pictures
from cs_portal.conversations.models import Message, Photo
from cs_portal.conversations.services import photos as photo_services
from cs_portal.core import jobs
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.drafting.services.erasure import erase_shopper
from cs_portal.drafting.services.shopper_export import shopper_data
from cs_portal.merchants.models import Merchant, Role
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import (
    PASSWORD,
    make_member,
    make_merchant,
    make_order,
    make_ruleset,
    make_shopper,
    make_storefront,
)
from tests.storefront.conftest import NOW, Widget

pytestmark = pytest.mark.django_db

HTML = b"<!doctype html><script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>'


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 90, 60)).save(out, kind, **more)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


@pytest.fixture
def shopper(merchant: Merchant) -> Shopper:
    return make_shopper(merchant, "s-17", name="Li Wei", email="li@example.com", created_at=NOW)


@pytest.fixture
def signed_in(widget: Widget, shopper: Shopper) -> Widget:
    widget.open(identity=widget.identity("s-17"))
    return widget


def upload(widget: Widget, data: bytes, kind: str = "image/jpeg", **more: Any) -> Any:
    return widget.call("POST", "photos", data, content_type=kind, **more)


def files() -> list[Path]:
    return sorted((Path(settings.VAR_DIR) / "photos").rglob("*.jpg"))


def kept() -> list[Photo]:
    with scopes_disabled():
        return list(Photo.objects.order_by("id"))


# --- what comes in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_as_a_jpeg_of_ours(signed_in: Widget, kind: str) -> None:
    answer = upload(signed_in, picture(kind, (3200, 1600)), f"image/{kind.lower()}")
    assert answer.status_code == 201
    (photo,) = kept()
    assert answer.json() == {"photo": {"id": str(photo.public_id), "width": 1600, "height": 800}}
    assert [Image.open(path).format for path in files()] == ["JPEG", "JPEG"]
    assert sorted(max(Image.open(path).size) for path in files()) == [320, 1600]
    assert {path.stat().st_mode & 0o777 for path in files()} == {0o600}


def test_nothing_that_the_camera_wrote_stays(signed_in: Widget) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCam"
    exif[0x0112] = 6  # turned
    exif.get_ifd(0x8825)[1] = "N"
    assert upload(signed_in, picture(exif=exif, comment=b"SecretNote")).status_code == 201
    for path in files():
        assert b"Secret" not in path.read_bytes()
        assert not Image.open(path).getexif()
    assert (kept()[0].width, kept()[0].height) == (480, 640)


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/webp"])
@pytest.mark.parametrize(
    "data",
    [
        HTML,
        SVG,
        b"GIF89a" + b"\x00" * 64,
        b"\xff\xd8\xff\xe0" + HTML,
        b"\x89PNG\r\n\x1a\n" + HTML,
        b"RIFF\x00\x00\x00\x00WEBP" + HTML,
        b"%PDF-1.4",
        picture()[:300],
        b"8BPS\x00\x01" + b"\x00" * 100,
    ],
)
def test_what_is_no_picture_is_refused(signed_in: Widget, data: bytes, kind: str) -> None:
    answer = upload(signed_in, data, kind)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "photo")
    assert (kept(), files()) == ([], [])


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "image/gif", "application/json", "multipart/form-data"])
def test_other_types_are_not_even_looked_at(signed_in: Widget, kind: str) -> None:
    assert upload(signed_in, picture(), kind).status_code == 415
    assert kept() == []


def test_a_polyglot_loses_its_other_half(signed_in: Widget) -> None:
    """A JPEG that is a zip and a page, too: only the picture is kept."""
    assert upload(signed_in, picture() + b"PK\x03\x04" + HTML).status_code == 201
    for path in files():
        assert b"script" not in path.read_bytes()
        assert b"PK\x03\x04" not in path.read_bytes()


def _png(width: int, height: int) -> bytes:
    """A small file that says it is huge; its rows are zeros."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * (height * (1 + (width + 7) // 8)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("size", "limit"), [((20_000, 20_000), 50), ((9_000, 9_000), 25)])
def test_a_bomb_is_measured_and_not_unfolded(
    signed_in: Widget, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], limit: int
) -> None:
    bomb = _png(*size)
    assert len(bomb) < 100_000

    def never(*_args: object, **_more: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    answer = upload(signed_in, bomb, "image/png")
    message = f"The picture has more than {limit} megapixels."
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, message)
    assert (kept(), files()) == ([], [])


def test_a_file_above_the_limit_is_refused_before_it_is_read(signed_in: Widget) -> None:
    answer = upload(signed_in, b"\xff\xd8" + b"x" * pictures.MAX_BYTES)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert kept() == []


def test_anonymous_visitors_cannot_upload(widget: Widget) -> None:
    widget.open()
    assert upload(widget, picture()).status_code == 403
    assert (kept(), files()) == ([], [])


def test_too_many_are_refused(signed_in: Widget) -> None:
    small = picture(size=(8, 8))
    assert [upload(signed_in, small).status_code for _ in range(8)] == [201] * 8
    assert upload(signed_in, small).status_code == 409
    assert (len(kept()), len(files())) == (8, 16)
    codes = {upload(signed_in, small).status_code for _ in range(5)}
    assert 429 in codes
    assert (len(kept()), len(files())) == (8, 16)


# --- who sees it ------------------------------------------------------------------------------------------------------


def test_the_session_sees_its_photo_as_nothing_but_a_picture(signed_in: Widget) -> None:
    key = upload(signed_in, picture()).json()["photo"]["id"]
    answer = signed_in.call("GET", f"photo?id={key}&size=small")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (320, 240)
    names = ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy", "Cache-Control")
    assert [answer.headers[name] for name in names] == [
        "image/jpeg",
        "nosniff",
        "default-src 'none'; sandbox",
        "no-store",
    ]
    assert answer.headers["Content-Disposition"] == f'inline; filename="photo-{key}.jpg"'


def test_no_other_session_sees_it(merchant: Merchant, signed_in: Widget) -> None:
    key = upload(signed_in, picture()).json()["photo"]["id"]
    make_shopper(merchant, "s-18", created_at=NOW)
    neighbour = Widget(signed_in.storefront)
    neighbour.open(identity=neighbour.identity("s-18"))
    other = make_merchant("other")
    stranger = Widget(make_storefront(other))
    stranger.open()
    for each in (neighbour, stranger):
        assert each.call("GET", f"photo?id={key}").status_code == 404
        assert each.call("GET", f"photo?id={uuid4()}").status_code == 404
    for wrong in ("1", "", "..%2f..%2fsecret", key[:-1]):
        assert signed_in.call("GET", f"photo?id={wrong}").status_code == 422


def test_members_see_it_and_nobody_else(merchant: Merchant, signed_in: Widget) -> None:
    key = upload(signed_in, picture()).json()["photo"]["id"]
    url = reverse("console:photo", args=[merchant.slug, key])
    for role in (Role.OWNER, Role.OPERATOR, Role.ANALYST):
        client = _client(make_member(merchant, role).user.email)
        answer = client.get(url, {"size": "small"})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert client.post(url).status_code == 405
    other = make_merchant("other")
    charlie = make_member(other, Role.OWNER)
    assert _client(charlie.user.email).get(url).status_code == 404
    foreign = reverse("console:photo", args=[other.slug, key])
    assert _client(charlie.user.email).get(foreign).status_code == 404
    assert Client().get(url).status_code == 302


def _client(email: str) -> Client:
    client = Client()
    assert client.login(username=email, password=PASSWORD)
    return client


# --- with a message ---------------------------------------------------------------------------------------------------


def test_a_photo_goes_out_with_a_message_once(signed_in: Widget) -> None:
    key = upload(signed_in, picture()).json()["photo"]["id"]
    body = {"client_id": "c-1", "text": "It is broken", "photos": [key]}
    first, again = signed_in.post("messages", body), signed_in.post("messages", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert [photo["id"] for photo in first.json()["message"]["photos"]] == [key]
    with scopes_disabled():
        assert Message.objects.get().attachments == ["photo"]
    second = signed_in.post("messages", {"client_id": "c-2", "text": "And again", "photos": [key]})
    assert (second.status_code, second.json()["error"]["field"]) == (422, "photos")
    with scopes_disabled():
        assert Message.objects.count() == 1


def test_a_photo_alone_has_words_of_ours(signed_in: Widget) -> None:
    key = upload(signed_in, picture()).json()["photo"]["id"]
    answer = signed_in.post("messages", {"client_id": "c-1", "text": "", "photos": [key]})
    assert answer.json()["message"]["text"] == "I have added a photo."


@pytest.mark.parametrize("photos", ["x", ["x"], [1], [str(uuid4())], [str(uuid4())] * 5, {}])
def test_photos_that_are_not_there_are_refused(signed_in: Widget, photos: Any) -> None:
    answer = signed_in.post("messages", {"client_id": "c-1", "text": "Look", "photos": photos})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "photos")
    with scopes_disabled():
        assert not Message.objects.exists()


def test_a_neighbours_photo_cannot_be_sent(merchant: Merchant, signed_in: Widget) -> None:
    key = upload(signed_in, picture()).json()["photo"]["id"]
    make_shopper(merchant, "s-18", created_at=NOW)
    neighbour = Widget(signed_in.storefront)
    neighbour.open(identity=neighbour.identity("s-18"))
    assert neighbour.post("messages", {"client_id": "c-1", "text": "Mine", "photos": [key]}).status_code == 422
    assert kept()[0].message_id is None


def test_a_photo_is_evidence_for_the_rules(merchant: Merchant, signed_in: Widget, shopper: Shopper) -> None:
    make_ruleset(merchant, load_shipped("standard").to_dict())
    make_order(merchant, shopper, number="10540", status=OrderStatus.DELIVERED, now=NOW)
    key = upload(signed_in, picture()).json()["photo"]["id"]
    request = {"action": "refund", "reason": "damaged", "lines": [{"id": "l-1", "quantity": 1}]}
    body = {"order": "10540", "request": request, "photos": [key]}
    found = signed_in.post("requests/preview", body).json()
    assert (found["outcome"], found["says"][0]) == ("allow", "You get ¥43.00 back by WeChat Pay.")
    answer = signed_in.post("requests", {**body, "client_id": "c-1", "seen": found["seen"]})
    assert answer.status_code == 201
    with scopes_disabled():
        message = Message.objects.get()
    assert message.request is not None
    assert message.request["evidence"] == ["photo"]
    assert kept()[0].message_id == message.pk


# --- how long ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_committing")
def test_what_was_never_sent_is_swept_away(merchant: Merchant, signed_in: Widget) -> None:
    sent, unsent = (upload(signed_in, picture()).json()["photo"]["id"] for _ in range(2))
    signed_in.post("messages", {"client_id": "c-1", "text": "Look", "photos": [sent]})
    stray = files()[0].with_name("0" * 32 + ".jpg")
    stray.write_bytes(b"x")
    job = Job.objects.get(kind=photo_services.JOB)
    with time_machine.travel(job.execute_after, tick=False), scope(merchant=merchant):
        import os

        os.utime(stray, (NOW.timestamp(), NOW.timestamp()))
        lease = jobs.lease_next([job.queue], owner="w", now=job.execute_after)
        assert lease is not None
        photo_services.sweep_photos(lease=lease, now=job.execute_after)
    assert [str(photo.public_id) for photo in kept()] == [sent]
    assert len(files()) == 2
    assert unsent


@pytest.fixture
def _committing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.db.transaction.on_commit", lambda func, *_args, **_more: func())


@pytest.mark.usefixtures("_committing")
def test_erasing_the_shopper_deletes_rows_and_files(merchant: Merchant, signed_in: Widget, shopper: Shopper) -> None:
    key = upload(signed_in, picture()).json()["photo"]["id"]
    signed_in.post("messages", {"client_id": "c-1", "text": "Look", "photos": [key]})
    upload(signed_in, picture())
    assert len(files()) == 4
    admin = make_member(merchant, Role.ADMIN)
    with scope(merchant=merchant):
        erase_shopper(shopper_id=shopper.public_id, by=admin, confirmation="li@example.com", now=NOW)
    assert (kept(), files()) == ([], [])


@pytest.mark.usefixtures("_committing")
def test_retention_takes_photos_along(merchant: Merchant, signed_in: Widget) -> None:
    key = upload(signed_in, picture()).json()["photo"]["id"]
    signed_in.post("messages", {"client_id": "c-1", "text": "Look", "photos": [key]})
    with scope(merchant=merchant):
        from cs_portal.drafting.services.erasure import _erase_batch

        assert _erase_batch(7, NOW + timedelta(days=8)) == 1
    assert (kept(), files()) == ([], [])


def test_the_export_holds_the_pictures(merchant: Merchant, signed_in: Widget, shopper: Shopper) -> None:
    import base64

    key = upload(signed_in, picture()).json()["photo"]["id"]
    signed_in.post("messages", {"client_id": "c-1", "text": "Look", "photos": [key]})
    with scope(merchant=merchant):
        (conversation,) = shopper_data(shopper, now=NOW)["conversations"]
    (photo,) = conversation["messages"][0]["photos"]
    assert photo["type"] == "image/jpeg"
    assert Image.open(io.BytesIO(base64.b64decode(photo["data"]))).size == (640, 480)
