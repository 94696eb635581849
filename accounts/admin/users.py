"""People in the backoffice: one page with profile, addresses and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import StackedInline, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.admin.activities import ActivityInline
from accounts.admin.sessions import SessionInline
from accounts.models import Address, Profile, SessionEnd, User
from accounts.services import sessions, staff
from core.admin import BaseAdmin
from core.errors import DomainError

if TYPE_CHECKING:  # generic to the type checker only
    DjangoUserAdmin = auth_admin.UserAdmin[User]
else:
    DjangoUserAdmin = auth_admin.UserAdmin

ACCESS = ("is_active", "is_staff", "is_superuser")


def access_in(data: dict[str, Any]) -> staff.AccessChange:
    roles = [group.name for group in data["groups"]] if "groups" in data else None
    return staff.AccessChange(**{name: data.get(name) for name in ACCESS}, roles=roles)


class UserForm(UserChangeForm):
    actor: ClassVar[User]

    class Meta:
        model = User
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        before = User.objects.get(pk=self.instance.pk)
        try:
            staff.check_access_change(actor=self.actor, user=before, change=access_in(data))
        except DomainError as error:
            raise ValidationError(error.detail, code=error.code) from error
        return data


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email",)
        field_classes: ClassVar = {"email": forms.EmailField}


class ProfileInline(StackedInline):
    model = Profile
    fields: ClassVar = ("first_name", "last_name", "phone_number", "visibility")
    can_delete = False
    extra = 0
    max_num = 1


class AddressInline(TabularInline):
    model = Address
    fields: ClassVar = ("full_name", "line1", "city", "postal_code", "country")
    readonly_fields: ClassVar = fields
    extra = 0
    can_delete = False
    show_change_link = True
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin, BaseAdmin):
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    inlines: ClassVar = [ProfileInline, AddressInline, SessionInline, ActivityInline]
    actions = (
        "end_sessions",
        "send_password_reset",
        "reset_second_factor",
        "deactivate",
    )
    list_display = ("picture", "email", "name", "role_names", "is_active", "created_at")
    list_display_links = ("picture", "email")
    list_filter: ClassVar = ("is_active", "is_staff", "is_email_verified", "groups", "created_at")
    search_fields: ClassVar = ("email", "profile__first_name", "profile__last_name")
    ordering: ClassVar = ("-created_at", "-id")
    readonly_fields: ClassVar = ("created_at", "anonymised_at", "pending_email")
    filter_horizontal: ClassVar = ()
    autocomplete_fields: ClassVar = ("groups",)
    fieldsets: ClassVar = (
        (None, {"fields": ("email", "is_email_verified", "pending_email", "password")}),
        ("Access", {"fields": (*ACCESS, "groups")}),
        ("History", {"fields": ("created_at", "anonymised_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)

    @classmethod
    def show_also(cls, inline: type[Any]) -> None:
        """Let a higher app show what it knows about a user, such as orders, on the user's page."""
        cls.inlines = [*cls.inlines, inline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.with_access().select_related("profile").order_by(*self.ordering)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[Any]:
        form: type[Any] = super().get_form(request, *args, **kwargs)
        form.actor = request.user
        return form

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[type[Any]]:
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let only superusers make one."""
        own = () if getattr(request.user, "is_superuser", False) else ("is_superuser",)
        return (*self.readonly_fields, *own)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are deactivated or anonymised, never deleted."""
        return False

    def save_model(self, request: Any, obj: User, form: Any, change: Any) -> None:
        if not change:
            obj.save()
            return
        obj.save(update_fields=["email", "is_email_verified", "updated_at"])
        staff.change_access(actor=request.user, user=obj, change=access_in(form.cleaned_data))

    def save_related(self, request: Any, form: Any, formsets: Any, change: Any) -> None:
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)

    @admin.display(description="")
    def picture(self, user: User) -> str:
        avatar = user.profile.avatar
        if not avatar:
            return "–"
        return format_html(
            '<img src="{}" alt="" width="32" height="32" style="border-radius: 50%">', avatar.url
        )

    @admin.display(description="Name")
    def name(self, user: User) -> str:
        return user.profile.full_name

    @admin.display(description="Roles")
    def role_names(self, user: User) -> str:
        return ", ".join(user.roles)

    @admin.action(description="End all sessions", permissions=["change"])
    def end_sessions(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            sessions.end_all_sessions(user=user, reason=SessionEnd.ENDED_BY_STAFF)
        self.message_user(request, "Their sessions have ended.", messages.SUCCESS)

    @admin.action(description="Send a link to set a new password", permissions=["change"])
    def send_password_reset(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            staff.send_password_reset(user=user)
        self.message_user(request, "The links go out by e-mail.", messages.SUCCESS)

    @admin.action(description="Switch the second factor off", permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            staff.reset_second_factor(user=user)
        self.message_user(request, "Their second factor is off.", messages.SUCCESS)

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: Any, users: QuerySet[User]) -> None:
        for user in users:
            try:
                change = staff.AccessChange(is_active=False)
                staff.change_access(actor=request.user, user=user, change=change)
            except DomainError as error:
                self.message_user(request, f"{user}: {error.detail}", messages.ERROR)
