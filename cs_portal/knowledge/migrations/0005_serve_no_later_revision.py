from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0004_describe_faqs")]

    operations = [
        migrations.AddConstraint(
            model_name='faq',
            constraint=models.CheckConstraint(condition=models.Q(('revision__lte', models.F('latest'))), name='faq_serves_the_past'),
        ),
    ]
