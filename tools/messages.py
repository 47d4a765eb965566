"""Every message that Bihuan can raise or write into a log's table of what was left out, as templates.

They are read out of the source: the text of `raise LogError(f"no sheet {sheet!r}")` is the template
`no sheet {0!r}`. Names are followed to what they were assigned, calls to what the function returns. Libraries' own
words that get into messages stand here as lists. Knows no language.
"""

import ast
import errno
import os
import re
import xml.parsers.expat.errors as expat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "bihuan"
ERRORS = frozenset({"BihuanError", "PolicyError", "CalendarError", "LogError", "CallError"})
ERRORS |= {
    "RefusedError",
    "StaleError",
    "DoubledError",
    "RepeatedError",
    "MissingError",
    "ForbiddenError",
    "UnavailableError",
    "BackupError",
}  # the desk's
IN_FILES = ERRORS | {"ValueError"}  # of files' models: pydantic hands them on
ALL_TEXTS = ("files/site.py",)  # a module of which every sentence is shown
REASONS = (
    "files/reading.py",
    "files/tables.py",
    "files/instants.py",
    "files/logs.py",
    "engine/log.py",
    "desk/actions/loading.py",
)
EXPECTATIONS = "engine/prepared.py"
WORD = re.compile(r"[A-Za-z]+")


COMPOSED = (  # put together by methods, which are not followed
    "Did you mean {0}?", "{0} = {1} breaks its bound {2}", "{0} (found {1})", "byte {0}",
    "1 defect", "{0} defects", "one of {0}", "{0}: {1}",
    "{0} from {1} to {2}", "{0}:{1}: {2} (found {3!r})",
)  # fmt: skip
TOML = (  # tomllib's
    "{0} (at line {1}, column {2})", "{0} (at end of document)", "Expected '=' after a key in a key/value pair",
    "Expected newline or end of document after a statement", "Invalid statement", "Invalid value", "Unclosed array",
    "Unclosed inline table", "Invalid initial character for a key part", "Cannot overwrite a value",
    "Cannot declare {0} twice", "Cannot mutate immutable namespace {0}", "Unterminated string",
    "Duplicate inline table key {0!r}", "Illegal character {0!r}", "Expected {0!r}", "Invalid date or datetime",
    "Expected ']' at the end of a table declaration", "Expected ']]' at the end of an array declaration",
    "Cannot redefine namespace {0}", "Unescaped '\\' in a string", "Found invalid character {0!r}",
    "Invalid hex value", "Escaped character is not a Unicode scalar value",
)  # fmt: skip
LIBRARIES = (  # of codecs, gzip, zlib, datetime, holidays
    "{0!r} codec can't decode byte {1} in position {2}: {3}", "{0!r} codec can't decode bytes in position {1}: {2}",
    "invalid start byte", "invalid continuation byte", "unexpected end of data",
    "Compressed file ended before the end-of-stream marker was reached", "CRC check failed {0} != {1}",
    "Incorrect length of data produced", "Error {0} while decompressing data: {1}",
    "Country {0} not available", "Entity `{0}` does not have subdivision {1}",
    "month must be in 1..12", "day is out of range for month", "hour must be in 0..23", "minute must be in 0..59",
    "second must be in 0..59", "Invalid isoformat string: {0!r}", "year {0} is out of range",
)  # fmt: skip
PYDANTIC = (  # what it says of mappings and calendars
    "Field required", "Extra inputs are not permitted", "Input should be a valid string",
    "Input should be a valid integer", "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid integer, got a number with a fractional part", "Input should be a valid number",
    "Input should be a valid number, unable to parse string as a number", "Input should be a valid boolean",
    "Input should be a valid boolean, unable to interpret input", "Input should be {0!r} or {1!r}", "Input should be a valid list",
    "Input should be greater than or equal to {0}", "Input should be a valid dictionary", "{0} or {1}",
    "Input should be a valid tuple", "Input should be a valid dictionary or instance of {0}",
)  # fmt: skip
SYSTEM = (
    errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOSPC, errno.EROFS,
    errno.EMFILE, errno.EIO, errno.ENAMETOOLONG, errno.ENOTEMPTY, errno.ELOOP, errno.EDQUOT, errno.EINVAL,
)  # fmt: skip
XML = (
    "XML_ERROR_NO_ELEMENTS", "XML_ERROR_INVALID_TOKEN", "XML_ERROR_UNCLOSED_TOKEN", "XML_ERROR_TAG_MISMATCH",
    "XML_ERROR_SYNTAX", "XML_ERROR_DUPLICATE_ATTRIBUTE", "XML_ERROR_JUNK_AFTER_DOC_ELEMENT", "XML_ERROR_XML_DECL",
    "XML_ERROR_UNDEFINED_ENTITY", "XML_ERROR_UNKNOWN_ENCODING", "XML_ERROR_INCORRECT_ENCODING",
    "XML_ERROR_PARTIAL_CHAR", "XML_ERROR_UNCLOSED_CDATA_SECTION", "XML_ERROR_UNBOUND_PREFIX",
)  # fmt: skip


