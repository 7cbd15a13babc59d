"""Finding the FAQ that answers a question. Importing this package loads no model library."""
