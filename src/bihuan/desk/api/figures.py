"""Supervision for programs: how much is late and will be, and the figures of the periods that run, with the cases behind."""

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from bihuan.desk.api.routes import read
from bihuan.desk.api.tokens import asker
from bihuan.desk.api.types import Id, Word
from bihuan.desk.pages import charges, figures, supervision

router = Router(tags=["figures"])


class Bar(Schema):
    """Of a unit or a rule: how many are late, will be before midnight, and on the six days after."""

    name: str
    label: str
    late: int
    today: int
    week: int


class Before(Schema):
    """What a figure was in the period before."""

    period: str | None
    numerator: str | None
    denominator: str | None
    value: str | None
    state: str


class Figure(Schema):
    """A figure of a unit, of all units, or of a group; without a value its state says why."""

    indicator: str
    label: str
    article: str
    unit: str | None
    group: str | None
    period: str | None
    numerator: str | None
    denominator: str | None
    value: str | None
    state: str
    share: bool
    target: str | None
    target_met: bool | None
    band: str | None
    note: str | None
    before: Before | None = None


class Taken(Schema):
    """The figures of an edition, as of when they were taken; over all its cases of the period, or the newest."""

    id: int
    policy: str
    edition: str
    as_of: dt.datetime
    cases: int
    whole: bool
    problem: str
    figures: list[Figure]


class Behind(Schema):
    """A row behind a figure: it counts, only divides, or is left out and why."""

    case: str | None
    unit: str | None
    group: str | None
    part: str
    why: str | None


class Charge(Schema):
    """What a regulation proposes to charge for something; without an amount its state and note say why."""

    policy: str
    number: str
    case: str
    rule: str
    article: str | None
    at: dt.datetime
    unit: str | None
    payer: str | None
    amount: str | None
    measure: str | None
    state: str
    how: str | None
    sanction: str | None
    note: str | None


@read(router, "/supervision", list[Bar])
def get_supervision(
    request: HttpRequest, by: Literal["unit", "rule"] = "unit", policy: Word | None = None, unit: Word | None = None,
    rule: Word | None = None,
) -> Any:  # fmt: skip
    """What is late and what will be, counted; the lists are `/work` with `due_before`."""
    asked = {"policy": policy or "", "unit": unit or "", "rule": rule or ""}
    rows = supervision.narrowed(supervision.owed(asker(request)), asked)
    return [{name: getattr(one, name) for name in Bar.model_fields} for one in supervision.chart(rows, by)]


@read(router, "/figures", list[Taken])
def list_figures(request: HttpRequest, policy: Word | None = None) -> Any:
    """The indicators of the regulations for the periods that run, of units that the asker sees."""
    return [
        {
            "id": one.measure.pk, "policy": one.measure.edition.policy, "edition": one.measure.edition.hash,
            "figures": [row.told | {"group": row.group} for each in one.indicators for row in each.figures],
        } | {name: getattr(one.measure, name) for name in ("as_of", "cases", "whole", "problem")}
        for one in figures.taken(asker(request), policy or "")
    ]  # fmt: skip


@read(router, "/figures/{id}/behind", list[Behind])
def list_behind(
    request: HttpRequest, id: Id, indicator: Word, period: Word | None = None, unit: Word | None = None
) -> Any:
    """The rows behind a figure, those that miss first."""
    rows, _ = figures.behind(asker(request), id, indicator=indicator, period=period or "", unit=unit or "")
    return rows


@read(router, "/charges", list[Charge])
def list_charges(
    request: HttpRequest, policy: Word | None = None, month: Word | None = None, unit: Word | None = None,
    case: Word | None = None,
) -> Any:  # fmt: skip
    """What is proposed to be charged, of this month and the one before, of units that the asker sees; `month` as 2026-10."""
    asked = {"policy": policy or "", "month": month or "", "unit": unit or "", "case": case or ""}
    return [
        row | {"policy": measure.edition.policy, "rule": row["id"], "amount": None if row["amount"] is None else str(row["amount"])}
        for measure, table in charges.taken(asker(request), asked)
        for row in table.to_dicts()
    ]  # fmt: skip
