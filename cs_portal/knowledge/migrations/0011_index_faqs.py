"""Make the FAQs that exist findable by the full-text index; back again, by their ``search_text``."""

from django.db import migrations

from cs_portal.core.fulltext import merchant_token
from cs_portal.knowledge.content import LocaleText, content_of, from_json, search_text, settings_from_json
from cs_portal.knowledge.search import document

SETTINGS = ("tags", "valid_from", "valid_until", "hand_over", "action", "answers")


def contents(apps):
    """Every FAQ with its newest content."""
    Faq, Revision = apps.get_model("knowledge", "Faq"), apps.get_model("knowledge", "FaqRevision")
    for faq in Faq.objects.prefetch_related("texts").iterator(chunk_size=200):
        newest = None
        if faq.state == "published" and faq.revision != faq.latest:
            newest = Revision.objects.filter(faq=faq, number=faq.latest).first()
        if newest is not None:
            yield faq, from_json(newest.texts, newest.category)
            continue
        texts = ((t.locale, LocaleText(t.question, t.answer, tuple(t.variants))) for t in faq.texts.all())
        settings = {name: getattr(faq, name) for name in SETTINGS}
        yield faq, settings_from_json(content_of(texts, faq.category), settings)


def index(apps, schema_editor):
    Document = apps.get_model("knowledge", "FaqSearchDocument")
    batch = []
    for faq, content in contents(apps):
        tokens = document(faq.key, content, merchant_token(faq.merchant_id))
        batch.append(Document(faq_id=faq.pk, merchant_id=faq.merchant_id, tokens=tokens))
        if len(batch) == 500:
            Document.objects.bulk_create(batch)
            batch = []
    Document.objects.bulk_create(batch)


def back(apps, schema_editor):
    Faq = apps.get_model("knowledge", "Faq")
    for faq, content in contents(apps):
        Faq.objects.filter(pk=faq.pk).update(search_text=search_text(content, faq.key))
    apps.get_model("knowledge", "FaqSearchDocument").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0010_figures_and_search")]

    operations = [migrations.RunPython(index, back)]
