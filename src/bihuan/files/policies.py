"""Where policies lie and how they are read: shipped ones by id, others by path, their editions and examples.

A folder is one regulation, a file in it one edition, `examples/` its worked examples. What is in them is the
engine's business.
"""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.finding import Finding, near, near_words
from bihuan.engine.policy import Policy, parse_policy

if TYPE_CHECKING:
    from bihuan.engine.example import Example, ExampleFile

SHIPPED = Path(__file__).parent.parent / "policies"
NOT_POLICIES = frozenset(("calendars", "examples"))


def roots(root: Path | None = None) -> tuple[Path, ...]:
    """Where regulations lie: the shipped ones, then the folders that BIHUAN_POLICIES names."""
    named = os.environ.get("BIHUAN_POLICIES", "")
    return (root,) if root else (SHIPPED, *(Path(each) for each in named.split(os.pathsep) if each))


def folders(root: Path | None = None) -> dict[str, Path]:
    """The folder of every regulation by its id, `<industry>/<name>`; an installed one hides a shipped one."""
    found = [path.parent for each in roots(root) for path in sorted(each.glob("*/*/*.toml"))]
    kept = [folder for folder in found if not NOT_POLICIES & {folder.name, folder.parent.name}]
    by_id = {f"{folder.parent.name}/{folder.name}": folder for folder in kept}
    return dict(sorted(by_id.items()))


def policy_ids(root: Path | None = None) -> tuple[str, ...]:
    """The ids of the regulations shipped and installed."""
    return tuple(folders(root))


def find_policy(name: str | Path, root: Path | None = None) -> Path:
    """The folder or file that an id, its last part (or the unique end of it) or a path means."""
    path = Path(name)
    if path.exists() and (path.suffix == ".toml" or path.is_dir()):
        return path
    ids = folders(root)
    text = str(name)
    matches = [each for each in ids if text in (each, each.split("/")[1])]
    if len(matches) == 1:
        return ids[matches[0]]
    if matches:
        raise CallError(f"{text!r} is the name of {', '.join(matches)}; give the whole id")
    short = {each.split("/")[1]: each for each in ids}
    hint = near_words(near(text, [*ids, *short]), "en")
    raise CallError(f"no policy {text!r} and no such file. {hint or 'Known: ' + ', '.join(ids)}")


def policy_files(root: Path | None = None) -> tuple[Path, ...]:
    """The files of all editions under a folder."""
    return tuple(file for folder in folders(root).values() for file in edition_files(folder))


def edition_files(folder: Path) -> tuple[Path, ...]:
    """The files of a regulation's editions, in the order of their names."""
    return tuple(sorted(folder.glob("*.toml")))


def read_editions(name: str | Path, root: Path | None = None) -> tuple[Policy, ...]:
    """Every edition of a regulation, the oldest first; of a path to a file only that one."""
    place = find_policy(name, root)
    files = edition_files(place) if place.is_dir() else (place,)
    if not files:
        raise CallError(f"no edition (*.toml) in {place}")
    policies = (parse_policy(read_toml(file), str(file)) for file in files)
    return tuple(sorted(policies, key=lambda policy: policy.header.edition or dt.date.min))


def read_policy(
    name: str | Path, edition: dt.date | None = None, *, draft: bool = True, root: Path | None = None
) -> Policy:
    """The edition in force on a day; without a day the newest one in force, else (`draft`) the newest.

    >>> read_policy("dazu-complaint-assessment").id
    'power/dazu-complaint-assessment'
    """
    editions = read_editions(name, root)
    return newest(editions, draft=draft) if edition is None else edition_on(editions, edition)


def newest(editions: Sequence[Policy], *, draft: bool = True) -> Policy:
    """Of the editions of a regulation, oldest first, the newest one in force, else (`draft`) the newest."""
    in_force = [policy for policy in editions if policy.header.status == "in force"]
    if not in_force and not draft:
        raise CallError(
            f"{editions[-1].id} is {editions[-1].header.status}, not in force; judge it with --draft"
        )
    return (in_force or editions)[-1]


def edition_on(editions: Iterable[Policy], day: dt.date) -> Policy:
    """The edition in force on a day; one of unknown date judges where it is the only one."""
    known = list(editions)
    if len(known) == 1 and known[0].header.edition is None:
        return known[0]
    held = [policy for policy in known if in_force_on(policy, day)]
    if not held:
        spans = ", ".join(f"{policy.header.edition or 'unknown'}" for policy in known)
        raise CallError(f"no edition of {known[0].id} is in force on {day}; there are: {spans}")
    return held[-1]


def in_force_on(policy: Policy, day: dt.date) -> bool:
    header = policy.header
    return (
        header.edition is not None and header.edition <= day and (header.until is None or day <= header.until)
    )


def read_examples(policy: Policy) -> tuple[ExampleFile, ...]:
    """The worked examples that stand beside a policy."""
    folder = Path(policy.path).parent / "examples"
    return tuple(read_example_file(file) for file in sorted(folder.glob("*.toml")))


def read_example_file(path: str | Path) -> ExampleFile:
    from bihuan.engine.example import parse_examples  # judging reads none

    return parse_examples(read_toml(Path(path)), str(path))


def examples_of(files: Iterable[ExampleFile]) -> Iterator[Example]:
    for file in files:
        yield from file.example


def findings(name: str | Path, root: Path | None = None, calendars: Collection[str] = ()) -> list[Finding]:
    """What `check` finds in every edition of a policy, beside its examples; of a file that cannot be read, why."""
    place = find_policy(name, root)
    files = edition_files(place) if place.is_dir() else (place,)
    return [finding for file in files for finding in _findings(file, root, calendars)]


def _findings(file: Path, root: Path | None, calendars: Collection[str]) -> list[Finding]:
    from bihuan.engine.check import check  # judging does not check

    try:
        policy = parse_policy(read_toml(file), str(file))
        examples = tuple(examples_of(read_examples(policy)))
    except PolicyError as error:
        return list(error.findings)
    return check(policy, examples, {policy.id, *policy_ids(root)}, calendars)


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file, or an error that says where it is broken."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CallError(f"no such file: {path}") from None
    except UnicodeDecodeError as error:
        finding = Finding("error", "encoding", file=str(path), found=f"byte {error.start}")
    except tomllib.TOMLDecodeError as error:
        finding = Finding("error", "toml", file=str(path), found=str(error))
    raise PolicyError(finding.text(), findings=[finding])
