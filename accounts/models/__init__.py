"""People, how they are reached, who is signed in, and what they did."""

from accounts.models.activities import Activity
from accounts.models.people import Address, Profile, User, UserManager, Visibility
from accounts.models.sessions import ApiKey, Scope, Session, SessionEnd

__all__ = [
    "Activity",
    "Address",
    "ApiKey",
    "Profile",
    "Scope",
    "Session",
    "SessionEnd",
    "User",
    "UserManager",
    "Visibility",
]
