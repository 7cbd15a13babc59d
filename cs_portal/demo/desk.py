"""How the demo merchant's team has set up its desk: tags, canned replies and macros, from ``data/desk.toml``."""

from __future__ import annotations

from datetime import datetime

from cs_portal.conversations.models import CannedReply, Macro, Tag
from cs_portal.demo.tables import table


def furnish(*, now: datetime) -> None:
    """Within the merchant's scope."""
    rows = table("desk")
    tags = {tag.name: tag for tag in Tag.objects.bulk_create(Tag(name=r["name"], tone=r["tone"]) for r in rows["tag"])}
    canned = {
        reply.shortcut: reply
        for reply in CannedReply.objects.bulk_create(
            CannedReply(shortcut=r["shortcut"], title=r["title"], text_en=r["en"], text_zh=r["zh"], updated_at=now)
            for r in rows["canned"]
        )
    }
    Macro.objects.bulk_create(
        Macro(
            name=row["name"],
            reply=canned[row["canned"]],
            add_tags=[str(tags[name].public_id) for name in row.get("tags", ())],
            state=row.get("state", ""),
            snooze_hours=row.get("snooze_hours"),
            assign_to_me=row.get("assign_to_me", False),
            updated_at=now,
        )
        for row in rows["macro"]
    )
