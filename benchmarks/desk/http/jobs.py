"""What is asked of each server: one list of requests a job and pass, the same work in the words of each.

What a server cannot do is left out, never imitated.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from benchmarks.desk.http.desks import FACTS, POLICY

Request = tuple[str, str, dict[str, str], str]
WRITES = {"create", "append"}
WORDS = ("电费", "停电", "供电", "投诉", "客户", "抄表")  # two characters each
MOST = 4000  # requests of one pass


def jobs(server: str, job: str, turn: int, known: Mapping[str, Any]) -> list[Request]:
    ask = {"desk": of_desk, "bare": of_bare, "bare, logged in": of_bare}.get(server, of_helpdesk)
    return ask(job, turn, known)


def numbers(turn: int) -> list[str]:
    return [f"B{turn}-{n}" for n in range(MOST)]


def of_desk(job: str, turn: int, known: Mapping[str, Any]) -> list[Request]:
    as_program = {
        "Host": "127.0.0.1",
        "Authorization": f"Bearer {known['token']}",
        "Content-Type": "application/json",
    }
    token = "x" * 32  # a browser has one from the page where somebody logged in
    sessions = {
        code: {"Host": "127.0.0.1", "Cookie": f"sessionid={key}; csrftoken={token}"}
        for code, key in known["sessions"].items()
    }
    director = sessions["director1"]
    match job:
        case "create":
            return [
                ("POST", "/api/cases", as_program | {"Idempotency-Key": number}, json.dumps(
                    {"policy": POLICY, "number": number, "unit": "95598班", "facts": FACTS}, ensure_ascii=False))
                for number in numbers(turn)
            ]  # fmt: skip
        case "append":
            said = json.dumps({"event": "ticket_made", "facts": {"item": "billing"}})
            return [
                ("POST", f"/api/cases/{number}/events", as_program | {"Idempotency-Key": f"a-{number}"}, said)
                for number in known["made"]
            ]
        case "worklist":
            return [("GET", "/work/", director, "")]
        case "worklist of a station":
            return [("GET", "/work/", sessions["longshui1"], "")]
        case "worklist as data":
            return [("GET", "/api/work", as_program, "")]
        case "case page":
            return [("GET", f"/case/{number}/", director, "") for number in known["cases"]]
        case "search, two characters":
            return [("GET", f"/search/?q={quote(word)}", director, "") for word in WORDS]
    return []


def of_bare(job: str, turn: int, known: Mapping[str, Any]) -> list[Request]:
    plain = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Cookie": f"sessionid={known['bare session']}",
    }
    match job:
        case "create":
            return [
                ("POST", "/cases", plain, json.dumps({"number": number, "unit": "95598班", "facts": FACTS}))
                for number in numbers(turn)
            ]
        case "append":
            said = json.dumps({"event": "ticket_made", "facts": {"item": "billing"}})
            return [("POST", f"/cases/{number}/events", plain, said) for number in known["made"]]
        case "worklist":
            return [("GET", "/work/", plain, "")]
        case "case page":
            return [("GET", f"/case/{number}/", plain, "") for number in known["cases"]]
    return []


def of_helpdesk(job: str, turn: int, known: Mapping[str, Any]) -> list[Request]:
    token = "x" * 32
    cookie = f"sessionid={known['session']}; csrftoken={token}"
    staff = {"Host": "127.0.0.1", "Cookie": cookie, "X-CSRFToken": token, "Content-Type": "application/json"}
    ids = range(1, known["count"] + 1)
    match job:
        case "create":
            return [
                ("POST", "/helpdesk/api/tickets/", staff, json.dumps({"queue": 1, "title": f"电费账单有疑问 {number}",
                    "description": "电费账单有疑问" * 3, "submitter_email": "customer@example.cn", "priority": 3}))
                for number in numbers(turn)
            ]  # fmt: skip
        case "append":
            return [
                ("POST", "/helpdesk/api/followups/", staff, json.dumps(
                    {"ticket": n, "title": "已派单", "comment": "转营业班办理", "public": True}))
                for n in list(ids)[turn * MOST : (turn + 1) * MOST] or ids
            ]  # fmt: skip
        case "worklist":
            return [("GET", datatables({"filtering": {"status__in": [1]}, "sorting": "due_date"}), staff, "")]
        case "case page":
            step = max(1, len(ids) // 5000)
            return [("GET", f"/helpdesk/tickets/{n}/", staff, "") for n in ids[::step]]
        case "search, two characters":
            return [
                ("GET", datatables({"search_string": word, "sorting": "due_date"}), staff, "")
                for word in WORDS
            ]
    return []


def datatables(query: Mapping[str, Any]) -> str:
    """The list as its page asks for it: fifty rows, by due date."""
    text = b64encode(
        json.dumps({"filtering": {}, "sortreverse": False, "search_string": "", **query}).encode()
    ).decode()
    asked = "draw=1&start=0&length=50&order[0][column]=6&order[0][dir]=asc&search[value]="
    return f"/helpdesk/datatables_ticket_list/{quote(text)}?{asked}"


def lines(requests: Sequence[Request]) -> str:
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in requests)
