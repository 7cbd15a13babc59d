"""The rooms of the console: every listed place exists, and each role sees those that it may enter."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cs_portal.console.navigation import COMMERCE, SECTIONS, SETTINGS
from tests.console.conftest import Cast

PLACES = [*SECTIONS, *COMMERCE, *(place for group in SETTINGS for place in group.places)]


@pytest.mark.parametrize("who", ["alice", "ann", "olaf", "nina"])
def test_every_place_that_is_offered_opens(cast: Cast, who: str) -> None:
    member = getattr(cast, who)
    client = cast.client(member)
    home = client.get("/console/mugs/").content.decode()
    for place in PLACES:
        url = reverse(place.url_name, args=["mugs"])
        offered = member.may_configure or not place.configurers_only
        assert (f'href="{url}"' in home) == offered, place.key
        if offered:
            assert client.get(url).status_code == 200, place.key


def test_keys_are_unique() -> None:
    keys = [place.go for place in SECTIONS]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 1 for key in keys)
