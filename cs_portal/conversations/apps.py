from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "cs_portal.conversations"
    label = "conversations"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from cs_portal.commerce.signals import shoppers_renamed
        from cs_portal.conversations.models import Photo

        post_delete.connect(_photo_deleted, sender=Photo, dispatch_uid="conversations.photo_deleted")
        shoppers_renamed.connect(_shoppers_renamed, dispatch_uid="conversations.shoppers_renamed")


def _shoppers_renamed(*, ids: Sequence[int], **_: Any) -> None:
    """Their conversations are found by the new names and addresses from now on."""
    from cs_portal.conversations.search import index_shoppers

    index_shoppers(ids)


def _photo_deleted(*, instance: Any, **_: Any) -> None:
    """Whatever took the row (an erasure, a retention sweep, a merchant's end): the files go, too."""
    from cs_portal.conversations.services.photos import forget_file

    forget_file(instance)
