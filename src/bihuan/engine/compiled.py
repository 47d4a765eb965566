"""The fold and the clock, compiled: the very source that is interpreted, with llvmlite as the optional extra `fast`.

Nothing is written twice: `lowering` translates the functions of the dialect as they stand, LLVM optimises them for
this processor. That takes seconds, so whoever can keep files may hand in where to keep what was compiled (`keep_in`),
under a name that changes with the source, the compiler and the processor.
"""

import ast
import ctypes
import hashlib
import inspect
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bihuan.engine import (
    civil,
    clock,
    endings,
    fold,
    instance,
    pauses,
    series,
    steps,
    work,
    worktime,
    written,
)
from bihuan.engine import layout as at

DIALECT: tuple[ModuleType, ...] = (
    civil, worktime, clock, work, instance, pauses, endings, steps, series, fold, written,
)  # fmt: skip
TABLES = (
    clock.Tables,
    clock.Limits,
    clock.Days,
    work.Program,
    work.Events,
    work.Work,
    work.Out,
    work.Written,
)
WRITTEN = frozenset(("Work", "Out", "Written"))
#: What runs at every event or row: as one piece of code it takes a quarter fewer instructions.
INLINED = frozenset((
    "hear", "open_instance", "start_clock", "refresh", "due_at", "end", "finish", "unlink", "conclude", "write", "clear",
))  # fmt: skip
BITS: dict[str, dict[str, int]] = {  # of columns whose elements are narrower than 64
    "Tables": {"counted": 8, **dict.fromkeys(("shift_at", "shift", "number", "slot", "seek", "nth_day"), 32)},
    "Events": {"of_case": 32, "event": 32, "whole_day": 8, "actor": 32, "tests": 8},
    "Written": {
        **dict.fromkeys(("case", "row", "end_row", "key", "flags"), 32),
        **dict.fromkeys(("rule", "round", "limit"), 16),
        **dict.fromkeys(("state", "calendar"), 8),
    },
}

RECORDS: dict[str, dict[str, int]] = {  # columns of records, and how many words a record has
    "Program": {
        "heard": at.HEARD, "asks": at.ASK, "rules": at.RULE, "blank": at.INSTANCE, "pauses": at.PAUSE,
        "extensions": at.EXTENSION, "periods": at.PERIOD_FIELDS, "steps": at.STEP,
    },
    "Work": {"instances": at.INSTANCE, "tallies": at.TALLY},
    "Out": {"findings": at.FINDING},
}  # fmt: skip

Array = NDArray[Any]


class Keeper(Protocol):
    """Where compiled code is kept between runs."""

    def load(self, name: str) -> bytes | None: ...
    def save(self, name: str, code: bytes) -> None: ...


class Laid(NamedTuple):
    """A table as compiled code takes it: addresses of columns and their lengths, and what must live as long."""

    places: Array
    columns: tuple[Any, ...]


KEEPERS: list[Keeper] = []  # at most one; the engine itself keeps no files
TOLD: list[
    Callable[[str], None]
] = []  # told once: "compiling", before it takes its seconds; or "no compiler"
LOCK = Lock()


def available() -> bool:
    """Whether a compiler is installed."""
    return find_spec("llvmlite") is not None


def tell(what: str) -> None:
    """Say something to whoever listens, and never again."""
    while TOLD:
        TOLD.pop()(what)


def bits(table: str, column: str) -> int:
    return BITS.get(table, {}).get(column, 64)


def lay_out(table: Any) -> Laid:
    """A table for compiled code; lists become arrays, arrays that fit are taken as they are."""
    name = type(table).__name__
    if name == "Clock":
        inner = tuple(lay_out(part) for part in table)
        return Laid(np.array([part.places.ctypes.data for part in inner], np.int64), inner)
    columns = tuple(
        np.ascontiguousarray(column, f"i{bits(name, field) // 8}")
        for field, column in zip(table._fields, table, strict=True)
    )
    places = [column.ctypes.data for column in columns]
    return Laid(np.array([*places, *map(len, columns)], np.int64), columns)


