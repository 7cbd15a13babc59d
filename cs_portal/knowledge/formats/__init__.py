"""FAQs as files of many kinds: bytes into entries, contents into bytes. No rows and no requests here."""
