"""A text that somebody uploads as a file or pastes. What it means is the page's business."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bihuan.desk.pages.forms import Form
from bihuan.i18n import _

MOST = 1_000_000  # bytes


class Uploaded(Form):
    """A file, or its text; cleaned, the text is there either way, and stands in the form to be mended."""

    file = forms.FileField(required=False)
    text = forms.CharField(
        required=False, max_length=MOST, widget=forms.Textarea({"rows": 12, "spellcheck": "false"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("or its text")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        text = read_text(file) if file else cleaned.get("text", "").replace("\r\n", "\n")
        if not text.strip():
            raise ValidationError(_("choose a file, or paste its text"))
        cleaned["text"] = text.strip() + "\n"  # as a form gives it back, so that it is the same text then
        self.put("text", cleaned["text"])
        return cleaned


def read_text(file: Any) -> str:
    """An uploaded file as the text that it is."""
    if file.size > MOST:
        raise ValidationError(_("the file is larger than {most} bytes").format(most=MOST))
    try:
        return str(file.read().decode("utf-8-sig")).replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ValidationError(_("the file is not text in UTF-8")) from None
