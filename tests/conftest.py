"""What all tests share: messages are English unless a test asks otherwise."""

import pytest

from bihuan import i18n


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    """Set by the environment, as for a user, and put back afterwards."""
    monkeypatch.setenv("LANGUAGE", "en")
    i18n.use("en")
