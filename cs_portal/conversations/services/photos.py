"""Photos that shoppers send: kept in ``var/photos``, out of every web root, and gone with their row.

A photo is uploaded first and goes out with a message later; one that never does is swept away after a day. Files
without a row (a process died between the two) are swept by the same job.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.models import Conversation, Message, Photo
from cs_portal.conversations.pictures import encode
from cs_portal.conversations.services.rows import locked
from cs_portal.core import jobs
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.core.jobs import Lease
from cs_portal.core.tenancy import current_merchant

JOB = "sweep_photos"
#: Unsent ones wait that long, and a file without a row may still get one.
UNSENT_LIFE = timedelta(days=1)
MOST_UNSENT = 8
MOST_PER_CONVERSATION = 60
MOST_PER_MESSAGE = 4
#: What stands for a photo among a message's attachments, and in the rules' evidence.
PHOTO = "photo"


def keep_photo(*, conversation_id: int, data: bytes, now: datetime) -> Photo:
    """Encode an upload anew and keep it, unsent. Raises :class:`Invalid` for what is no picture, :class:`Conflict` for
    one too many."""
    rows = Photo.objects.filter(conversation=conversation_id)
    _refuse_too_many(rows.filter(message=None).count(), rows.count())
    encoded = encode(data)
    token = secrets.token_hex(16)
    folder = _folder(current_merchant().public_id)
    try:
        _write(folder / f"{token}.jpg", encoded.large)
        _write(folder / f"{token}-small.jpg", encoded.small)
        with transaction.atomic():
            conversation = locked(conversation_id)
            rows = Photo.objects.filter(conversation=conversation)
            _refuse_too_many(rows.filter(message=None).count(), rows.count())
            photo = Photo.objects.create(
                conversation=conversation,
                token=token,
                width=encoded.width,
                height=encoded.height,
                size=len(encoded.large),
                created_at=now,
            )
            _ask_for_sweep(conversation.merchant_id, now)
    except BaseException:
        _drop(folder, token)
        raise
    return photo


def attach_photos(*, message: Message, photos: Sequence[UUID]) -> None:
    """Send unsent photos of the message's conversation with it, in the caller's transaction."""
    if len(photos) > MOST_PER_MESSAGE:
        raise Invalid(_("At most %(limit)s photos go with one message.") % {"limit": MOST_PER_MESSAGE}, field="photos")
    unsent = Photo.objects.filter(conversation=message.conversation_id, message=None, public_id__in=photos)
    if unsent.update(message=message) != len(set(photos)):
        raise Invalid(_("A photo is not there any more. Add it again."), field="photos")


def photo_of(*, conversation: Conversation, public_id: UUID) -> Photo:
    """Raises :class:`NotFound` for one of another conversation."""
    photo = Photo.objects.filter(conversation=conversation, public_id=public_id).first()
    if photo is None:
        raise NotFound
    return photo


def path_of(photo: Photo, *, small: bool) -> Path:
    """Where its file lies. Names are ours, nothing from outside is part of them."""
    return _folder(photo.merchant.public_id, make=False) / (
        f"{photo.token}-small.jpg" if small else f"{photo.token}.jpg"
    )


def read_photo(photo: Photo, *, small: bool) -> bytes:
    """The JPEG. Raises :class:`NotFound` when the file is gone."""
    try:
        return path_of(photo, small=small).read_bytes()
    except FileNotFoundError:
        raise NotFound from None


def forget_file(photo: Photo) -> None:
    """Delete the files once the row's deletion is committed."""
    folder, token = _folder(photo.merchant.public_id, make=False), photo.token
    transaction.on_commit(lambda: _drop(folder, token))


def sweep_photos(*, lease: Lease, now: datetime) -> None:
    """Delete what was never sent, and files that no row names; look again tomorrow while something waits."""
    before = now - UNSENT_LIFE
    with lease.finishing(now=now):
        unsent = Photo.objects.filter(message=None)
        unsent.filter(created_at__lt=before).delete()
        if unsent.exists():
            _ask_for_sweep(current_merchant().pk, now)
    folder = _folder(current_merchant().public_id, make=False)
    if not folder.is_dir():
        return
    known = set(Photo.objects.values_list("token", flat=True))
    for path in folder.glob("*.jpg"):
        token = path.stem.removesuffix("-small")
        if token not in known and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)


def _ask_for_sweep(merchant_id: int, now: datetime) -> None:
    jobs.enqueue(
        JOB,
        key=f"photos:{merchant_id}:{now:%Y-%m-%d}",
        merchant_id=merchant_id,
        payload={},
        now=now,
        execute_after=now + UNSENT_LIFE + timedelta(hours=1),
    )


def _refuse_too_many(unsent: int, all_of_them: int) -> None:
    if unsent >= MOST_UNSENT or all_of_them >= MOST_PER_CONVERSATION:
        raise Conflict(_("There are too many photos in this conversation."))


def _folder(merchant: UUID, *, make: bool = True) -> Path:
    folder = Path(settings.VAR_DIR) / "photos" / merchant.hex
    if make:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _drop(folder: Path, token: str) -> None:
    for name in (f"{token}.jpg", f"{token}-small.jpg"):
        (folder / name).unlink(missing_ok=True)
