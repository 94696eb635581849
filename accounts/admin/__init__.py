from django.contrib import admin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.admin import activities, api_keys, roles, sessions, users

# Users and staff handle second factors in pages and services of ours.
for device in (StaticDevice, TOTPDevice):
    admin.site.unregister(device)

__all__ = ["activities", "api_keys", "roles", "sessions", "users"]
