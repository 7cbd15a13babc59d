"""Published rules ready to decide: read from their document once for each process."""

from __future__ import annotations

from cs_portal.core.keeping import Kept
from cs_portal.policies.engine import Ruleset
from cs_portal.policies.models import RulesetVersion

#: Versions of all merchants together; a large one takes some hundred kilobytes.
MAX_KEPT = 64
_rulesets: Kept[Ruleset] = Kept(MAX_KEPT)


def ruleset_of(version: RulesetVersion) -> Ruleset:
    """The version's rules. A version never changes, so whoever asks for the live one right after a publication or a
    roll back, by whatever process, gets its rules.
    """
    return _rulesets.get(version.public_id, lambda: Ruleset.from_dict(version.document))