@dataclass
class Module:
    """One file of the source: its tree, its functions by name, what its names stand for."""

    path: str
    tree: ast.Module
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    constants: dict[str, list[ast.expr]] = field(default_factory=dict)


@dataclass
class Found:
    """Templates, the sites whose text could not be followed, and the places that errors name."""

    templates: set[str] = field(default_factory=set)
    unfollowed: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)


def templates() -> set[str]:
    """Every message, and every part of one that has words of its own."""
    return collected().templates | set(COMPOSED) | from_libraries()


def from_libraries() -> set[str]:
    """What the system and the parsers say."""
    told = {*TOML, *LIBRARIES, *PYDANTIC, *(os.strerror(number) for number in SYSTEM)}
    return told | {getattr(expat, name) for name in XML}


@cache
def collected(source: Path = SOURCE) -> Found:
    """What the source itself says."""
    modules = [read(path, source) for path in sorted(source.rglob("*.py"))]
    follow = Follower({name: (m, f) for m in modules for name, f in m.functions.items()})
    for module in modules:
        follow.sites(module)
    return follow.found


def read(path: Path, source: Path) -> Module:
    module = Module(path.relative_to(source).as_posix(), ast.parse(path.read_text("utf-8")))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            module.functions[node.name] = node
    module.constants = assigned(module.tree.body)
    return module


def assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """What is assigned to each name."""
    values: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values.setdefault(node.targets[0].id, []).append(node.value)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            values.setdefault(node.target.id, []).append(node.value)
    return values


@dataclass
class Scope:
    """Where an expression stands."""

    module: Module
    names: dict[str, list[ast.expr]]


