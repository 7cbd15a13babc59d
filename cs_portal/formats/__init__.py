"""How dates are written: one way per language, on every page and in every letter (``FORMAT_MODULE_PATH``)."""
