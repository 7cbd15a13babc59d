"""``manage.py checkmessages``: fail on a text that is not translated, half translated or not collected."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cs_portal.core.catalogues import catalogues, unfinished_entries, untranslatable

SOURCES = ("bots", "cs_portal", "templates", "locale", "manage.py")


class Command(BaseCommand):
    help = "Fail on a missing or fuzzy translation, and on a text of the sources that no catalogue holds."

    def handle(self, **options: Any) -> None:
        locale_dir = Path(settings.LOCALE_PATHS[0])
        problems = list(unfinished_entries(locale_dir))
        if not catalogues(locale_dir):
            problems.append(f"there is no catalogue in {locale_dir.name}/")
        if shutil.which("xgettext"):
            problems += self._not_collected(locale_dir)
        else:
            self.stderr.write(
                "xgettext (gettext) is not installed: texts missing from the catalogues were not looked for."
            )
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problem(s) in the translations.")

    def _not_collected(self, locale_dir: Path) -> list[str]:
        """Collect the texts anew in a copy of the sources, so that the catalogues themselves stay as they are."""
        locales = [path.name for path in locale_dir.iterdir() if path.is_dir()]
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder)
            for name in SOURCES:
                source = settings.BASE_DIR / name
                if source.is_dir():
                    shutil.copytree(
                        source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo", "migrations")
                    )
                elif source.exists():
                    shutil.copy(source, copy / name)
            command = [sys.executable, "manage.py", "makemessages", "--no-obsolete", "--no-wrap", "--verbosity", "0"]
            for name in locales:
                command += ["--locale", name]
            subprocess.run(command, cwd=copy, check=True)  # noqa: S603 - our own manage.py
            return list(untranslatable(copy / "locale", locale_dir))