class Follower:
    """Goes from the sites to the texts."""

    def __init__(self, functions: dict[str, tuple[Module, ast.FunctionDef]]) -> None:
        self.functions = functions
        self.found = Found()
        self.open: set[int] = set()  # a function may call itself, a name be made from itself

    def sites(self, module: Module) -> None:
        errors = IN_FILES if module.path.startswith("files/") else ERRORS
        for scope, node in calls(module):
            name = called(node)
            if name in errors and node.args:
                self.site(node, node.args[0], scope)
            elif name == "excluded" and len(node.args) == 4:
                self.texts(node.args[3], scope)
        self.found.templates |= set(sentences(module.tree)) if module.path in ALL_TEXTS else set()
        if module.path in REASONS:
            values = (value for many in module.constants.values() for value in many)
            self.found.templates |= {text for each in values if is_text(each) for text in sentences(each)}
        for value in reasons(module.tree):
            self.found.templates |= set(sentences(value))
        if module.path == EXPECTATIONS:
            self.found.templates |= {
                text for each in module.constants["EXPECTED"] for text in sentences(each)
            }

    def site(self, node: ast.Call, message: ast.expr, scope: Scope) -> None:
        self.found.places |= {each.arg for each in node.keywords if each.arg} - {"findings", "file", "line"}
        if not self.texts(message, scope):
            self.found.unfollowed.add(f"{scope.module.path}: {ast.unparse(message)}")

    def texts(self, node: ast.expr, scope: Scope) -> set[str]:
        """The templates of an expression; those of its values are found on the way."""
        if id(node) in self.open:
            return set()
        self.open.add(id(node))
        made = set(self.follow(node, scope))
        self.open.discard(id(node))
        made = {text for text in made if WORD.search(re.sub(r"\{.*?\}", "", text))}
        self.found.templates |= made
        return made

    def follow(self, node: ast.expr, scope: Scope) -> Iterator[str]:
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            yield from self.literal(node, scope)
        elif isinstance(node, ast.IfExp):
            yield from self.texts(node.body, scope) | self.texts(node.orelse, scope)
        elif isinstance(node, ast.BoolOp):
            for each in node.values:
                yield from self.texts(each, scope)
        elif isinstance(node, ast.Name):
            for value in scope.names.get(node.id, scope.module.constants.get(node.id, [])):
                yield from self.texts(value, scope)
        elif isinstance(node, ast.Call):
            yield from self.call(node, scope)

    def literal(self, node: ast.expr, scope: Scope) -> Iterator[str]:
        parts = list(pieces(node))
        number, text = 0, ""
        for part in parts:
            if isinstance(part, str):
                text += part.replace("{", "{{").replace("}", "}}")
                continue
            value, quoted = part
            text += f"{{{number}!r}}" if quoted else f"{{{number}}}"
            number += 1
            if not quoted:
                self.texts(value, scope)
        if any(isinstance(part, str) for part in parts):
            yield text

    def call(self, node: ast.Call, scope: Scope) -> Iterator[str]:
        name = called(node)
        if name in ("join", "rstrip", "fromkeys") and isinstance(node.func, ast.Attribute):
            inner = node.args[0] if name != "rstrip" else node.func.value
            if isinstance(inner, ast.GeneratorExp):
                inner = inner.elt
            yield from self.texts(inner, scope)
        elif name in self.functions:
            module, function = self.functions[name]
            body = list(ast.walk(function))
            inside = Scope(module, assigned(body))
            for each in body:
                if isinstance(each, ast.Return) and each.value:
                    yield from self.texts(each.value, inside)


def calls(module: Module) -> Iterator[tuple[Scope, ast.Call]]:
    """Every call, with the names of the outermost function around it."""
    for top in module.tree.body:
        members = top.body if isinstance(top, ast.ClassDef) else [top]
        for member in members:
            scope = Scope(module, assigned(ast.walk(member)) if isinstance(member, ast.FunctionDef) else {})
            yield from ((scope, node) for node in ast.walk(member) if isinstance(node, ast.Call))


def called(node: ast.Call) -> str:
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def pieces(node: ast.expr) -> Iterator[str | tuple[ast.expr, bool]]:
    """Literal text, and values with whether they stand in quotes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from pieces(part)
    elif isinstance(node, ast.FormattedValue):
        yield node.value, node.conversion == ord("r")
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (*pieces(node.left), *pieces(node.right))
    else:
        yield node, False


def reasons(tree: ast.AST) -> Iterator[ast.expr]:
    """What is put into a column `reason`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from (
                value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "reason"
            )


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def sentences(tree: ast.AST) -> Iterator[str]:
    """All literal texts of two words or more, docstrings left out."""
    composed = (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.BinOp))
    inner = {id(part) for node in composed for part in ast.walk(node) if part is not node}
    inner |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    follower = Follower({})
    nowhere = Scope(Module("", ast.Module([], [])), {})
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) and id(node) not in inner:
            found = (text for text in follower.literal(node, nowhere) if "%" not in text)
            yield from (
                text for text in found if len(WORD.findall(re.sub(r"\{.*?\}", "", text))) > 1 and " " in text
            )
