"""What changed answers would contradict once they are live, for whoever is about to publish them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from cs_portal.knowledge.models import Faq, QualityFinding
from cs_portal.knowledge.quality.checks import Found
from cs_portal.knowledge.quality.kinds import Kind
from cs_portal.knowledge.selectors import working_copies
from cs_portal.policies.engine.analysis import Finding
from cs_portal.policies.services.analysing import contents_against_rules

#: Findings of the last check that say that something said is wrong, and which it has for what is not live, too.
_OF_THE_CHECK = (Kind.CONTRADICTION, Kind.TRANSLATION)
MOST = 50


def against_rules(findings: Iterable[Finding]) -> list[Found]:
    """What analysis of the rules says of FAQs, as findings on answers; of FAQs that are gone nothing."""
    findings = list(findings)
    rows = Faq.objects.filter(public_id__in={finding.faq for finding in findings if finding.faq})
    by_id = {str(public_id): pk for public_id, pk in rows.values_list("public_id", "pk")}
    return [
        Found(
            Kind.RULES,
            by_id[finding.faq],
            detail={"en": finding.text.en, "zh-hans": finding.text.zh_hans, "rules": list(finding.by)},
            rests_on=(finding.text.en, *finding.by),
        )
        for finding in findings
        if finding.faq in by_id
    ]


def contradictions_of(faq_ids: Iterable[UUID]) -> list[QualityFinding]:
    """What the newest contents of these FAQs contradict, without what was ignored: the live rules as of now, in rows
    that are not kept, then other answers and the other language as of the last check."""
    rows = list(Faq.objects.filter(public_id__in=list(faq_ids)).prefetch_related("texts").order_by("pk"))
    copies = working_copies(rows)
    found = against_rules(contents_against_rules({str(row.public_id): copies[row.pk] for row in rows}))
    concerned = QualityFinding.objects.filter(Q(faq__in=rows) | Q(other__in=rows))
    ignored = set(concerned.filter(kind=Kind.RULES, ignored_at__isnull=False).values_list("fingerprint", flat=True))
    by_pk = {row.pk: row for row in rows}
    fresh = [
        QualityFinding(kind=one.kind, faq=by_pk[one.faq], detail=dict(one.detail))
        for one in found
        if one.fingerprint not in ignored
    ]
    kept = concerned.filter(kind__in=_OF_THE_CHECK, ignored_at=None).select_related("faq", "other").order_by("pk")
    return [*fresh, *kept[:MOST]][:MOST]
