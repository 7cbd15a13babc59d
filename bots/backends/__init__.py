"""Language models behind one protocol (``bots.backends.base``). Importing this package loads no model library."""
