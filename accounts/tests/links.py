"""Reading the links in our e-mails."""

import re
from urllib.parse import parse_qs, urlsplit

from django.core.mail import EmailMessage


def link_in(message: EmailMessage) -> dict[str, str]:
    """Return the uid and token that the e-mail's link carries."""
    found = re.search(r"https?://\S+[?]\S+", str(message.body))
    assert found is not None
    return parameters_of(found[0])


def parameters_of(link: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()}
