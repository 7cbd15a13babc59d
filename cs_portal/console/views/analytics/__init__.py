"""The dashboard and its tables as files."""
