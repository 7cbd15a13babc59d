"""What must be so before the product starts. Each check raises ``NotReady`` with one sentence that says what to do."""

from __future__ import annotations

import errno
import shutil
import socket
from contextlib import closing
from pathlib import Path

from django.db import DatabaseError, connection

FREE_BYTES = 300_000_000
PORTS_TRIED = 50


class NotReady(Exception):
    """The product cannot start; the message is one sentence for the person at the terminal."""


def check_port(host: str, port: int, *, variable: str) -> None:
    """Fail if ``host:port`` cannot be listened on; ``variable`` is the environment variable that chooses the port."""
    if problem := _why_not_free(host, port):
        if problem == errno.EADDRINUSE:
            raise NotReady(
                f"Port {port} on {host} is in use by another program: stop that one, or choose another port with "
                f"{variable}={_next_free(host, port)} (as in `{variable}={_next_free(host, port)} make run`)."
            )
        if problem == errno.EACCES:
            raise NotReady(f"Port {port} needs more rights than you have: choose one above 1023 with {variable}=8000.")
        raise NotReady(f"This machine cannot listen on {host}:{port} (HOST, {variable}): {_name(problem)}.")


def check_disk(folder: Path, *, free_bytes: int = FREE_BYTES) -> None:
    free = shutil.disk_usage(folder).free
    if free < free_bytes:
        raise NotReady(
            f"The disk that holds {folder} has only {free // 1_000_000} MB left and {free_bytes // 1_000_000} MB are "
            "needed: free some space, or move the data elsewhere with CS_PORTAL_VAR=/another/folder."
        )


def check_database() -> None:
    """Fail if the database of ``DATABASE_URL`` does not answer. The password is never shown."""
    settings = connection.settings_dict
    where = f"{settings['NAME']}" + (f" on {settings['HOST']}" if settings["HOST"] else "")
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise NotReady(f"The database {where} (DATABASE_URL) cannot be opened: {_first_line(error)}.") from error


def _why_not_free(host: str, port: int) -> int | None:
    """The error number of an attempt to listen, or None if it would work."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        # As the web server does: a port whose last connections still time out counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except socket.gaierror:
            return errno.EADDRNOTAVAIL
        except OverflowError:
            return errno.EINVAL
        except OSError as error:
            return error.errno or errno.EIO
    return None


def _next_free(host: str, port: int) -> int:
    for other in range(port + 10, port + 10 * PORTS_TRIED, 10):
        if _why_not_free(host, other) is None:
            return other
    return 0


def _name(number: int) -> str:
    return {
        errno.EADDRNOTAVAIL: "it is no address of this machine",
        errno.EINVAL: "a port is a number from 1 to 65535",
    }.get(number, errno.errorcode.get(number, str(number)))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
