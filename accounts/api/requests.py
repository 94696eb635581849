from rest_framework.request import Request

from accounts.models import User


class UserRequest(Request):
    """A request of a signed-in person, for views that only those may call."""

    user: User
