"""HTTP of the console: a view parses, authorises, makes one service call and renders."""
