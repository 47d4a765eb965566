"""What the desk says of a password that is too short: Django's own words for it are not in every language."""

from django.contrib.auth.password_validation import MinimumLengthValidator

from bihuan.i18n import _


class LongEnough(MinimumLengthValidator):
    """Long enough, told in the reader's language."""

    def get_error_message(self) -> str:
        return _("A password has at least {n} characters.").format(n=self.min_length)
