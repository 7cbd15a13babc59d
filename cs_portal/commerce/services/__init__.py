"""Changing what a merchant sells, to whom, and what was bought."""
