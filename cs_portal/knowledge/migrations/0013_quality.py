"""Findings on answers, the last check of them, and the links in them."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0012_drop_search_text"),
        ("merchants", "0003_team_tokens_and_data_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="LinkCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("url", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "Not checked yet"),
                            ("ok", "Works"),
                            ("doubtful", "Failed, will be tried again"),
                            ("broken", "Broken"),
                            ("unchecked", "Cannot be checked"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=40)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("checked_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField()),
                (
                    "merchant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["merchant", "due_at"], name="links_due")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "url"), name="one_link_check")],
            },
        ),
        migrations.CreateModel(
            name="QualityCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("finished_at", models.DateTimeField()),
                ("seconds", models.FloatField(default=0)),
                ("faqs", models.PositiveIntegerField(default=0)),
                ("compared", models.BooleanField(default=False)),
                (
                    "merchant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("merchant",), name="one_quality_check")],
            },
        ),
        migrations.CreateModel(
            name="QualityFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("fingerprint", models.CharField(max_length=64)),
                ("detail", models.JSONField(default=dict)),
                ("found_at", models.DateTimeField()),
                ("ignored_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "faq",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="findings", to="knowledge.faq"
                    ),
                ),
                (
                    "ignored_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="merchants.member"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings_beside",
                        to="knowledge.faq",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["merchant", "kind", "-id"], name="findings_by_kind")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "fingerprint"), name="one_finding")],
            },
        ),
    ]
