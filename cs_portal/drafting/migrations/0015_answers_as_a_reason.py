from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('drafting', '0014_count_hits_of_faqs'),
    ]

    operations = [
        migrations.AlterField(
            model_name='draft',
            name='handover_reason',
            field=models.CharField(blank=True, choices=[('asked_for_person', 'Asked for a person'), ('no_knowledge', 'No knowledge'), ('unsupported_request', 'Unsupported request'), ('policy', 'Policy'), ('tool_failure', 'Tool failure'), ('low_confidence', 'Low confidence'), ('injection', 'Suspicious message'), ('complaint', 'Complaint'), ('answer', 'As the answer says')], max_length=20),
        ),
    ]
