from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0007_imports_matched_and_undone")]

    operations = [
        migrations.AlterField(
            model_name="importchange",
            name="kept",
            field=models.CharField(
                blank=True,
                choices=[
                    ("changed", "changed since"),
                    ("gone", "no longer there"),
                    ("used", "something refers to it by now"),
                    ("blocked", "something else has taken its place"),
                ],
                max_length=10,
            ),
        ),
    ]
