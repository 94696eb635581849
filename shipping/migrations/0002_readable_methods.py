"""Bring into shape what constraints are about to ask for: currencies are codes, tiers a list.

A method whose currency cannot be told is switched off, in the shop's currency.
"""

import re

from django.conf import settings
from django.db import migrations


def is_tier(tier):
    return isinstance(tier, dict) and {"from", "price"} <= tier.keys()


def repair(apps, schema_editor):
    ShippingMethod = apps.get_model("shipping", "ShippingMethod")
    methods = ShippingMethod._base_manager.using(schema_editor.connection.alias)
    for method in methods.all():
        currency, tiers = method.currency.strip().upper(), method.tiers
        if not re.fullmatch("[A-Z]{3}", currency):
            currency, method.is_active = settings.CURRENCY, False
        if not (isinstance(tiers, list) and all(map(is_tier, tiers))):
            tiers = []
        if (currency, tiers) != (method.currency, method.tiers):
            method.currency, method.tiers = currency, tiers
            method.save(update_fields=["currency", "tiers", "is_active"])


class Migration(migrations.Migration):
    dependencies = [("shipping", "0001_initial")]

    operations = [migrations.RunPython(repair, migrations.RunPython.noop)]
