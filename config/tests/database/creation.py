"""Makes each test database by copying one that is migrated once and kept between runs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.sql import emit_post_migrate_signal
from django.db.backends.postgresql import creation

_PREFIX = "test_tradepost_migrated_"
_LOCK = 0x7E57DB  # an advisory lock: one process at a time makes and copies the template


class DatabaseCreation(creation.DatabaseCreation):
    """Copies ``test_tradepost_migrated_<digest>``; makes it when migrations have changed."""

    def create_test_db(
        self,
        verbosity: int = 1,
        autoclobber: bool = False,
        serialize: bool | None = None,
        keepdb: bool = False,
    ) -> str:
        """Copy the template and bring permissions and roles up to date, as `migrate` would."""
        name, template = self.connection.settings_dict["TEST"]["NAME"], _PREFIX + _digest()
        quote = self.connection.ops.quote_name
        with self.connection._nodb_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX]
            )
            found = {row[0] for row in cursor.fetchall()}
            for old in found - {template}:
                cursor.execute(f"DROP DATABASE {quote(old)} WITH (FORCE)")
            if template not in found:
                unfinished = f"{_PREFIX}unfinished"
                self._migrate(unfinished, verbosity)
                cursor.execute(f"ALTER DATABASE {quote(unfinished)} RENAME TO {quote(template)}")
            cursor.execute(f"DROP DATABASE IF EXISTS {quote(name)} WITH (FORCE)")
            # A file copy takes a third of the time that PostgreSQL's default takes.
            copy = f"TEMPLATE {quote(template)} STRATEGY file_copy"
            cursor.execute(f"CREATE DATABASE {quote(name)} {copy}")
        self._use(name)
        emit_post_migrate_signal(verbosity=0, interactive=False, db=self.connection.alias)
        return name

    def _migrate(self, name: str, verbosity: int) -> None:
        kept = self.connection.settings_dict["TEST"]["NAME"]
        self.connection.settings_dict["TEST"]["NAME"] = name
        try:
            super().create_test_db(verbosity, autoclobber=True, serialize=False)
        finally:
            self.connection.settings_dict["TEST"]["NAME"] = kept
            self.connection.close()

    def _use(self, name: str) -> None:
        self.connection.close()
        settings.DATABASES[self.connection.alias]["NAME"] = name
        self.connection.settings_dict["NAME"] = name


def _digest() -> str:
    """Name the migrated database by all that decides what is in it."""
    digest = hashlib.sha256()
    for app in apps.get_app_configs():
        for folder in ("migrations", "database"):
            for path in sorted(Path(app.path, folder).rglob("*.*")):
                if path.suffix in {".py", ".sql"}:
                    digest.update(f"{app.label}/{path.name}\n".encode() + path.read_bytes())
    for path in sorted((settings.BASE_DIR / "core").glob("*.py")):  # what migrations import
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
