"""The JSON Schema of a policy file, for editors: made from the model, with patterns for the small grammars.

It says what can be written at a key. What names mean together only `check` can say.
"""

from __future__ import annotations

from typing import Any

from bihuan.engine.fields import ID
from bihuan.engine.limit import CLOCK, LIMIT, NAME, PERIOD
from bihuan.engine.pattern import BOUNDS, EVENT
from bihuan.engine.policy import Policy

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
DATE = r"\d{4}-\d{2}-\d{2}"


def policy_schema() -> Schema:
    """What an editor needs to complete and check a policy file."""
    schema = without_null(resolved(Policy.model_json_schema(by_alias=True, mode="validation")))
    schema["$defs"] = {**schema.get("$defs", {}), **DEFINITIONS}
    relax(schema["$defs"])
    return {"$schema": DRAFT, **schema, "title": "Bihuan policy"}


def text(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^({pattern})$"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def listed(schema: Schema) -> Schema:
    return {"type": "array", "items": schema, "minItems": 1}


def table(required: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


# TOML dates reach a schema as text in that form.
DATED: Schema = {"type": "string", "format": "date", "pattern": f"^{DATE}$"}
NUMBER: Schema = {"type": "number"}
VALUE: Schema = {"type": ["string", "number", "boolean"]}
REFERENCE = table(("by",), by={"type": "string"})
BOUND = either(VALUE, REFERENCE)

DEFINITIONS: dict[str, Schema] = {
    "id": text(ID),
    "name": text(NAME),
    "names": either({"type": "string"}, listed({"type": "string"})),
    "limit": either(text(f"{LIMIT}|{NAME}"), REFERENCE),
    "plain_limit": text(LIMIT),
    "period": text(PERIOD),
    "periods": either(text(f"{PERIOD}|{NAME}"), REFERENCE),
    "number": either(NUMBER, text(NAME), REFERENCE),
    "plain_number": NUMBER,
    "money": either(NUMBER, text(NAME)),
    "amount": either(
        NUMBER,
        text(NAME),
        table(("between",), between={"type": "array", "items": ref("money"), "minItems": 2, "maxItems": 2}),
        table(("from",), **{"from": ref("money")}),
        REFERENCE,
    ),
    "payer": either({"type": "string"}, table(("all",), all=listed({"type": "string"}))),
    "ends": either({"enum": ["close", "same time"]}, text(CLOCK)),
    "edition": either({"const": "unknown"}, DATED),
    "date": DATED,
    "scalar": either(VALUE, listed(VALUE)),
    "test": either(
        VALUE,
        listed(VALUE),
        table(("not",), **{"not": either(VALUE, listed(VALUE))}),
        table(("known",), known={"type": "boolean"}),
        table(("all",), all=listed(VALUE)),
        {**table((), **dict.fromkeys(BOUNDS, BOUND), **{"from": text(NAME)}), "minProperties": 1},
    ),
    "condition": {"type": "object", "additionalProperties": ref("test")},
    "event": either(
        text(EVENT),
        table(
            ("event",),
            event=either(text(EVENT), listed(text(EVENT))),
            where=ref("condition"),
            by=text(NAME),
            since=text(EVENT),
            at_least={"type": "integer", "minimum": 1},
        ),
    ),
    "pattern": either(ref("event"), listed(ref("event")), table(("all",), all=listed(ref("pattern")))),
    "patterns": either(ref("pattern"), listed(ref("pattern"))),
}


def resolved(part: Any) -> Any:
    """Placeholders of field types replaced by references to their one definition."""
    if isinstance(part, list):
        return [resolved(each) for each in part]
    if not isinstance(part, dict):
        return part
    read = {key: resolved(value) for key, value in part.items() if key != "x-type"}
    return {**ref(part["x-type"]), **read} if "x-type" in part else read


def without_null(part: Any) -> Any:
    """TOML has no null: what may be left out is simply not required."""
    if isinstance(part, list):
        return [without_null(each) for each in part]
    if not isinstance(part, dict):
        return part
    read = {
        key: without_null(value) for key, value in part.items() if not (key == "default" and value is None)
    }
    options = [each for each in read.get("anyOf", ()) if each != {"type": "null"}]
    if len(options) == 1:
        read = {**{key: value for key, value in read.items() if key != "anyOf"}, **options[0]}
    elif options:
        read["anyOf"] = options
    return {key: value for key, value in read.items() if key != "title" or not isinstance(value, str)}


def relax(defs: dict[str, Schema]) -> None:
    """Where the file may be shorter than the model: a label for a role, a name for a fact asked, an implied type."""
    for name in ("Role", "Entry"):
        defs[name] = either({"type": "string"}, defs[name])
    defs["Fact"]["required"] = [key for key in defs["Fact"].get("required", ()) if key != "type"]
