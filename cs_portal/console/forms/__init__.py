"""What operators may send, checked before a service sees it."""
