"""Shop systems behind one protocol. ``local``: this database is the shop."""
