"""What all tests share: messages are English unless a test asks otherwise."""

import pytest
from hypothesis import settings

from bihuan import i18n

settings.register_profile("bihuan", deadline=None)  # how long something takes is never asserted
settings.load_profile("bihuan")


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    """Set by the environment, as for a user, and put back afterwards."""
    monkeypatch.setenv("LANGUAGE", "en")
    i18n.use("en")
