"""Settings: how the merchant works."""
