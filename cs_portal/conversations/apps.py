from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "cs_portal.conversations"
    label = "conversations"
