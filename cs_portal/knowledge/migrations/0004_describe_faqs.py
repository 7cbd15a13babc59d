"""Fill the columns by which the list finds FAQs, for those that exist; see ``services.writing.describe_faqs``."""

from django.db import migrations
from django.db.models import F

from cs_portal.knowledge.content import LocaleText, content_of, folded_phrasings, search_text


def describe(apps, schema_editor):
    Faq, Phrasing = apps.get_model("knowledge", "Faq"), apps.get_model("knowledge", "FaqPhrasing")
    Faq.objects.update(latest=F("revision"))
    for faq in Faq.objects.prefetch_related("texts").iterator(chunk_size=200):
        texts = ((t.locale, LocaleText(t.question, t.answer, tuple(t.variants))) for t in faq.texts.all())
        content = content_of(texts, faq.category)
        faq.title, faq.search_text = content.title, search_text(content, faq.key)
        faq.languages = "".join(f"{code}," for code, text in content.texts.items() if text.is_complete)
        faq.save(update_fields=["title", "search_text", "languages"])
        Phrasing.objects.filter(faq=faq).delete()
        Phrasing.objects.bulk_create(
            Phrasing(merchant_id=faq.merchant_id, faq=faq, folded=folded) for folded in folded_phrasings(content)
        )


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0003_revisions_and_tests")]

    operations = [migrations.RunPython(describe, migrations.RunPython.noop)]
