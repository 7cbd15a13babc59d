"""The only reader of the environment. Every variable that the product honours is listed here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    raw = os.environ.get(name)
    return default if raw is None else raw.strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: float) -> float:
    raw = os.environ.get(name)
    if not raw:
        return default
    try:
        return float(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {raw!r}.") from None


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    given = os.environ.get(name) or default
    if given not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {given!r}.")
    return given


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def var_dir() -> Path:
    """Where the product keeps what it writes: database, models, broker, logs, secrets."""
    path = Path(text("CS_PORTAL_VAR") or ROOT / "var")
    # It holds shoppers' data: nobody else on the machine may look in.
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def secret_key(var: Path) -> str:
    """``SECRET_KEY``, or one generated once and kept in a file that only its owner may read."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = var / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(64)
        file.write(key)
    return key


def unless_set(name: str, value: str) -> None:
    """For libraries that read the environment themselves."""
    os.environ.setdefault(name, value)


def database(var: Path) -> dict[str, object]:
    """``DATABASE_URL`` (``sqlite:///path``, ``postgres://user:password@host:port/name``), else SQLite in ``var``."""
    url = text("DATABASE_URL") or f"sqlite:///{var / 'cs_portal.sqlite3'}"
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) or ":memory:",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured("DATABASE_URL must start with sqlite:/// or postgres://.")
