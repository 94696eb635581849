from django.urls import path

from accounts.api import activity_views as activity
from accounts.api import auth_views as auth
from accounts.api import export_views as export
from accounts.api import me_views as me
from accounts.api import mfa_views as second_factor
from accounts.api import staff_views as staff

urlpatterns = [
    path("auth/register/", auth.RegistrationView.as_view({"post": "register"})),
    path("auth/refresh/", auth.SessionViewSet.as_view({"post": "refresh"})),
    path("auth/logout/", auth.SessionViewSet.as_view({"post": "logout"})),
    path("auth/logout-all/", auth.AllSessionsView.as_view({"post": "logout_all"})),
    path("auth/password/change/", auth.ChangePasswordView.as_view({"post": "change"})),
    path("auth/password/reset/", auth.ResetRequestView.as_view({"post": "reset"})),
    path("auth/password/reset/confirm/", auth.ResetConfirmationView.as_view({"post": "confirm"})),
    path("auth/email/verify/", auth.EmailVerificationView.as_view({"post": "verify"})),
    path("auth/email/verify/resend/", auth.VerificationResendView.as_view({"post": "resend"})),
    path(
        "auth/mfa/totp/", second_factor.TotpView.as_view({"post": "enrol", "delete": "switch_off"})
    ),
    path("auth/mfa/totp/confirm/", second_factor.TotpView.as_view({"post": "confirm"})),
    path(
        "users/me/",
        me.MeView.as_view(
            {
                "get": "retrieve",
                "put": "update",
                "patch": "partial_update",
                "delete": "destroy",
            }
        ),
    ),
    path("users/me/avatar/", me.AvatarView.as_view({"put": "update", "delete": "destroy"})),
    path("users/me/addresses/", me.AddressViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "users/me/addresses/<uuid:pk>/",
        me.AddressViewSet.as_view(
            {
                "get": "retrieve",
                "put": "update",
                "patch": "partial_update",
                "delete": "destroy",
            }
        ),
    ),
    path("users/me/activities/", activity.ActivityViewSet.as_view({"get": "list"})),
    path("users/me/activities/export/", activity.ActivityViewSet.as_view({"get": "export"})),
    path("users/me/export/", export.ExportView.as_view({"get": "retrieve"})),
    path("users/", staff.UserViewSet.as_view({"get": "list"})),
    path(
        "users/<uuid:pk>/",
        staff.UserViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
    ),
]
