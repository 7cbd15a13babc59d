"""Checking a reply against its evidence, so that nothing is said which nobody knows."""
