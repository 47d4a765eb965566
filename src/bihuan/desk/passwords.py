"""What the desk says of a password that is too short or too much like its owner: Django's own words for it are not in
every language, or name columns of a table.
"""

from django.contrib.auth.password_validation import MinimumLengthValidator, UserAttributeSimilarityValidator

from bihuan.i18n import _


class LongEnough(MinimumLengthValidator):
    """Long enough, told in the reader's language."""

    def get_error_message(self) -> str:
        return _("A password has at least {n} characters.").format(n=self.min_length)


class Unlike(UserAttributeSimilarityValidator):
    """Not like the account or the name."""

    def get_error_message(self) -> str:
        return _("The password is too much like your account or your name.")
