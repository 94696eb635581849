from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """Let every app register its identities and checks; jobs are found by the job runner."""
        autodiscover_modules("audit", "checks")
