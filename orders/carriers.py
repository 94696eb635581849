"""Where a parcel can be followed, by carrier."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

_PAGES: Final = {
    "ups": "https://www.ups.com/track?tracknum=",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr=",
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?submit=1&tracking-id=",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
    "royalmail": "https://www.royalmail.com/track-your-item#/tracking-results/",
}


def tracking_url(*, carrier: str, tracking_number: str) -> str:
    """Return the carrier's page about a parcel; empty for a carrier that is not known."""
    name = re.sub(r"[^a-z]", "", carrier.lower())
    page = next((page for known, page in _PAGES.items() if name.startswith(known)), "")
    return f"{page}{quote(tracking_number, safe='')}" if page and tracking_number else ""
