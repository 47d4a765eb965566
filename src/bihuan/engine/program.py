"""A policy laid out in integers for the fold, with what has to be asked of the facts of a log.

One program serves the rules about cases, and one each subject that rules are `across`. Everything here depends on
the policy and its parameters only, so a program is made once and used for any log; `columns` answers its questions.
"""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import groupby

from bihuan.engine import layout as at
from bihuan.engine.clock import NONE
from bihuan.engine.draft import OTHER, START_OF_CASE, Action, Draft, Layout
from bihuan.engine.errors import PolicyError
from bihuan.engine.listening import (
    EACH,
    OUTCOMES,
    Mark,
    Node,
    is_sampled,
    listens_to,
    names_of,
    source_of,
    subject_of,
)
from bihuan.engine.prepared import Prepared
from bihuan.engine.rule_records import record
from bihuan.engine.rules import Count, Prohibition, Step, Timed
from bihuan.engine.step_records import marks_of, write_steps

UNKNOWN_YET = (
    at.I_DONE, at.I_ENDED, at.I_PERIOD_END, at.I_PAUSED_AT, at.I_HELD_AT, at.I_STARTED, at.I_DUE, at.I_WARN,
    at.I_NOT_BEFORE, at.I_OUT_UNTIL, at.I_FIXED, at.I_AHEAD, at.I_INSTANT,
)  # fmt: skip


def program_of(prepared: Prepared, subject: str = "") -> Layout:
    """The program of a policy's rules about one kind of subject; "" for those about cases."""
    draft = Draft(prepared, subject)
    steps = [] if subject else list(steps_of(draft))
    rules = own_rules(draft)
    nodes = in_order(draft, [*rules, *marks_of(draft, steps, rules)])
    number(draft, nodes, steps)
    columns = draft.out.columns
    columns["rules"] = [record(draft, node) for node in nodes]
    write_steps(draft, steps)
    write_heard(draft)
    columns["pauses"], columns["extensions"] = draft.pauses, draft.extensions
    columns["periods"] = draft.periods + draft.counted_periods
    columns["follows"] = [n for n in range(len(nodes)) if follows(columns["rules"][n])]
    columns["periodic"] = [n for n in range(len(nodes)) if columns["rules"][n][at.PERIOD] >= 0]
    columns["watched"] = [n for n in range(len(nodes)) if columns["rules"][n][at.WATCHED]]
    columns["blank"] = [blank(draft, n) for n in range(len(nodes))]
    columns["nothing"], columns["zeros"] = [-1] * len(nodes), [0] * len(nodes)
    columns["shape"] = shape(draft)
    return draft.out


def shape(draft: Draft) -> list[int]:
    """The sizes of the program, in the order of `layout`."""
    out, columns = draft.out, draft.out.columns
    return [
        len(out.rules), len(out.tests), len(out.values), len(draft.tracks), out.codes[START_OF_CASE],
        len(columns["periodic"]), len(columns["follows"]), len(columns["watched"]), out.ring,
    ]  # fmt: skip


def blank(draft: Draft, n: int) -> list[int]:
    """An instance of rule `n` on which nothing has happened yet."""
    rule = draft.out.columns["rules"][n]
    fields = dict.fromkeys(range(at.INSTANCE), 0)
    fields |= dict.fromkeys((at.I_KEY, at.I_ROW, at.I_END_ROW, at.I_NEXT), -1)
    fields |= dict.fromkeys(UNKNOWN_YET, NONE)
    fields |= {
        at.I_RULE: n,
        at.I_STATE: at.S_OPEN,
        at.I_FLAGS: at.F_UNSET if n in draft.out.lacking else 0,
        at.I_LIMIT: rule[at.WITHIN],
        at.I_CALENDAR: rule[at.CALENDAR],
    }
    return list(fields.values())


def follows(rule: list[int]) -> bool:
    """Whether a rule's due time is an agreed instant."""
    return rule[at.INSTANT_COL] >= 0 or rule[at.AHEAD_COL] >= 0


def own_rules(draft: Draft) -> list[Node]:
    return [
        rule
        for _, _, rule in draft.policy.rules()
        if isinstance(rule, Timed | Count | Prohibition)
        and subject_of(draft.policy, rule) == draft.out.subject
        and not is_sampled(rule)
    ]


def steps_of(draft: Draft) -> Iterator[tuple[Step, str]]:
    for article, _, rule in draft.policy.rules():
        if isinstance(rule, Step):
            yield rule, article.no


