"""The fold and the clock, compiled: the very source that is interpreted, with numba as the optional extra `fast`.

The source is written over named columns (`prog.rules[n]`). Passing some ninety arrays from function to function
takes a compiler minutes, so before compiling, the columns of a table are laid one after the other in one array whose
head says where each begins: `prog.rules[n]` becomes `prog[prog[3] + n]`. Nothing else is changed and nothing is
written twice. Compiled code is cached on disk, under a name that changes with the source.
"""

import ast
import hashlib
import inspect
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bihuan.engine import civil, clock, fold, instance, series, steps, worktime

DIALECT: tuple[ModuleType, ...] = (civil, worktime, clock, instance, steps, series, fold)
TABLES: dict[str, type] = {
    t.__name__: t
    for t in (clock.Tables, clock.Limits, clock.Days, instance.Program, instance.Work, instance.Out)
}


def available() -> bool:
    """Whether a compiler is installed."""
    return find_spec("numba") is not None


def lay_out(table: NamedTuple) -> NDArray[np.int64]:
    """The columns of a table in one array, behind a head that says where each begins and where the last ends."""
    sizes = [len(column) for column in table]
    head = np.cumsum([len(sizes) + 1, *sizes])
    return np.concatenate([head, *(np.asarray(column, np.int64) for column in table)])


def column(laid_out: NDArray[np.int64], table: type, name: str) -> NDArray[np.int64]:
    """One column of a table that was laid out."""
    n = table._fields.index(name)  # type: ignore[attr-defined]
    return laid_out[laid_out[n] : laid_out[n + 1]]


class Lowering(ast.NodeTransformer):
    """Rewrites `table.column[n]` and `len(table.column)` for tables in one array."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.types = {a.arg: a.annotation.id for a in node.args.args if isinstance(a.annotation, ast.Name)}
        self.aliases: dict[str, ast.Attribute] = {}
        node.returns = None
        for a in node.args.args:
            a.annotation = None
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        if (
            isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Attribute)
            and self.of(node.value)
        ):
            self.aliases[node.targets[0].id] = node.value
            return None
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        begins = self.of(node.value)
        if begins:
            table, n = begins
            node.value = table
            node.slice = ast.BinOp(self.head(table, n), ast.Add(), node.slice)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        begins = self.of(node.args[0]) if isinstance(node.func, ast.Name) and node.func.id == "len" else None
        if begins:
            table, n = begins
            return ast.BinOp(self.head(table, n + 1), ast.Sub(), self.head(table, n))
        return node

    def of(self, node: ast.expr) -> tuple[ast.expr, int] | None:
        """The table and the number of the column that an expression names."""
        if isinstance(node, ast.Name):
            return self.of(self.aliases[node.id]) if node.id in self.aliases else None
        if isinstance(node, ast.Attribute) and (table := TABLES.get(self.type_of(node.value))):
            return node.value, table._fields.index(node.attr)  # type: ignore[attr-defined]
        return None

    def type_of(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self.types.get(node.id, "")
        if isinstance(node, ast.Attribute) and self.type_of(node.value) == "Clock":
            return instance.Clock.__annotations__[node.attr].__name__  # type: ignore[no-any-return]
        return ""

    def head(self, table: ast.expr, n: int) -> ast.Subscript:
        return ast.Subscript(table, ast.Constant(n), ast.Load())


def lowered(module: ModuleType) -> list[CodeType]:
    """The code of every function of a module, over tables in one array."""
    tree = ast.parse(inspect.getsource(module))
    functions = [Lowering().visit(node) for node in tree.body if isinstance(node, ast.FunctionDef)]
    code = compile(ast.fix_missing_locations(ast.Module(functions, [])), module.__file__ or "", "exec")
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


@lru_cache(maxsize=1)
def functions() -> dict[str, Callable[..., Any]]:
    """Every function of the dialect by name, compiled when it is first called."""
    import numba

    jit = numba.njit(cache=True, nogil=True)
    # Modules give one name to different numbers (`DAYS` is a kind of limit here and a column there), so each
    # keeps its own; functions are known to all.
    spaces: list[dict[str, Any]] = [
        {k: v for k, v in vars(m).items() if isinstance(v, int) or v is instance.Clock} for m in DIALECT
    ]
    source = "".join(map(inspect.getsource, (*DIALECT, sys.modules[__name__]))) + repr(spaces)
    version = hashlib.sha256(source.encode()).hexdigest()[:12]
    compiled: dict[str, Callable[..., Any]] = {}
    for module, space in zip(DIALECT, spaces, strict=True):
        space |= {"__builtins__": __builtins__, "__name__": __name__}
        for code in lowered(module):
            function = FunctionType(code, space, code.co_name)
            function.__qualname__ = f"{code.co_name}_{version}"
            compiled[code.co_name] = jit(function)
    for space in spaces:
        space |= compiled
    return compiled
