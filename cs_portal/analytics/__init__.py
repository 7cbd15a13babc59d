"""How the merchant's service performs: facts, formulas, read-only selectors. The definitions are in docs/metrics.md."""
