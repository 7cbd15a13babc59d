"""What an action does to an order: planned, told in words, and carried out as planned."""
