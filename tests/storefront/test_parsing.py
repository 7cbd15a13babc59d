"""Bodies as a server hands them over without the test client's good manners."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.handlers.asgi import ASGIRequest

from cs_portal.storefront.errors import BadRequest, TooLarge
from cs_portal.storefront.parsing import LARGEST_BODY, json_object


def request(body: bytes, *headers: tuple[bytes, bytes]) -> ASGIRequest:
    everything = [(b"content-type", b"application/json"), *headers]
    return ASGIRequest({"type": "http", "method": "POST", "path": "/", "headers": everything}, BytesIO(body))


def test_a_chunked_body_announces_no_length() -> None:
    assert json_object(request(b'{"text": "x"}'), allowed={"text"}) == {"text": "x"}


def test_a_chunked_body_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        json_object(request(b" " * (LARGEST_BODY + 1)), allowed=())


@pytest.mark.parametrize("length", [b"-1", b"x", b"1e9", b"0x10"])
def test_a_length_that_is_no_number_is_refused(length: bytes) -> None:
    with pytest.raises(BadRequest):
        json_object(request(b"{}", (b"content-length", length)), allowed=())


def test_a_length_of_many_digits_is_too_large() -> None:
    with pytest.raises(TooLarge):
        json_object(request(b"{}", (b"content-length", b"9" * 5000)), allowed=())
