"""The dialect of the fold as LLVM code: functions of integers and of tables of flat columns, and nothing else.

A translator and no optimiser: every construct becomes the plainest code with Python's meaning (floor division, chained
comparisons that stop early), and LLVM does the rest. What the dialect does not have is refused with its line, never
guessed. A table is an array of the addresses of its columns, behind the columns stand their lengths; what is only
read says so, or the compiler would have to load it again after every write.
"""

import ast
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from llvmlite import ir

WORD = ir.IntType(64)
TRUTH = ir.IntType(1)
ZERO = ir.Constant(WORD, 0)
POINTER = ir.IntType(8).as_pointer()
RECORD = WORD.as_pointer()
LASTING = {"Record": False, "Fixed": True}  # parameters that are records, and whether they never change

COMPARE = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
ARITHMETIC = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.BitOr: "or_", ast.BitAnd: "and_",
    ast.LShift: "shl", ast.RShift: "ashr",
}  # fmt: skip

# Of each table, its columns: bits of an element, records of some width, or the table inside.
Shapes = Mapping[str, Mapping[str, Any]]
Value = Any  # of LLVM


class Records(NamedTuple):
    """A column of records, each of so many words."""

    width: int


class Held(NamedTuple):
    """A record that has a name."""

    slot: Value
    lasting: bool
    width: int | None  # of one that was handed in it is not known


class NotInDialectError(TypeError):
    """A construct that the dialect does not have."""


class Translator:
    """Functions of several modules into one module of LLVM."""

    def __init__(self, shapes: Shapes, written: frozenset[str], inlined: frozenset[str]) -> None:
        self.shapes = shapes
        self.written = written  # tables that are written to
        self.inlined = inlined  # functions that are put where they are called
        self.module = ir.Module("dialect")
        self.nothing = self.module.add_metadata([])
        self.copying = self.module.declare_intrinsic("llvm.memcpy", [POINTER, POINTER, WORD])
        self.functions: dict[str, ir.Function] = {}
        self.trees: list[tuple[ast.FunctionDef, Mapping[str, int]]] = []

    def declare(self, tree: ast.FunctionDef, constants: Mapping[str, int]) -> None:
        kinds = [self.kind_of(argument) for argument in tree.args.args]
        result = ir.LiteralStructType((WORD, WORD)) if isinstance(tree.returns, ast.Subscript) else WORD
        function = ir.Function(self.module, ir.FunctionType(result, kinds), tree.name)
        function.linkage = "internal"
        function.attributes.add("nounwind")
        if tree.name in self.inlined:
            function.attributes.add("alwaysinline")
        self.functions[tree.name] = function
        self.trees.append((tree, constants))

    def kind_of(self, argument: ast.arg) -> Any:
        name = kind(argument.annotation)
        return POINTER if name in self.shapes else RECORD if name in LASTING else WORD

    def translate(self, exported: Mapping[str, str]) -> str:
        """The code of all functions; `exported` are seen from outside, under other names."""
        for tree, constants in self.trees:
            Body(self, tree, constants).translate()
        for name, outside in exported.items():
            self.export(self.functions[name], outside)
        return str(self.module)

    def export(self, inner: ir.Function, name: str) -> None:
        function = ir.Function(self.module, inner.function_type, name)
        builder = ir.IRBuilder(function.append_basic_block())
        builder.ret(builder.call(inner, function.args))


def kind(annotation: ast.expr | None) -> str:
    return annotation.id if isinstance(annotation, ast.Name) else ""


def is_slice(node: ast.Subscript) -> bool:
    return isinstance(node.slice, ast.Slice)


