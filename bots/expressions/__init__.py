"""Numbers, money, dates and durations as people write them in English and Chinese."""
