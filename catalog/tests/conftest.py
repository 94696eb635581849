"""Who writes to the catalog in tests."""

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import StaffFactory


@pytest.fixture
def manager() -> APIClient:
    """Return a client signed in as catalog manager."""
    client = APIClient()
    client.force_authenticate(StaffFactory.create(role="Catalog manager"))
    return client