def shapes() -> dict[str, dict[str, Any]]:
    """What the columns of each table are."""
    from bihuan.engine.lowering import Records

    found: dict[str, dict[str, Any]] = {
        table.__name__: {name: bits(table.__name__, name) for name in table._fields} for table in TABLES
    }
    for name, widths in RECORDS.items():
        found[name] |= {column: Records(width) for column, width in widths.items()}
    found["Clock"] = {name: part.__name__ for name, part in work.Clock.__annotations__.items()}
    return found


def constants(module: ModuleType) -> dict[str, int]:
    """Modules give one name to different numbers (`DAYS` is a kind of limit here and a column there): each its own."""
    return {name: value for name, value in vars(module).items() if isinstance(value, int)}


def translated(exported: tuple[str, ...]) -> str:
    from bihuan.engine.lowering import Translator

    translator = Translator(shapes(), WRITTEN, INLINED)
    for module in DIALECT:
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.FunctionDef):
                translator.declare(node, constants(module))
    return translator.translate({name: f"bihuan_{name}" for name in exported})


def machine() -> Any:
    """LLVM for this processor."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(**processor(), opt=2, jit=True)


def processor() -> dict[str, str]:
    import llvmlite.binding as llvm

    return {"cpu": llvm.get_host_cpu_name(), "features": llvm.get_host_cpu_features().flatten()}


def object_code(exported: tuple[str, ...], target: Any) -> bytes:
    """Compiled now."""
    import llvmlite.binding as llvm

    tell("compiling")
    module = llvm.parse_assembly(translated(exported))
    options = llvm.PipelineTuningOptions(speed_level=2)
    options.loop_vectorization = options.slp_vectorization = False  # nothing here is a loop over numbers
    passes = llvm.create_pass_builder(target, options)
    passes.getModulePassManager().run(module, passes)
    return bytes(target.emit_object(module))


@lru_cache(maxsize=8)
def name_of(exported: tuple[str, ...]) -> str:
    """What compiled code is kept under: it changes with the source, the compiler and the processor."""
    import llvmlite

    from bihuan.engine import lowering

    source = "".join(map(inspect.getsource, (*DIALECT, lowering))) + repr(
        (shapes(), exported, sorted(INLINED))
    )
    numbers = repr([constants(module) for module in DIALECT])
    of = "\n".join((source, numbers, llvmlite.__version__, *processor().values()))
    return hashlib.sha256(of.encode()).hexdigest()[:24]


def is_kept(*exported: str) -> bool:
    """Whether these functions can be had without compiling."""
    return bool(KEEPERS) and available() and KEEPERS[0].load(name_of(exported)) is not None


def kept_code(exported: tuple[str, ...], target: Any) -> bytes:
    """Compiled before, else now."""
    name = name_of(exported)
    keeper = KEEPERS[0] if KEEPERS else None
    code = keeper.load(name) if keeper else None
    if code is None:
        code = object_code(exported, target)
        if keeper:
            keeper.save(name, code)
    return code


def functions(*names: str) -> dict[str, Callable[..., int]]:
    """Functions of the dialect by name, compiled when they are first asked for."""
    with LOCK:
        return loaded(names)


@lru_cache(maxsize=8)
def loaded(names: tuple[str, ...]) -> dict[str, Callable[..., int]]:
    import llvmlite.binding as llvm

    target = machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
    engine.add_object_file(llvm.ObjectFileRef.from_data(kept_code(names, machine())))
    engine.finalize_object()
    return {name: callable_of(engine, name) for name in names}


def callable_of(engine: Any, name: str) -> Callable[..., int]:
    """A function that takes tables as they were laid out, and integers."""
    module = next(module for module in DIALECT if inspect.isfunction(vars(module).get(name)))
    taken = [a for key, a in getattr(module, name).__annotations__.items() if key != "return"]
    kinds = [ctypes.c_int64 if a in (int, bool) else ctypes.c_void_p for a in taken]
    entry = ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(engine.get_function_address(f"bihuan_{name}"))

    def call(*arguments: Any) -> int:
        assert engine  # lives as long as its code is called
        return int(entry(*(a.places.ctypes.data if isinstance(a, Laid) else int(a) for a in arguments)))

    return call
