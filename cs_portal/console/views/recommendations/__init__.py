"""What is recommended: reading, trying, and deciding on pins and exclusions."""
