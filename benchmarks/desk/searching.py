"""How quickly a search among 100,000 cases answers: `python -m benchmarks.desk.searching`.

Two characters of all kinds: said in every case, in many, in few, in none. Asked by somebody who sees all and by somebody
of one unit; the rows are looked up, checked against what the person may see, and cut out, as for the page.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.desk.brought import POLICY, log, read, run
from benchmarks.measure import Row

CASES, TIMES = 100_000, 20
UNIT = "河口供电所"
ASKED = ("处理", "电费", "停电", "孙先", "河口", "龙水", "抄表", "窗口", "漏电", "表箱", "刘女", "88")
TEXTS = ["龙水镇电费多收了", "抄表错了"]


def measured(home: Path) -> list[Row]:
    from bihuan.desk import actions, search
    from bihuan.desk.models import Person

    actions.load(read(log(CASES)), POLICY, by="admin")
    actions.add_unit(UNIT, None, by="admin")
    actions.add_person("one", "某某", UNIT, by="admin")
    actions.grant("one", "unit_staff", UNIT, by="admin")
    rows = []
    for who, code in (("sees all", "admin"), ("of one unit", "one")):
        person = Person.objects.get(code=code)
        rows.append(timed(f"search, {who}", [partial(search.find, person, text) for text in ASKED]))
        rows.append(timed(f"similar cases, {who}", [partial(search.similar, person, TEXTS)]))
    return rows


def timed(what: str, questions: list[Callable[[], Any]]) -> Row:
    for question in questions:
        question()
    spent, cpu = [], time.process_time()
    for _ in range(TIMES):
        for question in questions:
            start = time.perf_counter()
            question()
            spent.append(time.perf_counter() - start)
    cpu = (time.process_time() - cpu) / len(spent)
    spent.sort()
    return {
        "what": what,
        "median ms": round(spent[len(spent) // 2] * 1000, 1),
        "p95 ms": round(spent[int(len(spent) * 0.95)] * 1000, 1),
        "processor ms": round(cpu * 1000, 1),
    }


def main() -> None:
    run("desk-searching", "benchmarks.desk.searching", measured)


if __name__ == "__main__":
    main()
