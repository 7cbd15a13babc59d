"""From domain rows to what a template shows: frozen values, worded in the reader's language."""
