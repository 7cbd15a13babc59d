"""Numbers, money, dates and durations as people write them in English and Chinese. Offsets are those of the text given."""
