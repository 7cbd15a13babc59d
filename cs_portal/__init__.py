"""CS Portal: a customer-service portal for e-commerce merchants."""

from cs_portal.celery import app as celery_app

__all__ = ["celery_app"]
