"""``manage.py compilecatalogues``: the ``.mo`` files from the ``.po`` files, without the system's gettext."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cs_portal.core.catalogues import compile_catalogues


class Command(BaseCommand):
    help = "Compile the translation catalogues that have changed."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for path in compile_catalogues(Path(folder)):
                self.stdout.write(f"compiled {path.relative_to(settings.BASE_DIR)}")
