"""A child process: at a given moment, approve (and, if told, undo) every draft of a merchant. Prints what succeeded."""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from cs_portal.core.errors import Conflict  # noqa: E402
from cs_portal.core.tenancy import scope  # noqa: E402
from cs_portal.drafting.models import Draft  # noqa: E402
from cs_portal.drafting.services.review import approve_draft, undo_approval  # noqa: E402
from cs_portal.drafting.staleness import fingerprint  # noqa: E402
from cs_portal.merchants.models import Member, Merchant  # noqa: E402


def main(merchant_id: str, start: str, rounds: str, undo: str) -> None:
    approved: list[str] = []
    with scope(merchant=Merchant.objects.get(pk=merchant_id)):
        member = Member.objects.get()
        drafts = list(Draft.objects.select_related("conversation__merchant", "order", "ruleset").order_by("id"))
        while time.time() < float(start):
            pass
        for _ in range(int(rounds)):
            for draft in drafts:
                try:
                    approve_draft(
                        draft_id=draft.public_id,
                        by=member,
                        candidate=1,
                        text="Done.",
                        seen=fingerprint(draft),
                        now=timezone.now(),
                    )
                    approved.append(str(draft.public_id))
                    if undo == "undo":
                        undo_approval(draft_id=draft.public_id, by=member, now=timezone.now())
                        approved.pop()
                except Conflict:
                    continue
    print(json.dumps(approved))


if __name__ == "__main__":
    main(*sys.argv[1:])
