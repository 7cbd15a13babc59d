"""``manage.py collectmessages``: bring the catalogues up to date with the sources (needs the system's gettext)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from cs_portal.core.catalogues import compile_catalogues, fill_source_language, unfinished_entries


class Command(BaseCommand):
    help = (
        "Collect translatable texts into locale/, fill in the English ones, compile, and name what is to be translated."
    )

    def handle(self, **options: Any) -> None:
        call_command(
            "makemessages",
            locale=["en", "zh_Hans"],
            ignore_patterns=[".venv/*", "var/*", "tests/*", "bench/*", "staticfiles/*"],
            no_obsolete=True,
            no_wrap=True,
            add_location="file",
            verbosity=0,
        )
        locale_dir = Path(settings.LOCALE_PATHS[0])
        fill_source_language(locale_dir / "en" / "LC_MESSAGES" / "django.po")
        compile_catalogues(locale_dir)
        for entry in unfinished_entries(locale_dir):
            self.stdout.write(entry)
