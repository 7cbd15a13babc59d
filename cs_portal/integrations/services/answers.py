"""The same call again gets the same answer, and does nothing a second time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.secrets import decrypt, encrypt
from cs_portal.integrations.models import StoredAnswer

KEPT_FOR = timedelta(days=7)
#: As many old answers are deleted with each new one, so that none of them has much to do.
_SWEPT = 20

Answer = tuple[int, str]


def fingerprint(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def once(*, key: str, fingerprint: str, now: datetime, act: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer of ``act``, or the one that was given to this ``key`` before (then with ``True``).

    The key is claimed, the act done and its answer kept in one transaction: whoever sends the key meanwhile waits for
    its end, and an act that fails leaves no key behind. Raises :class:`Invalid` for the key with another call.
    """
    with transaction.atomic():
        ours = StoredAnswer(key=key, fingerprint=fingerprint, created_at=now)
        StoredAnswer.objects.bulk_create([ours], ignore_conflicts=True)
        row = StoredAnswer.objects.select_for_update().get(key=key)
        if row.public_id != ours.public_id:
            if row.fingerprint != fingerprint:
                raise Invalid("This Idempotency-Key was used with another call.", field="Idempotency-Key")
            if not row.status:
                raise Conflict("The call with this Idempotency-Key is under way.")
            return (row.status, decrypt(row.answer)), True
        answer = act()
        StoredAnswer.objects.filter(pk=row.pk).update(status=answer[0], answer=encrypt(answer[1]))
        old = StoredAnswer.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at")
        StoredAnswer.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_SWEPT])).delete()
    return answer, False
