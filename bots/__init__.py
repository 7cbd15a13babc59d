"""The customer-service engine: plain Python, no Django. Its public door is ``bots.api``."""