def in_order(draft: Draft, nodes: list[Node]) -> list[Node]:
    """Rules after those whose outcomes they listen to, otherwise as in the text; what is remembered comes last."""
    place = {node.name: n for n, node in enumerate(nodes) if not isinstance(node, Mark)}
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for n, node in enumerate(nodes):
        sources = {place.get(source_of(name)) for name in draft.resolved(listens_to(node))}
        sorter.add(n, *sorted(source for source in sources if source is not None))
    try:
        order = [nodes[n] for n in sorter.static_order()]
    except CycleError as error:
        circle = " -> ".join(str(getattr(nodes[n], "name", "a mark")) for n in error.args[1])
        raise PolicyError(
            f"rules refer to each other in a circle: {circle}; let one of them start from an event of the log",
            file=draft.policy.path or None,
        ) from None
    return sorted(order, key=turn)


def turn(node: Node) -> int:
    """Prohibitions of events are judged on the state before the event; what is remembered is so after everything."""
    first = isinstance(node, Prohibition) and all(source_of(name) == name for name in listens_to(node))
    return 0 if first else 2 if isinstance(node, Mark) else 1


def number(draft: Draft, nodes: list[Node], steps: list[tuple[Step, str]]) -> None:
    """Give a code to every event that matters, then to the outcomes of every rule."""
    out = draft.out
    out.rules = nodes
    out.articles = [draft.policy.article_of(n.name) if not isinstance(n, Mark) else "" for n in nodes]
    draft.numbers = {id(node): n for n, node in enumerate(nodes)}
    draft.by_name = {node.name: n for n, node in enumerate(nodes) if not isinstance(node, Mark)}
    names = dict.fromkeys(heard(draft, nodes, steps))
    codes = [name for name in names if source_of(name) not in draft.by_name]
    codes += [copy for node in nodes for copy in copies(draft, node) if copy.partition(EACH)[0] in codes]
    codes += [OTHER, START_OF_CASE]
    codes += [f"{name}.{outcome}" for name in draft.by_name for outcome in OUTCOMES]
    out.codes = {name: n for n, name in enumerate(dict.fromkeys(codes))}


def heard(draft: Draft, nodes: list[Node], steps: list[tuple[Step, str]]) -> Iterator[str]:
    """Every event and outcome that a rule or step knows."""
    for node in nodes:
        yield from draft.resolved(listens_to(node))
        if isinstance(node, Timed) and node.ahead_of and node.ahead_of not in draft.policy.facts:
            yield node.ahead_of
    yield from names_of(draft.policy.header.void_by)
    yield from (event for step, _ in steps for event in step.event)


def copies(draft: Draft, node: Node) -> Iterator[str]:
    """Codes of the further copies of an event that carries several values of what separates instances."""
    many = draft.many_key(node)
    if many is not None:
        yield from (f"{name}{EACH}{many}" for name in draft.resolved(listens_to(node)))


def write_heard(draft: Draft) -> None:
    """Who hears each event and outcome, in the order of the rules."""
    columns = draft.out.columns
    columns["heard_from"], columns["heard"], columns["asks"] = [0], [], []
    for code in range(len(draft.out.codes)):
        for n, actions in groupby(sorted(draft.actions.get(code, [])), key=lambda action: action.rule):
            columns["heard"].append(heard_record(draft, n, list(actions)))
        columns["heard_from"].append(len(columns["heard"]))


def heard_record(draft: Draft, n: int, actions: list[Action]) -> list[int]:
    """What an event fires in rule `n`: surely, and if what is asked of it holds."""
    asks = draft.out.columns["asks"]
    begin, surely = len(asks), 0
    for action in actions:
        if action.test < 0 and action.persons < 2:
            surely |= action.bits
        else:
            asks.append([action.bits, action.test, action.persons, action.mark, action.since])
    return [n, surely, does(draft.out.columns["rules"][n], surely, len(asks) - begin), begin, len(asks)]


def does(rule: list[int], surely: int, asks: int) -> int:
    """What an event surely does to a rule that has at most one instance; all else is found out in the fold."""
    if asks or rule[at.KIND] >= at.COUNT or rule[at.PER] >= 0 or rule[at.PERIOD] >= 0:
        return at.ACTS
    if surely == at.START and rule[at.WHEN] < 0 and not rule[at.ONCE]:
        return at.OPENS
    return at.ENDS if surely == at.END and rule[at.AT_ONCE] else at.ACTS
