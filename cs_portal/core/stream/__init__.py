"""Live updates: a raw ASGI callable in front of Django that tails the event table (ADR 0002).

:class:`~cs_portal.core.stream.gateway.StreamGateway` answers ``/stream/…`` and the lifespan protocol and hands the
rest to Django. One task, one thread and one connection per process read the table, however many listen.
"""