class Body:
    """One function: its names, and the place at which code is being written."""

    def __init__(self, whole: Translator, tree: ast.FunctionDef, constants: Mapping[str, int]) -> None:
        self.whole, self.tree, self.constants = whole, tree, constants
        self.function = whole.functions[tree.name]
        self.entry = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.b = ir.IRBuilder(self.function.append_basic_block("begin"))
        self.slots: dict[str, Value] = {}
        self.tables: dict[str, tuple[Value, str]] = {}
        self.records: dict[str, Held] = {}
        self.aliases: dict[str, ast.Attribute] = {}
        self.loops: list[tuple[Any, Any]] = []  # where `continue` and the end of the loop lead

    def translate(self) -> None:
        for parameter, argument in zip(self.tree.args.args, self.function.args, strict=True):
            if (table := kind(parameter.annotation)) in self.whole.shapes:
                self.tables[parameter.arg] = argument, table
            elif table in LASTING:
                self.hold(parameter.arg, argument, LASTING[table], None)
            else:
                self.store(parameter.arg, argument)
        begin = self.b.block
        self.block(self.tree.body)
        if not self.b.block.is_terminated:
            self.b.ret(ir.Constant(self.function.function_type.return_type, None))
        self.entry.branch(begin)

    def refused(self, node: ast.AST) -> NotInDialectError:
        return NotInDialectError(
            f"{self.tree.name}, line {getattr(node, 'lineno', '?')}: {ast.unparse(node)}"
        )

    # --- names ---

    def store(self, name: str, value: Value) -> None:
        if name not in self.slots:
            self.slots[name] = self.entry.alloca(WORD, name=name)
        self.b.store(self.word(value), self.slots[name])

    def word(self, value: Value) -> Value:
        return self.b.zext(value, WORD) if value.type == TRUTH else value

    def truth(self, value: Value) -> Value:
        return value if value.type == TRUTH else self.b.icmp_signed("!=", value, ZERO)

    def table(self, node: ast.expr) -> tuple[Value, str] | None:
        """The table that an expression names, and which kind it is."""
        if isinstance(node, ast.Name):
            return self.tables.get(node.id)
        if isinstance(node, ast.Attribute) and (outer := self.table(node.value)):
            inside = self.whole.shapes[outer[1]].get(node.attr)
            if isinstance(inside, str):
                return self.address(outer, node.attr), inside
        return None

    def address(self, table: tuple[Value, str], column: str, lengths: bool = False) -> Value:
        """What stands in the table itself: where a column is, or how long."""
        names = list(self.whole.shapes[table[1]])
        place = names.index(column) + len(names) * lengths
        held = WORD if lengths else POINTER
        base = self.b.bitcast(table[0], held.as_pointer())
        return self.loaded(self.b.gep(base, [ir.Constant(WORD, place)]), True)

    def loaded(self, address: Value, lasting: bool) -> Value:
        value = self.b.load(address)
        if lasting:
            value.set_metadata("invariant.load", self.whole.nothing)
        return value

    def column(self, node: ast.expr) -> tuple[tuple[Value, str], str] | None:
        if isinstance(node, ast.Name) and node.id in self.aliases:
            node = self.aliases[node.id]
        if isinstance(node, ast.Attribute) and (table := self.table(node.value)):
            return table, node.attr
        return None

    def record(self, node: ast.expr) -> tuple[Value, bool, int | None] | None:
        """Where the record is that an expression names, whether it never changes, and its width."""
        if isinstance(node, ast.Name) and node.id in self.records:
            held = self.records[node.id]
            return self.b.load(held.slot), held.lasting, held.width
        found = self.column(node.value) if isinstance(node, ast.Subscript) else None
        records = self.whole.shapes[found[0][1]].get(found[1]) if found else None
        if found is None or not isinstance(node, ast.Subscript) or not isinstance(records, Records):
            return None
        place = self.b.mul(self.word(self.value(node.slice)), ir.Constant(WORD, records.width))
        base = self.b.bitcast(self.address(*found), RECORD)
        return self.b.gep(base, [place]), found[0][1] not in self.whole.written, records.width

    def hold(self, name: str, address: Value, lasting: bool, width: int | None) -> None:
        if name not in self.records:
            self.records[name] = Held(self.entry.alloca(RECORD, name=name), lasting, width)
        self.b.store(address, self.records[name].slot)

    def element(self, node: ast.Subscript) -> tuple[Value, bool]:
        """Where an element is, or a slice begins, and whether it never changes."""
        place = (node.slice.lower or ast.Constant(0)) if isinstance(node.slice, ast.Slice) else node.slice
        if record := self.record(node.value):
            return self.b.gep(record[0], [self.word(self.value(place))]), record[1]
        found = self.column(node.value)
        if found is None:
            raise self.refused(node)
        table, name = found
        held = ir.IntType(self.whole.shapes[table[1]][name])
        base = self.b.bitcast(self.address(table, name), held.as_pointer())
        return self.b.gep(base, [self.word(self.value(place))]), table[1] not in self.whole.written

    # --- expressions ---

    def value(self, node: ast.expr) -> Value:
        of: Callable[[Any], Value] | None = getattr(self, f"value_{type(node).__name__.lower()}", None)
        if of is None:
            raise self.refused(node)
        return of(node)

    def value_constant(self, node: ast.Constant) -> Value:
        if not isinstance(node.value, int):
            raise self.refused(node)
        return ir.Constant(WORD, int(node.value))

    def value_name(self, node: ast.Name) -> Value:
        if node.id in self.slots:
            return self.b.load(self.slots[node.id])
        if node.id in self.constants:
            return ir.Constant(WORD, int(self.constants[node.id]))
        raise self.refused(node)

    def value_subscript(self, node: ast.Subscript) -> Value:
        address, lasting = self.element(node)
        return self.wide(self.loaded(address, lasting))

    def wide(self, value: Value) -> Value:
        return value if value.type == WORD else self.b.sext(value, WORD)

    def narrowed(self, value: Value, address: Value) -> Value:
        held = address.type.pointee
        return value if held == WORD else self.b.trunc(value, held)

    def value_binop(self, node: ast.BinOp) -> Value:
        left, right = self.word(self.value(node.left)), self.word(self.value(node.right))
        return self.arithmetic(node, node.op, left, right)

    def arithmetic(self, node: ast.AST, op: ast.operator, left: Value, right: Value) -> Value:
        if type(op) in ARITHMETIC:
            return getattr(self.b, ARITHMETIC[type(op)])(left, right)
        if not isinstance(op, ast.FloorDiv | ast.Mod):
            raise self.refused(node)
        rest = self.b.srem(left, right)
        apart = self.b.icmp_signed("<", self.b.xor(rest, right), ZERO)
        below = self.b.and_(self.b.icmp_signed("!=", rest, ZERO), apart)
        if isinstance(op, ast.Mod):
            return self.b.add(rest, self.b.select(below, right, ZERO))
        return self.b.sub(self.b.sdiv(left, right), self.b.zext(below, WORD))

    def value_unaryop(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return self.b.not_(self.truth(value))
        if isinstance(node.op, ast.USub):
            return self.b.neg(self.word(value))
        if isinstance(node.op, ast.Invert):
            return self.b.not_(self.word(value))
        raise self.refused(node)

    def value_compare(self, node: ast.Compare) -> Value:
        if isinstance(node.ops[0], ast.In) and isinstance(node.comparators[0], ast.Tuple):
            found = self.word(self.value(node.left))
            same = [self.b.icmp_signed("==", found, self.value(one)) for one in node.comparators[0].elts]
            return self.every(same, self.b.or_)
        left, parts = self.word(self.value(node.left)), []
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            if type(op) not in COMPARE:
                raise self.refused(node)
            right = self.word(self.value(comparator))
            parts.append(self.b.icmp_signed(COMPARE[type(op)], left, right))
            left = right
        return self.every(parts, self.b.and_)

    def every(self, parts: list[Value], join: Callable[[Value, Value], Value]) -> Value:
        found = parts[0]
        for part in parts[1:]:
            found = join(found, part)
        return found

    def value_boolop(self, node: ast.BoolOp) -> Value:
        """Only ever asked whether it is true; what follows what settles it is not looked at."""
        settled = ir.Constant(TRUTH, int(isinstance(node.op, ast.Or)))
        done = self.function.append_basic_block("done")
        origins = []
        for operand in node.values[:-1]:
            found = self.truth(self.value(operand))
            more = self.function.append_basic_block("more")
            origins.append((settled, self.b.block))
            self.b.cbranch(found, *((done, more) if isinstance(node.op, ast.Or) else (more, done)))
            self.b.position_at_end(more)
        origins.append((self.truth(self.value(node.values[-1])), self.b.block))
        return self.met(done, TRUTH, origins)

    def met(self, done: Any, held: Any, origins: list[tuple[Value, Any]]) -> Value:
        """The value with which one of several ways reaches `done`."""
        self.b.branch(done)
        self.b.position_at_end(done)
        phi = self.b.phi(held)
        for value, block in origins:
            phi.add_incoming(value, block)
        return phi

    def value_ifexp(self, node: ast.IfExp) -> Value:
        yes, no, done = (self.function.append_basic_block(name) for name in ("yes", "no", "done"))
        self.b.cbranch(self.truth(self.value(node.test)), yes, no)
        self.b.position_at_end(yes)
        first = self.word(self.value(node.body)), self.b.block
        self.b.branch(done)
        self.b.position_at_end(no)
        second = self.word(self.value(node.orelse)), self.b.block
        return self.met(done, WORD, [first, second])

    def value_call(self, node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self.refused(node)
        name = node.func.id
        if name == "len" and (found := self.column(node.args[0])):
            return self.address(*found, lengths=True)
        if name in ("min", "max") and len(node.args) == 2:
            left, right = (self.word(self.value(one)) for one in node.args)
            return self.b.select(self.b.icmp_signed("<" if name == "min" else ">", left, right), left, right)
        if name not in self.whole.functions:
            raise self.refused(node)
        return self.b.call(self.whole.functions[name], [self.argument(one) for one in node.args])

    def argument(self, node: ast.expr) -> Value:
        found = self.table(node) or self.record(node)
        return found[0] if found else self.word(self.value(node))

    # --- statements ---

    def block(self, body: list[ast.stmt]) -> None:
        for node in body:
            of: Callable[[Any], None] | None = getattr(self, f"do_{type(node).__name__.lower()}", None)
            if of is None:
                raise self.refused(node)
            of(node)
            if self.b.block.is_terminated:
                return

    def do_expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    def do_assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Attribute):
            self.aliases[target.id] = node.value
        elif isinstance(target, ast.Name) and (record := self.record(node.value)):
            self.hold(target.id, *record)
        elif (
            isinstance(target, ast.Subscript)
            and isinstance(node.value, ast.Subscript)
            and is_slice(node.value)
        ):
            self.copy(target, node.value)
        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            values = [self.word(self.value(one)) for one in node.value.elts]
            for one, value in zip(target.elts, values, strict=True):
                self.assign(one, value)
        elif isinstance(target, ast.Tuple):
            pair = self.value(node.value)
            for place, one in enumerate(target.elts):
                self.assign(one, self.b.extract_value(pair, place))
        else:
            self.assign(target, self.word(self.value(node.value)))

    def assign(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.store(target.id, value)
        elif isinstance(target, ast.Subscript):
            address = self.changeable(target)
            self.b.store(self.narrowed(value, address), address)
        else:
            raise self.refused(target)

    def copy(self, target: ast.Subscript, source: ast.Subscript) -> None:
        """A slice into a slice of the same length, or a whole record into the place of another."""
        assert isinstance(source.slice, ast.Slice)
        record = None if is_slice(target) else self.record(target)
        if record and record[1]:
            raise self.refused(target)
        to, of = record[0] if record else self.changeable(target), self.element(source)[0]
        if to.type != RECORD or of.type != RECORD:
            raise self.refused(source)
        stop = self.value(source.slice.upper) if source.slice.upper else self.width(source)
        words = self.b.sub(stop, self.value(source.slice.lower or ast.Constant(0)))
        size = self.b.mul(words, ir.Constant(WORD, WORD.width // 8))
        pointers = [self.b.bitcast(each, POINTER) for each in (to, of)]
        self.b.call(self.whole.copying, [*pointers, size, ir.Constant(TRUTH, 0)])

    def width(self, node: ast.Subscript) -> Value:
        record = self.record(node.value)
        if record is None or record[2] is None:
            raise self.refused(node)
        return ir.Constant(WORD, record[2])

    def changeable(self, target: ast.Subscript) -> Value:
        address, lasting = self.element(target)
        if lasting:
            raise self.refused(target)
        return address

    def do_augassign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Subscript):
            address = self.changeable(node.target)
            before = self.wide(self.b.load(address))
            after = self.arithmetic(node, node.op, before, self.word(self.value(node.value)))
            self.b.store(self.narrowed(after, address), address)
        else:
            before = self.value(node.target)
            self.assign(
                node.target, self.arithmetic(node, node.op, before, self.word(self.value(node.value)))
            )

    def do_return(self, node: ast.Return) -> None:
        if isinstance(node.value, ast.Tuple):
            pair = ir.Constant(self.function.function_type.return_type, ir.Undefined)
            for place, one in enumerate(node.value.elts):
                pair = self.b.insert_value(pair, self.word(self.value(one)), place)
            self.b.ret(pair)
        else:
            self.b.ret(ZERO if node.value is None else self.word(self.value(node.value)))

    def do_if(self, node: ast.If) -> None:
        yes, no, done = (self.function.append_basic_block(name) for name in ("yes", "no", "done"))
        self.b.cbranch(self.truth(self.value(node.test)), yes, no)
        for place, body in ((yes, node.body), (no, node.orelse)):
            self.b.position_at_end(place)
            self.block(body)
            if not self.b.block.is_terminated:
                self.b.branch(done)
        self.b.position_at_end(done)

    def do_while(self, node: ast.While) -> None:
        self.loop(lambda: self.truth(self.value(node.test)), node.body, lambda: None)

    def do_for(self, node: ast.For) -> None:
        if not isinstance(node.target, ast.Name) or node.orelse:
            raise self.refused(node)
        if isinstance(node.iter, ast.Tuple):
            self.each(node.target.id, node.iter.elts, node.body)
            return
        call = node.iter
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "range"):
            raise self.refused(node)
        self.count(node, [self.word(self.value(one)) for one in call.args])

    def count(self, node: ast.For, bounds: list[Value]) -> None:
        """`range`; the step is a number, so its sign is known. The name keeps its last value afterwards."""
        assert isinstance(node.target, ast.Name)
        step = bounds[2] if len(bounds) == 3 else ir.Constant(WORD, 1)
        first, stop = (bounds[0], bounds[1]) if len(bounds) > 1 else (ZERO, bounds[0])
        sign = self.step_sign(node) if len(bounds) == 3 else "<"
        counter, name = self.entry.alloca(WORD), node.target.id
        self.b.store(first, counter)

        def more() -> Value:
            now = self.b.load(counter)
            found = self.b.icmp_signed(sign, now, stop)
            self.store(
                name, self.b.select(found, now, self.b.load(self.slots[name])) if name in self.slots else now
            )
            return found

        self.loop(more, node.body, lambda: self.b.store(self.b.add(self.b.load(counter), step), counter))

    def step_sign(self, node: ast.For) -> str:
        assert isinstance(node.iter, ast.Call)
        step = node.iter.args[2]
        return ">" if isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub) else "<"

    def each(self, name: str, values: list[ast.expr], body: list[ast.stmt]) -> None:
        """A loop over a few values is written out for each."""
        done = self.function.append_basic_block("done")
        for value in values:
            after = self.function.append_basic_block("after")
            self.store(name, self.value(value))
            with self.inside(after, done):
                self.block(body)
            if not self.b.block.is_terminated:
                self.b.branch(after)
            self.b.position_at_end(after)
        self.b.branch(done)
        self.b.position_at_end(done)

    def loop(self, more: Callable[[], Value], body: list[ast.stmt], step: Callable[[], None]) -> None:
        ask, inside, after, done = (
            self.function.append_basic_block(name) for name in ("ask", "inside", "after", "done")
        )
        self.b.branch(ask)
        self.b.position_at_end(ask)
        self.b.cbranch(more(), inside, done)
        self.b.position_at_end(inside)
        with self.inside(after, done):
            self.block(body)
        if not self.b.block.is_terminated:
            self.b.branch(after)
        self.b.position_at_end(after)
        step()
        self.b.branch(ask)
        self.b.position_at_end(done)

    @contextmanager
    def inside(self, after: Any, done: Any) -> Any:
        self.loops.append((after, done))
        yield
        self.loops.pop()

    def do_continue(self, node: ast.Continue) -> None:
        self.b.branch(self.loops[-1][0])

    def do_break(self, node: ast.Break) -> None:
        self.b.branch(self.loops[-1][1])
