"""What this app announces."""

from dataclasses import dataclass
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class UserRegistered(Event):
    """Someone made an account; the address is not verified yet."""

    name = "user.registered"
    user_id: UUID


@dataclass(frozen=True)
class UserSignedIn(Event):
    """Someone proved who they are and began a session."""

    name = "user.signed_in"
    user_id: UUID
    session_id: UUID


@dataclass(frozen=True)
class EmailVerificationRequested(Event):
    """Someone wants the verification e-mail again."""

    name = "user.email_verification_requested"
    user_id: UUID


@dataclass(frozen=True)
class EmailChangeRequested(Event):
    """Someone wants another e-mail address, which is kept as pending."""

    name = "user.email_change_requested"
    user_id: UUID


@dataclass(frozen=True)
class EmailVerified(Event):
    """Someone proved that an address is theirs; their guest orders may join the account."""

    name = "user.email_verified"
    user_id: UUID


@dataclass(frozen=True)
class PasswordResetRequested(Event):
    """Someone wants a link to set a new password."""

    name = "user.password_reset_requested"
    user_id: UUID


@dataclass(frozen=True)
class UserErased(Event):
    """Someone left; what other apps hold on the person must go too."""

    name = "user.erased"
    user_id: UUID


@dataclass(frozen=True)
class PasswordChanged(Event):
    """A new password was set, by its owner or by a reset link."""

    name = "user.password_changed"
    user_id: UUID


@dataclass(frozen=True)
class ProfileChanged(Event):
    """A user changed something about themselves; ``fields`` names what, not to what."""

    name = "user.profile_changed"
    user_id: UUID
    fields: str


@dataclass(frozen=True)
class AccessChanged(Event):
    """Staff changed what a user may do; ``changes`` says to what."""

    name = "user.access_changed"
    user_id: UUID
    actor_id: UUID
    changes: str


@dataclass(frozen=True)
class SessionsEnded(Event):
    """Every session of a user was ended; ``reason`` is one of SessionEnd."""

    name = "user.sessions_ended"
    user_id: UUID
    reason: str
