"""Whom a forgotten password's letter reaches: the address that the account signs in with, and no other."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm

from cs_portal.merchants.models import User


class ResetPasswordForm(AllauthResetPasswordForm):
    def clean_email(self) -> str:
        """Further addresses of an account do not count, and the letter goes to the account's own spelling.

        A typed look-alike that lower-cases to the address must not be where the letter is sent.
        """
        typed: str = super().clean_email()
        found: list[User] = [user for user in self.users if user.email == typed.lower()]  # type: ignore[has-type]
        self.users = found
        return found[0].email if found else typed
