"""Transitions of a draft, one file per step of its life: create, candidates, claims, review, send."""
