"""What operators decide on drafts, read back: how confident a draft may be, and what makes a wording good."""
