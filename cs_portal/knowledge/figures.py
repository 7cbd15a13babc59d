"""What an FAQ's use comes to: its counts and the shares that are shown. Defined in ``docs/metrics.md``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cs_portal.knowledge.models import Faq, FaqFigures


@dataclass(frozen=True, slots=True)
class Figures:
    """``hits`` drafts rested on it; ``approved``, ``edited``, ``rejected`` of their decisions stand."""

    hits: int = 0
    approved: int = 0
    edited: int = 0
    rejected: int = 0
    last_hit_at: datetime | None = None

    @property
    def sent(self) -> int:
        return self.approved + self.edited

    @property
    def reviewed(self) -> int:
        return self.sent + self.rejected

    @property
    def edit_rate(self) -> float | None:
        """Edited ÷ sent, 0 to 1; None before anything was sent."""
        return self.edited / self.sent if self.sent else None

    @property
    def approval(self) -> float | None:
        """Sent unedited ÷ reviewed."""
        return self.approved / self.reviewed if self.reviewed else None

    @property
    def rejection(self) -> float | None:
        return self.rejected / self.reviewed if self.reviewed else None


def figures_of(faq: Faq) -> Figures:
    """Without a query where ``faq`` came with its figures."""
    row: FaqFigures | None = getattr(faq, "figures", None)
    if row is None:
        return Figures()
    return Figures(row.hits, row.approved, row.edited, row.rejected, row.last_hit_at)
