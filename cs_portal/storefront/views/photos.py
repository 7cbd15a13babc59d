"""Photos that the shopper adds: uploaded as they are, shown to this conversation's own session alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from cs_portal.conversations.pictures import MAX_BYTES
from cs_portal.conversations.services import keep_photo, photo_of, read_photo
from cs_portal.core.client_address import client_address
from cs_portal.core.errors import NotAllowed
from cs_portal.core.private_pictures import jpeg_response
from cs_portal.storefront import limits
from cs_portal.storefront.endpoint import endpoint, with_session
from cs_portal.storefront.errors import WrongType
from cs_portal.storefront.models import ChatSession
from cs_portal.storefront.parsing import body_of, uuid_value
from cs_portal.storefront.presenters import photo_json

TYPES = {"image/jpeg", "image/png", "image/webp"}


@endpoint("POST")
@with_session
def photos(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """The body is the file. 201 with the photo's id; it goes out with a message or a request."""
    now = timezone.now()
    limits.photo(session=session, address=client_address(request), now=now)
    if not session.shopper.is_identified:
        raise NotAllowed(_("Sign in to the shop and you can add photos."))
    if request.content_type not in TYPES:
        raise WrongType
    photo = keep_photo(conversation_id=session.conversation_id, data=body_of(request, largest=MAX_BYTES), now=now)
    return JsonResponse({"photo": photo_json(photo)}, status=201)


@endpoint("GET")
@with_session
def photo(request: HttpRequest, session: ChatSession) -> HttpResponse:
    """The picture ``?id=``, small with ``&size=small``."""
    limits.quiet_call(kind="photo", session=session, now=timezone.now())
    found = photo_of(conversation=session.conversation, public_id=uuid_value(request.GET.get("id"), "id"))
    data = read_photo(found, small=request.GET.get("size") == "small")
    return jpeg_response(data, name=f"photo-{found.public_id}")
