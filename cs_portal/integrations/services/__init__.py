"""Taking in what programs and shops send."""
