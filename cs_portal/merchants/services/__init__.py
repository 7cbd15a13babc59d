"""Changes of how a merchant works, one file per subject. Each is one transaction with its entry in the log."""
