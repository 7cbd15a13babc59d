"""Prompts for a language model: versioned text, and the builder that fills it with fenced, masked data."""
