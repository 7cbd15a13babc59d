"""The merchant's rules at work, one file per subject: deciding, publishing, the working copy, replaying."""

from cs_portal.policies.selectors import live_version
from cs_portal.policies.services.deciding import Decided, decide_request, refuse_foreign_order
from cs_portal.policies.services.publishing import publish_ruleset, publish_working_copy, restore_version

__all__ = [
    "Decided",
    "decide_request",
    "live_version",
    "publish_ruleset",
    "publish_working_copy",
    "refuse_foreign_order",
    "restore_version",
]
