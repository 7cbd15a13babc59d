"""What layers above must do in the same transaction. ``sender`` is the Conversation class; receivers may raise.

A conversation cannot know of drafts; drafting listens (:mod:`cs_portal.drafting.receivers`).
"""

from __future__ import annotations

from django.dispatch import Signal

#: The bot's reply is no longer wanted: a person took over, or the conversation was resolved.
#: Sent with ``conversation``, ``by`` (a member or None) and ``now``.
draft_unwanted = Signal()

#: The bot should answer the unanswered messages after all. Sent with ``conversation`` and ``now``.
draft_wanted = Signal()
