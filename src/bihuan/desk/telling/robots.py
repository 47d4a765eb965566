"""Robots of chat groups (WeCom, DingTalk, Feishu): what is theirs alone and Apprise does not look at.

They answer 200 also where they refuse, and say so in the body: a wrong key, a word that is lacking, too many messages.
Apprise takes that for sent. WeCom refuses a text of more than 2,048 bytes. And DingTalk's signature is quoted by Apprise
before it is put into the address, where it is quoted again: DingTalk says that it does not match.
"""

import json
import logging
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

ROBOTS = ("wecombot", "dingtalk", "feishu", "lark")
CODES = {"errcode": "errmsg", "code": "msg", "StatusCode": "StatusMessage"}  # what is wrong where it is not 0
BYTES = {"wecombot": 2000}  # of title and text together
REFUSED = 400


@cache
def heed() -> None:
    """From now on, in this process, a refusal of a robot is one."""
    import requests

    def post(*args: Any, **more: Any) -> requests.Response:
        if signed := (more.get("params") or {}).get("sign"):
            more["params"] |= {"sign": unquote(signed)}
        answer = requests.post(*args, **more)
        if answer.ok and (said := refusal(answer.text)):
            logging.getLogger("apprise").warning(said)
            answer.status_code = REFUSED
        return answer

    for name in ROBOTS:
        plugin: Any = import_module(f"apprise.plugins.{name}")
        plugin.requests = SimpleNamespace(**{**vars(requests), "post": post})


def refusal(text: str) -> str:
    """Why a robot did not take a message; nothing where it did.

    >>> refusal('{"errcode": 93000, "errmsg": "invalid webhook url"}')
    '93000 invalid webhook url'
    >>> refusal('{"code": 0, "msg": "success"}')
    ''
    """
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    codes = [(told[name], told.get(says, "")) for name, says in CODES.items() if name in told]
    return next((f"{code} {says}" for code, says in codes if code != 0), "")


def room(address: str) -> int | None:
    """How many bytes a message there may have, where it is few."""
    return BYTES.get(address.partition("://")[0])
