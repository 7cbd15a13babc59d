"""What is wrong with answers, found in their words alone: pure functions over texts, no rows and no models.

Everything here would rather miss a problem than report one that is none: an editor who was wrongly alarmed three times
looks no more.
"""
