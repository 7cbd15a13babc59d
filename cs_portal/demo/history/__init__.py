"""Two months of conversations that the demo merchant had: who asked what, what the bot drafted, what people decided.

The rows are written in bulk, but each is as the services would have left it; ``tests/demo/test_history.py`` checks it.
"""
