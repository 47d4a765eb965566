"""What pydantic says about a file, translated into findings: where in the text, what was found, what to do.

Nothing of pydantic's own wording gets out of here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bihuan.engine.finding import Finding, Wrong, near, written

CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown-key",
    "string_type": "text",
    "bool_type": "flag",
    "int_type": "whole",
    "literal_error": "choice",
    "list_type": "list",
    "tuple_type": "list",
    "too_short": "list",
    "too_long": "list",
    "dict_type": "table",
    "model_type": "table",
    "model_attributes_type": "table",
}
Loc = Sequence[int | str]


def findings_of(
    error: ValidationError, data: Mapping[str, Any], model: type[BaseModel], file: str
) -> list[Finding]:
    """Every defect once, in the order of the file."""
    return [
        placed(finding, _plain(detail["loc"]), data, file)
        for detail in error.errors(include_url=False)
        for finding in _translated(detail, model)
    ]


def placed(finding: Finding, loc: Loc, data: Mapping[str, Any], file: str) -> Finding:
    """The finding with the article and rule that the place in the data belongs to."""
    article, rule, rest = "", "", list(loc)
    if len(rest) > 1 and rest[0] == "article":
        table = data["article"][rest[1]]
        article, rest = _article_name(table, int(rest[1])), rest[2:]
        if len(rest) > 1 and isinstance(rest[1], int):
            rule, rest = _rule_name(table[rest[0]][rest[1]], str(rest[0]), rest[1]), rest[2:]
    key = ".".join(part for part in (path(rest), finding.key) if part)
    return finding.at(file=file, article=article, rule=rule, key=key)


def path(loc: Loc) -> str:
    """`facts.limit.rows[2].when`, counting from one."""
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _article_name(table: object, number: int) -> str:
    no = table.get("no") if isinstance(table, Mapping) else None
    return no if isinstance(no, str) else f"article[{number + 1}]"


def _rule_name(table: object, kind: str, number: int) -> str:
    if isinstance(table, Mapping):
        name = table.get("id") or table.get("event")
        if isinstance(name, str):
            return name
    return f"{kind}[{number + 1}]"


def _plain(loc: Loc) -> Loc:
    """Without the tags of unions."""
    return [part for part in loc if not (isinstance(part, str) and part.startswith("<"))]


def _translated(detail: ErrorDetails, model: type[BaseModel]) -> list[Finding]:
    wrong = detail.get("ctx", {}).get("error")
    if isinstance(wrong, Wrong):
        return [_from_wrong(one) for one in wrong.all()]
    code = CODES.get(detail["type"], "unreadable")
    loc, found = _plain(detail["loc"]), written(detail["input"])
    if code == "unknown-key":
        key, names = str(loc[-1]), keys_of(part_at(model, loc[:-1]))
        return [Finding("error", code, found=key, args={"names": names, "near": near(key, names)})]
    if code == "missing":
        return [Finding("error", code, found=str(loc[-1]))]
    if code == "choice":
        names = tuple(re.findall(r"'([^']+)'", detail["ctx"]["expected"]))
        args = {"names": names, "near": near(str(detail["input"]), names)}
        return [Finding("error", code, found=found, args=args)]
    return [Finding("error", code, found=found)]


def _from_wrong(wrong: Wrong) -> Finding:
    plain = wrong.code in ("unknown-key", "one-of", "needs-key")
    found = str(wrong.found) if plain else written(wrong.found)
    return Finding(
        "error", wrong.code, key=wrong.at, found="" if wrong.found is None else found, args=wrong.args_
    )


def part_at(model: type[BaseModel], loc: Loc) -> type[BaseModel]:
    """The table of the file that a place belongs to."""
    for name in loc:
        if isinstance(name, str):
            model = _inner(model, name) or model
    return model


def _inner(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    for name, field in model.model_fields.items():
        if (field.alias or name) == key:
            return _part_in(field.annotation)
    return None


def _part_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((part for each in get_args(annotation) if (part := _part_in(each))), None)


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a table, as written."""
    return tuple(field.alias or name for name, field in model.model_fields.items())
