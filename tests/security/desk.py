"""Rows of the desk's settings for the walk."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from cs_portal.conversations.models import CannedReply, Macro, Tag
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant


def desk_ids(merchant: Merchant) -> dict[str, Any]:
    now = timezone.now()
    with scope(merchant=merchant):
        canned = CannedReply.objects.create(shortcut="mug", title="Mug", text_en="A mug", updated_at=now)
        macro = Macro.objects.create(name="Mug", reply=canned, updated_at=now)
        tag = Tag.objects.create(name="Mug")
    return {"canned_id": canned.public_id, "macro_id": macro.public_id, "tag_id": tag.public_id}
