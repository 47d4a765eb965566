"""The description of the API is what is served, what is in docs, and what every answer fits, whatever is asked."""

import importlib
import json
import pkgutil
import re
import traceback
from pathlib import Path

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from bihuan.desk import actions, api, counts
from tests.desk.api.conftest import Program

EXAMPLES = 2  # of each operation, of what is allowed and of what is not
DOCS = Path(__file__).parents[3] / "docs" / "openapi.json"
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
)


def test_the_description_in_docs_is_the_one_served(db):
    """Written anew by `python -m tools.openapi`."""
    served = Program().get("/openapi.json")
    assert served.status_code == 200
    assert json.loads(DOCS.read_text("utf-8")) == served.json()


def test_no_two_shapes_have_one_name():
    """The description would hold only one of them."""
    found: dict[str, set[type]] = {}
    for module in pkgutil.iter_modules(api.__path__):
        for shape in vars(importlib.import_module(f"{api.__name__}.{module.name}")).values():
            if isinstance(shape, type) and shape.__module__.startswith(f"{api.__name__}."):
                found.setdefault(shape.__name__, set()).add(shape)
    assert len(found) > 50
    assert {name: shapes for name, shapes in found.items() if len(shapes) > 1} == {}


@pytest.fixture
def one_connection():
    """A request leaves the connection open, as Django's own client sees to: the test's transaction lives in it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def asked(desk, case, settings, one_connection):
    """The schema, to be asked by an administrator who may do everything."""
    settings.API_RATE = 10**9
    settings.ALLOWED_HOSTS = ["*"]
    counts.forget()
    _, token = actions.make_token("admin", "admin", by="admin")
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    schema.config.headers = {"Authorization": f"Bearer {token}"}
    return schema


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # files it was handed and left open
def test_nothing_that_is_asked_is_answered_otherwise_than_described(asked):
    """One failure an operation is told, of all operations."""
    wrong = {}
    for found in asked.get_all_operations():
        operation = found.ok()
        try:
            ask(operation)
        except (Exception, FailureGroup) as error:
            wrong[operation.label] = "".join(traceback.format_exception_only(error))[:1500]
    assert wrong == {}, "\n\n".join(f"{name}: {why}" for name, why in wrong.items())
    [token] = asked.config.headers.values()
    assert Program(token.removeprefix("Bearer ")).get("/me").status_code == 200


def ask(operation):
    for mode in GenerationMode:

        @seed(7)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def asking(case):
            case.call_and_validate(checks=list(CHECKS))

        try:
            asking()
        except Unsatisfiable:  # nothing can be wrong with what takes nothing
            assert mode == GenerationMode.NEGATIVE


def test_nobody_without_a_token_is_answered(desk):
    stranger, asked = Program(), 0
    for path, operations in stranger.get("/openapi.json").json()["paths"].items():
        for method, told in operations.items():
            place = re.sub(r"\{\w+\}", "1", path)
            answer = getattr(stranger.client, method)(place, content_type="application/json")
            assert (answer.status_code, told["security"] != []) == (401, True), path
            asked += 1
    assert asked > 50
