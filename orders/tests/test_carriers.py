"""Where parcels can be followed."""

import pytest

from orders.carriers import tracking_url


@pytest.mark.parametrize(
    ("carrier", "page"),
    [
        ("UPS", "https://www.ups.com/track?tracknum="),
        ("ups ground", "https://www.ups.com/track?tracknum="),
        ("FedEx", "https://www.fedex.com/fedextrack/?trknbr="),
        ("DHL Express", "https://www.dhl.com/global-en/home/tracking.html?submit=1&tracking-id="),
        ("U.S.P.S.", "https://tools.usps.com/go/TrackConfirmAction?tLabels="),
        ("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/"),
    ],
)
def test_knows_the_pages_of_common_carriers(carrier: str, page: str) -> None:
    assert tracking_url(carrier=carrier, tracking_number="1Z 9") == f"{page}1Z%209"


@pytest.mark.parametrize(("carrier", "number"), [("Pigeon", "1Z"), ("UPS", ""), ("", "1Z")])
def test_is_empty_where_nothing_is_known(carrier: str, number: str) -> None:
    assert tracking_url(carrier=carrier, tracking_number=number) == ""
