"""Browsers without a browser: one client a person, logged in."""

import pytest
from django.test import Client


@pytest.fixture
def as_person(desk):
    """A client logged in as the person with this code."""
    from bihuan.desk.models import Person

    def client(code):
        found = Client(HTTP_HOST="127.0.0.1")
        found.force_login(Person.objects.get(code=code))
        return found

    return client
