"""Reading the links in our e-mails."""

import re
from urllib.parse import parse_qs, urlsplit

from django.core.mail import EmailMessage


def link_in(message: EmailMessage) -> dict[str, str]:
    """Return the uid and token that the e-mail's link carries."""
    found = re.search(r"https?://\S+[?]\S+", str(message.body))
    assert found is not None
    return {key: values[0] for key, values in parse_qs(urlsplit(found[0]).query).items()}
