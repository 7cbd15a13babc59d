"""Entering a merchant's scope where there is no request: jobs and commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cs_portal.core.jobs import Lease
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant


@contextmanager
def scope_of(lease: Lease) -> Iterator[Merchant]:
    """The scope of the merchant that a job belongs to."""
    if lease.merchant_id is None:
        raise ValueError(f"Job {lease.job_id} ({lease.kind}) belongs to no merchant.")
    merchant = Merchant.objects.get(pk=lease.merchant_id)
    with scope(merchant=merchant):
        yield merchant
