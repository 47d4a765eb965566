"""Programs that ask the API, each with a token of a person."""

import json

import pytest
from django.test import Client


class Program:
    """Asks as JSON and is answered as JSON."""

    def __init__(self, token=None, language="en"):
        headers = {"host": "127.0.0.1", "accept-language": language}
        self.client = Client(headers=headers | ({"authorization": f"Bearer {token}"} if token else {}))

    def get(self, path, **query):
        return self.client.get(f"/api{path}", query)

    def post(self, path, said=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/api{path}", json.dumps(said or {}), content_type="application/json", headers=named
        )


@pytest.fixture
def program(desk):
    """A program with a token of the person with this code."""
    from bihuan.desk import actions, counts

    counts.forget()

    def made(code, scope="write", language="en"):
        _, token = actions.make_token(code, scope, by="admin")
        return Program(token, language)

    return made
