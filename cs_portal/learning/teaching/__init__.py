"""What FAQs learn from operators' edits and from shoppers' own words (ADR 0016)."""
