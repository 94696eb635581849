from django.db import migrations
from django.db.models import F
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left

BATCH = 5000


def fill_countries(apps, schema_editor):
    """Copy the country of each order's address, a batch in a transaction of its own."""
    orders = apps.get_model("orders", "Order").objects.using(schema_editor.connection.alias)
    country = Coalesce(KT("shipping_address__country"), KT("billing_address__country"))
    waiting = orders.filter(country="").annotate(known=country).exclude(known=None)
    keys = list(waiting.exclude(known="").order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = orders.filter(pk__in=keys[start : start + BATCH])
        batch.annotate(known=Left(country, 2)).update(country=F("known"))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0010_countries")]

    operations = [migrations.RunPython(fill_countries, migrations.RunPython.noop)]
