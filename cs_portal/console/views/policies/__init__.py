"""The merchant's rules: reading them, editing the working copy, trying them, making them live."""
