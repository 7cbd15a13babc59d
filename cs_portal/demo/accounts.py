"""The people who sign in to the demo store, and the file that tells their passwords."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cs_portal.demo.merchants import FERNHILL, QUILLMOOR
from cs_portal.merchants.models import Role

PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class DemoAccount:
    merchant: str
    role: Role
    email: str
    name: str


ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(FERNHILL.slug, Role.OWNER, "owner@fernhill.example", "Mei Tan"),
    DemoAccount(FERNHILL.slug, Role.ADMIN, "admin@fernhill.example", "Robin Hale"),
    DemoAccount(FERNHILL.slug, Role.OPERATOR, "lina@fernhill.example", "李娜"),
    DemoAccount(FERNHILL.slug, Role.OPERATOR, "sam@fernhill.example", "Sam Porter"),
    DemoAccount(FERNHILL.slug, Role.ANALYST, "analyst@fernhill.example", "Yuki Arai"),
    DemoAccount(QUILLMOOR.slug, Role.OWNER, "owner@quillmoor.example", "Iris Quill"),
)


def read_passwords(path: Path) -> dict[str, str] | None:
    """Passwords by e-mail; None when the file is missing or lacks an account. ``ValueError`` if it is damaged."""
    try:
        rows: Sequence[Mapping[str, Any]] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    passwords = {str(row["email"]): str(row["password"]) for row in rows}
    return passwords if all(account.email in passwords for account in ACCOUNTS) else None


def draw_passwords() -> dict[str, str]:
    """A random password for every account, by e-mail."""
    return {account.email: secrets.token_urlsafe(PASSWORD_BYTES) for account in ACCOUNTS}


def write_passwords(path: Path, passwords: Mapping[str, str]) -> None:
    """Keep the accounts with their passwords in ``path``, which only its owner may read."""
    rows = [
        {
            "merchant": account.merchant,
            "role": account.role.value,
            "name": account.name,
            "email": account.email,
            "password": passwords[account.email],
        }
        for account in ACCOUNTS
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=False, indent=2)
        file.write("\n")
    draft.replace(path)
