"""Accounts whose domain was stored in letters other than ASCII: sign-in looks for the DNS's form.

Of two accounts with one address the one that is written so already keeps it; the other stays as
it is, for staff to look at.
"""

import idna
from django.db import migrations


def rewrite(apps, _schema_editor):
    users = apps.get_model("accounts", "User")._base_manager.all()
    for user in users.filter(email__regex=r"@.*[^\x01-\x7f]"):
        local, _at, domain = user.email.rpartition("@")
        try:
            email = f"{local}@{idna.encode(domain, uts46=True).decode()}"
        except UnicodeError:
            continue
        if not users.filter(email=email).exists():
            users.filter(pk=user.pk).update(email=email)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_phone_extensions")]

    operations = [migrations.RunPython(rewrite, migrations.RunPython.noop)]
