"""How often a page asks the database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


def questions(client, address, **asked):
    client.get(address, asked)  # what is kept in memory is not asked again
    with CaptureQueriesContext(connection) as found:
        assert client.get(address, asked).status_code == 200
    return len(found)
