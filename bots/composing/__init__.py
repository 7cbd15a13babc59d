"""Wording a reply: the grounded composer, prompts for a language model, and the ranking of both."""
