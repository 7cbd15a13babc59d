"""A photo that a shopper sent, for the members of its merchant."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.conversations.models import Photo
from cs_portal.conversations.services import read_photo
from cs_portal.core.private_pictures import jpeg_response


@require_safe
@member_view
def photo(request: ConsoleRequest, photo_id: UUID) -> HttpResponse:
    """Small with ``?size=small``."""
    found = Photo.by_public_id(photo_id)
    data = read_photo(found, small=request.GET.get("size") == "small")
    return jpeg_response(data, name=f"photo-{found.public_id}")
