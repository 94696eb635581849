"""People, how they are reached, who is signed in, and what they did."""

from accounts.models.activities import Activity
from accounts.models.sessions import ApiKey, Scope, Session, SessionEnd
from accounts.models.users import Address, Profile, User, UserManager, Visibility

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
