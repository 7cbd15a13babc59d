"""English, read everywhere: the month by name, since 11/08 is two days, and the hour of 24."""

DATE_FORMAT = SHORT_DATE_FORMAT = "M j, Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "M j, Y, H:i"
MONTH_DAY_FORMAT = "M j"
TIME_FORMAT = "H:i"
