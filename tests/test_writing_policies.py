"""Is docs/writing-policies.md true? Every block of it is read, and every key of the language is in it."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from bihuan.engine.check import check
from bihuan.engine.example import Example, parse_examples
from bihuan.engine.policy import Policy, parse_policy
from bihuan.engine.translate import _part_in, keys_of

PAGE = (Path(__file__).parent.parent / "docs" / "writing-policies.md").read_text("utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
HEADER = """[policy]
id = "service/example"
title = "例"
edition = "unknown"
status = "in force"
source = { file = "seed.txt", lines = "1" }
zone = "Asia/Shanghai"
"""


def whole(block):
    """A fragment completed to a file."""
    text = block if "[policy]" in block else HEADER + block
    start = re.search(r"^\s*\[\[article\.", text, re.M)
    if start and "[[article]]" not in text:
        text = f'{text[: start.start()]}\n[[article]]\nno = "第一条"\nsays = "例"\n{text[start.start() :]}'
    return text


def models(model):
    """A table of the language and all tables in it."""
    found = {model}
    for field in model.model_fields.values():
        for inner in parts_in(field.annotation):
            if inner not in found:
                found |= models(inner)
    return found


def parts_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for each in getattr(annotation, "__args__", ()) for part in parts_in(each)]


@pytest.mark.parametrize("block", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_every_block_can_be_read(block):
    if "[[example]]" in block:
        assert parse_examples(tomllib.loads(block), "page").example
    else:
        assert parse_policy(tomllib.loads(whole(block)), "page").id


def test_the_first_block_is_a_sound_policy():
    found = [
        each.text() for each in check(parse_policy(tomllib.loads(BLOCKS[0]), "page")) if each.level == "error"
    ]
    assert found == []


@pytest.mark.parametrize("model", sorted(models(Policy) | models(Example), key=str))
def test_every_key_of_the_language_is_explained(model):
    words = set(re.findall(r"[a-z_]+", PAGE))
    assert set(keys_of(model)) - words - POSITIONAL == set()


POSITIONAL = {"event", "data", "at"}  # an event of an example is a list


def test_the_walk_over_the_model_finds_nested_tables():
    assert _part_in(tuple[Policy, ...] | None) is Policy
    assert {"Extension", "Row", "Cap", "Measure"} <= {each.__name__ for each in models(Policy)}
