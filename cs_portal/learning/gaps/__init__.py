"""Knowledge gaps: reading what nobody answered out of real conversations, grouping it, and answering it (ADR 0016)."""
