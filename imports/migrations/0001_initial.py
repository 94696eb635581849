"""Takes imports over from ``inventory``: their tables stay where they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.models


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("inventory", "0007_backorders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ImportMapping",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=core.models.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("updated_at", models.DateTimeField(auto_now=True)),
                        ("name", models.CharField(max_length=80, unique=True)),
                        ("columns", models.JSONField()),
                    ],
                    options={
                        "db_table": "inventory_importmapping",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ImportJob",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=core.models.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("updated_at", models.DateTimeField(auto_now=True)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("uploaded", "Uploaded"),
                                    ("queued", "Queued"),
                                    ("running", "Running"),
                                    ("succeeded", "Succeeded"),
                                    ("failed", "Failed"),
                                ],
                                default="queued",
                                max_length=20,
                            ),
                        ),
                        ("file_name", models.CharField(max_length=255)),
                        ("file_size", models.PositiveIntegerField()),
                        (
                            "mode",
                            models.CharField(
                                choices=[("partial", "Partial"), ("atomic", "Atomic")],
                                default="partial",
                                max_length=20,
                            ),
                        ),
                        ("is_dry_run", models.BooleanField(default=False)),
                        ("mapping", models.JSONField(default=dict)),
                        ("currency", models.CharField(max_length=3)),
                        ("decimal_sign", models.CharField(blank=True, default="", max_length=1)),
                        ("price_rule", models.CharField(blank=True, default="", max_length=40)),
                        ("default_stock", models.PositiveIntegerField(null=True)),
                        ("rows_total", models.PositiveIntegerField(null=True)),
                        ("rows_read", models.PositiveIntegerField(default=0)),
                        ("created", models.PositiveIntegerField(default=0)),
                        ("updated", models.PositiveIntegerField(default=0)),
                        ("unchanged", models.PositiveIntegerField(default=0)),
                        ("refused", models.PositiveIntegerField(default=0)),
                        ("ignored_columns", models.JSONField(default=list)),
                        ("error_code", models.CharField(blank=True, default="", max_length=60)),
                        ("error_detail", models.CharField(blank=True, default="", max_length=500)),
                        ("started_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={"db_table": "inventory_importjob"},
                ),
                migrations.CreateModel(
                    name="ImportChunk",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("content", models.BinaryField()),
                        (
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="chunks",
                                to="imports.importjob",
                            ),
                        ),
                    ],
                    options={"db_table": "inventory_importchunk"},
                ),
                migrations.CreateModel(
                    name="ImportRefusal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("line", models.PositiveIntegerField()),
                        ("column", models.CharField(max_length=255)),
                        ("value", models.CharField(max_length=200)),
                        ("code", models.CharField(max_length=60)),
                        ("detail", models.TextField()),
                        (
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="refusals",
                                to="imports.importjob",
                            ),
                        ),
                    ],
                    options={"db_table": "inventory_importrefusal"},
                ),
                migrations.AddIndex(
                    model_name="importjob",
                    index=models.Index(fields=["-created_at", "-id"], name="import_job_newest_first"),
                ),
                migrations.AddConstraint(
                    model_name="importchunk",
                    constraint=models.UniqueConstraint(
                        fields=("job", "number"), name="one_chunk_per_number"
                    ),
                ),
                migrations.AddIndex(
                    model_name="importrefusal",
                    index=models.Index(fields=["job", "line", "id"], name="import_refusal_line"),
                ),
            ],
        ),
    ]
