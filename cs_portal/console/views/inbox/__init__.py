"""The inbox: its list, one conversation, and what one does with it."""
