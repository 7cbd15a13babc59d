"""Search columns that the database writes itself: whoever inserts a row, it can be found."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Concat, Lower


def _text(field: str) -> Coalesce:
    return Coalesce(F(field), Value(""), output_field=models.CharField())


def searchable(*fields: str) -> models.GeneratedField:
    """The lower-case words of ``fields``, kept by the database."""
    words = [part for name in fields for part in (Value(" "), _text(name))][1:]
    return models.GeneratedField(
        expression=Lower(Concat(*words, output_field=models.CharField())),
        output_field=models.CharField(max_length=600),
        db_persist=True,
    )
