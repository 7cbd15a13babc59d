"""The list searches the full-text index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0011_index_faqs")]

    operations = [migrations.RemoveField(model_name="faq", name="search_text")]
