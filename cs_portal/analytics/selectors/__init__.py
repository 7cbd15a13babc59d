"""Figures by subject, one file each; every function asks a constant number of queries."""
