"""Settings that guard data: privacy, tokens, the audit log, the language model, autopilot."""
