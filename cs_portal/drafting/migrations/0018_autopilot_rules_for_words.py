"""Autopilot rules with conditions, shadow and samples. Thresholds that were prepared become rules that are off."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

_STATES = [("off", "Off"), ("shadow", "Shadow"), ("on", "On")]
_HOURS = [("any", "At any time"), ("open", "During opening hours"), ("closed", "Outside opening hours")]
_PUT_BACK = [
    ("changed", "Its conditions were changed"),
    ("stopped", "Autopilot was stopped"),
    ("samples", "Replies that it sent were judged wrong"),
]
_REASONS = [
    ("wrong_fact", "Wrong fact"),
    ("wrong_policy", "Wrong policy"),
    ("tone", "Tone"),
    ("language", "Language"),
    ("incomplete", "Incomplete"),
    ("outdated", "Outdated"),
    ("unsafe", "Unsafe"),
    ("other", "Other"),
]
_TENANT = {"abstract": False, "base_manager_name": "objects", "default_manager_name": "objects"}


def convert(apps, schema_editor):
    """Only what is not a foreign key is written: PostgreSQL alters no table with checks that are still to come."""
    rules = apps.get_model("drafting", "AutopilotRule")._base_manager
    for rule in rules.order_by("pk"):
        fresh = {"state_since": rule.updated_at, "evidence_since": rule.updated_at}
        if rule.action:
            fresh["state"] = "on" if rule.is_on else "off"
        else:
            words = rule.intent.replace("_", " ").capitalize()
            fresh["name"] = f"{words} ({rule.locale})" if rule.locale else words
            fresh["intents"] = [rule.intent]
        rules.filter(pk=rule.pk).update(**fresh)


def revert(apps, schema_editor):
    """Thresholds knew one intent and never were on; what they cannot say is left out."""
    rules = apps.get_model("drafting", "AutopilotRule")._base_manager
    seen = set()
    for rule in rules.order_by("pk"):
        key = (rule.merchant_id, rule.locale, *rule.intents)
        if rule.action:
            rules.filter(pk=rule.pk).update(is_on=rule.state == "on")
        elif len(rule.intents) == 1 and key not in seen:
            seen.add(key)
            rules.filter(pk=rule.pk).update(intent=rule.intents[0])
        else:
            rules.filter(pk=rule.pk).delete()


def _key(to, **more):
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=to, **{"related_name": "+", **more})


def _member():
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="merchants.member"
    )


def _row():
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
        ("merchant", _key("merchants.merchant", editable=False)),
    ]


def _added(name, field):
    return migrations.AddField(model_name="autopilotrule", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [
        ("drafting", "0017_what_a_model_writes"),
        ("merchants", "0004_publishing_needs_approval"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="autopilotrule", name="one_autopilot_rule"),
        migrations.RemoveConstraint(model_name="autopilotrule", name="autopilot_of_action_or_intent"),
        _added("limit_minor", models.PositiveBigIntegerField(null=True)),
        _added("limit_currency", models.CharField(blank=True, max_length=3)),
        _added("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
        _added("intents", models.JSONField(default=list)),
        _added("storefronts", models.JSONField(default=list)),
        _added("hours", models.CharField(choices=_HOURS, default="any", max_length=10)),
        _added("version", models.PositiveIntegerField(default=1)),
        _added("state", models.CharField(choices=_STATES, default="off", max_length=10)),
        _added("state_since", models.DateTimeField(null=True)),
        _added("state_by", _member()),
        _added("put_back", models.CharField(blank=True, choices=_PUT_BACK, max_length=10)),
        _added("evidence_since", models.DateTimeField(null=True)),
        migrations.RunPython(convert, revert),
        migrations.AlterModelOptions(
            name="autopilotrule",
            options={
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "ordering": ["action", "name", "pk"],
            },
        ),
        migrations.RemoveField(model_name="autopilotrule", name="intent"),
        migrations.RemoveField(model_name="autopilotrule", name="is_on"),
        migrations.AlterField(model_name="autopilotrule", name="state_since", field=models.DateTimeField()),
        migrations.AlterField(model_name="autopilotrule", name="evidence_since", field=models.DateTimeField()),
        migrations.AddConstraint(
            model_name="autopilotrule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("action", ""), _negated=True),
                fields=("merchant", "action"),
                name="one_autopilot_rule_per_action",
            ),
        ),
        migrations.AddConstraint(
            model_name="autopilotrule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("name", ""), _negated=True),
                fields=("merchant", "name"),
                name="one_autopilot_rule_of_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="autopilotrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("action", ""), ("name", ""), _connector="XOR"), name="autopilot_action_or_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="autopilotrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("action", ""), models.Q(("state", "shadow"), _negated=True), _connector="OR"),
                name="autopilot_shadow_of_words",
            ),
        ),
        migrations.CreateModel(
            name="ShadowSend",
            fields=[
                *_row(),
                ("rule", _key("drafting.autopilotrule", related_name="shadow_sends")),
                ("rule_version", models.PositiveIntegerField()),
                ("draft", _key("drafting.draft", related_name="shadow_sends")),
                ("candidate", _key("drafting.draftcandidate")),
                ("created_at", models.DateTimeField()),
            ],
            options=_TENANT,
        ),
        migrations.AddConstraint(
            model_name="shadowsend",
            constraint=models.UniqueConstraint(fields=("rule", "draft"), name="one_shadow_send_per_rule_and_draft"),
        ),
        migrations.AddIndex(
            model_name="shadowsend",
            index=models.Index(fields=["rule", "rule_version", "created_at"], name="shadow_sends_of_rule"),
        ),
        migrations.CreateModel(
            name="AutopilotSend",
            fields=[
                *_row(),
                ("rule", _key("drafting.autopilotrule", related_name="sends")),
                ("rule_version", models.PositiveIntegerField()),
                (
                    "review",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="autopilot_send",
                        to="drafting.review",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("sampled", models.BooleanField()),
                (
                    "judgement",
                    models.CharField(blank=True, choices=[("right", "Right"), ("wrong", "Wrong")], max_length=10),
                ),
                ("reason", models.CharField(blank=True, choices=_REASONS, max_length=20)),
                ("judged_by", _member()),
                ("judged_at", models.DateTimeField(null=True)),
            ],
            options=_TENANT,
        ),
        migrations.AddIndex(
            model_name="autopilotsend",
            index=models.Index(fields=["rule", "created_at"], name="autopilot_sends_of_rule"),
        ),
        migrations.AddIndex(
            model_name="autopilotsend",
            index=models.Index(
                condition=models.Q(("judgement", ""), ("sampled", True)),
                fields=["merchant", "created_at"],
                name="autopilot_sends_to_check",
            ),
        ),
    ]
