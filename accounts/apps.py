from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Connect the signals, and let every app say what it holds on people."""
        autodiscover_modules("signals", "privacy")
