"""Small changes to Python source, found in its syntax tree and made in its text.

`OPERATORS` is the frozen list of kinds. The text outside a change keeps its form, so that a report
shows the line as it stands in the file.

Not changed, because no test of values can or should notice: docstrings, type hints, imports,
`__all__`, asserts (they narrow types), the words of error messages and of `PROSE`, the guards in
`GUARDS` (they matter only after another mistake), and decorators that only declare.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OPERATORS = (
    "comparison",
    "arithmetic",
    "number",
    "boolean",
    "condition",
    "and/or",
    "sign",
    "function",
    "arguments",
    "axis",
    "slice end",
    "name",
    "return",
    "deletion",
    "text",
)

COMPARISONS = {
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "==": ("!=",),
    "!=": ("==",),
    "in": ("not in",),
    "not in": ("in",),
    "is": ("is not",),
    "is not": ("is",),
}
ARITHMETIC = {
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "//": "/",
    "%": "*",
    "**": "*",
    "&": "|",
    "|": "&",
}
FUNCTIONS = (
    ("min", "max"),
    ("any", "all"),
    ("argmin", "argmax"),
    ("nanmin", "nanmax"),
    ("minimum", "maximum"),
)
NAMES = (("train", "test"), ("first", "second"), ("plain", "attention"), ("low", "high"))
COMMUTATIVE = {"min", "max", "minimum", "maximum", "logaddexp"}
GUARDS = {"strict", "maxsize", "repr"}
PROSE = {"teaches", "help"}
DECLARING = {"dataclass", "cache", "lru_cache", "field", "TypeVar", "overload"}

_LITERAL = re.compile(r"""([A-Za-z]*)(\"""|'''|"|')((?:\\.|(?!\2).)*)\2""", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{3,}")
_DIGITS = re.compile(r"\d+")
_OPERATOR = re.compile(r"not\s+in\b|is\s+not\b|in\b|is\b|and\b|or\b|[<>=!]=|//|\*\*|[-<>+*/%@&|^]")


@dataclass(frozen=True)
class Change:
    """One small change: `source[start:end]` becomes `after`. Offsets count characters."""

    operator: str
    start: int
    end: int
    after: str

    def made(self, source: str) -> str:
        """Return `source` with this change."""
        return source[: self.start] + self.after + source[self.end :]

    def shown(self, source: str) -> tuple[int, str, str]:
        """Return the line (from 1), and the lines changed: before, and after."""
        first = source.rfind("\n", 0, self.start) + 1
        last = source.find("\n", self.end)
        last = len(source) if last < 0 else last
        after = source[first : self.start] + self.after + source[self.end : last]
        before = source[first:last]
        return source.count("\n", 0, self.start) + 1, *(
            " ".join(text.split()) for text in (before, after)
        )


def changes(source: str) -> list[Change]:
    """Return all changes to a module that leave it a different, valid module, in order."""
    tree = ast.parse(source)
    finder = _Finder(source, tree, 0, _identifiers(tree))
    finder.visit(tree)
    original = ast.dump(tree)
    found = dict.fromkeys(sorted(finder.found, key=lambda c: (c.start, c.end, c.after)))
    different = {}
    for change in found:
        try:
            changed = ast.dump(ast.parse(change.made(source)))
            compile(change.made(source), "changed", "exec")
        except SyntaxError:
            continue
        if changed != original:
            different.setdefault((change.start, change.end, change.after), change)
    return list(different.values())


def _identifiers(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        for name in ("id", "attr", "arg", "name"):
            if isinstance(text := getattr(node, name, None), str):
                names.add(text)
    return names


def _name_of(node: ast.expr) -> str:
    """Return the last part of a called or decorating name, or nothing."""
    if isinstance(node, ast.Call):
        return _name_of(node.func)
    return getattr(node, "attr", getattr(node, "id", ""))


class _Finder(ast.NodeVisitor):
    """Collects the changes to `source`, whose first character stands at `base` in the module."""

    def __init__(self, source: str, tree: ast.AST, base: int, known: set[str]) -> None:
        self.source, self.base, self.known = source, base, known
        self.found: list[Change] = []
        lines = source.splitlines(keepends=True)
        self._lines = [line.encode() for line in lines]
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line))
        self._errors = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            and any(_name_of(each).endswith(("Error", "Exception")) for each in node.bases)
        }

    def _place(self, line: int, column: int) -> int:
        """Return the offset of a node's end; Python counts columns in bytes of UTF-8."""
        return self._starts[line - 1] + len(self._lines[line - 1][:column].decode())

    def _span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, (ast.expr, ast.stmt, ast.keyword))
        assert node.end_lineno is not None and node.end_col_offset is not None
        return (
            self._place(node.lineno, node.col_offset),
            self._place(node.end_lineno, node.end_col_offset),
        )

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self.source[start:end]

    def _add(self, operator: str, start: int, end: int, after: str) -> None:
        self.found.append(Change(operator, self.base + start, self.base + end, after))

    def _replace(self, operator: str, node: ast.AST, after: str) -> None:
        self._add(operator, *self._span(node), after)

    def _between(self, left: ast.AST, right: ast.AST) -> tuple[str, int, int] | None:
        """Return the operator between two operands, and where it stands."""
        start, end = self._span(left)[1], self._span(right)[0]
        found = _OPERATOR.search(self.source, start, end)
        return found and (" ".join(found[0].split()), found.start(), found.end())

    # Statements

    def visit_Import(self, node: ast.Import) -> None:
        """Nothing to change."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Nothing to change."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """Nothing to change."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        defaults = [*node.args.defaults, *[each for each in node.args.kw_defaults if each]]
        for each in (*self._deciding(node.decorator_list), *defaults, *node.body):
            self.visit(each)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in (*self._deciding(node.decorator_list), *node.body):
            self.visit(each)

    def _deciding(self, decorators: Sequence[ast.expr]) -> list[ast.expr]:
        return [each for each in decorators if _name_of(each) not in DECLARING]

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):  # a docstring
            return
        if not isinstance(node.value, (ast.Yield, ast.YieldFrom)):
            self._replace("deletion", node, "pass")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if _name_of(node.targets[0]) == "__all__":
            return
        if not isinstance(node.targets[0], (ast.Name, ast.Tuple)):
            self._replace("deletion", node, "pass")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._replace("deletion", node, "pass")
        found = self._between(node.target, node.value)
        if found and found[0] in ARITHMETIC:
            self._add("arithmetic", *found[1:], ARITHMETIC[found[0]])
        self.visit(node.value)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            self._replace("return", node.value, "None")
            self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._replace("deletion", node, "pass")  # and not its words

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace("deletion", node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        self._replace("deletion", node, "pass")

    def visit_Delete(self, node: ast.Delete) -> None:
        self._replace("deletion", node, "pass")

    def visit_If(self, node: ast.If) -> None:
        if _name_of(node.test) != "TYPE_CHECKING":
            self._negate(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    # Expressions

    def _negate(self, test: ast.expr) -> None:
        self._replace("condition", test, f"not ({self._text(test)})")

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._negate(test)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, right in zip((node.left, *node.comparators[:-1]), node.comparators, strict=True):
            if found := self._between(left, right):
                for after in COMPARISONS.get(found[0], ()):
                    self._add("comparison", *found[1:], after)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        found = self._between(node.left, node.right)
        if found and found[0] in ARITHMETIC:
            self._add("arithmetic", *found[1:], ARITHMETIC[found[0]])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in zip(node.values, node.values[1:], strict=False):
            if found := self._between(left, right):
                self._add("and/or", *found[1:], {"and": "or", "or": "and"}[found[0]])
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        self._replace("sign", node, f"({self._text(node.operand)})")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _name_of(node.func)
        if name in DECLARING or name in self._errors or name.endswith(("Error", "Exception")):
            return
        for left, right in zip(node.args, node.args[1:], strict=False):
            if name in COMMUTATIVE or isinstance(left, ast.Starred):
                break
            if not isinstance(right, ast.Starred):
                (start, between), (after, end) = self._span(left), self._span(right)
                swapped = self._text(right) + self.source[between:after] + self._text(left)
                self._add("arguments", start, end, swapped)
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg in GUARDS:
            return
        if node.arg == "axis":
            self._replace("axis", node.value, "0" if self._text(node.value) != "0" else "1")
        if node.arg is not None:
            start = self._span(node)[0]
            self._swap_name(node.arg, start, start + len(node.arg))
        if node.arg not in PROSE:
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if _name_of(node.value) != "Literal":  # a type under a name
            self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> None:
        if node.step is None:
            if node.upper is not None:
                for sign in "+-":
                    after = f"({self._text(node.upper)}) {sign} 1"
                    self._replace("slice end", node.upper, after)
            elif node.lower is not None:
                _, end = self._span(node)
                self._add("slice end", end, end, "-1")
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._swap_name(node.id, *self._span(node))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        end = self._span(node)[1]
        if isinstance(node.ctx, ast.Load):
            self._swap_name(node.attr, end - len(node.attr), end)
        self.visit(node.value)

    def _swap_name(self, name: str, start: int, end: int) -> None:
        """Swap a function for its opposite, or a part of a name where the module has the other."""
        for one, other in (*FUNCTIONS, *[pair[::-1] for pair in FUNCTIONS]):
            if name == one:
                self._add("function", start, end, other)
        for one, other in (*NAMES, *[pair[::-1] for pair in NAMES]):
            swapped = "_".join(other if part == one else part for part in name.split("_"))
            if swapped != name and swapped in self.known:
                self._add("name", start, end, swapped)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._replace("boolean", node, str(not value))
        elif isinstance(value, (int, float)):
            more = {value + 1, 2 * value} if value else {1}
            for after in sorted(more):
                self._replace("number", node, repr(after))
        elif isinstance(value, str):
            self._change_text(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._change_text(node)

    def _change_text(self, node: ast.expr) -> None:
        """Change a word and a number of each literal, and what stands in an f-string's braces."""
        begin, end = self._span(node)
        for literal in _LITERAL.finditer(self.source, begin, end):
            if "b" in literal[1].lower():
                continue
            plain = [(literal.start(3), literal.end(3))]
            if "f" in literal[1].lower():
                plain = []
                for start, stop, inside in _fields(self.source, literal.start(3), literal.end(3)):
                    if inside:
                        self._look_into(start, stop)
                    else:
                        plain.append((start, stop))
            words = [each for span in plain for each in _WORD.finditer(self.source, *span)]
            digits = [each for span in plain for each in _DIGITS.finditer(self.source, *span)]
            if words:
                word = max(words, key=lambda found: len(found[0]))
                self._add("text", *word.span(), "other")
            if digits:
                self._add("text", *digits[0].span(), str(int(digits[0][0]) + 1))

    def _look_into(self, start: int, stop: int) -> None:
        """Find the changes to an expression in an f-string; Python 3.11 misplaces its nodes."""
        tree = ast.parse(f"({self.source[start:stop]})", mode="eval")
        inner = _Finder(f"({self.source[start:stop]})", tree, self.base + start - 1, self.known)
        inner.visit(tree)
        self.found += inner.found


def _fields(source: str, start: int, stop: int) -> Iterator[tuple[int, int, bool]]:
    """Cut an f-string's body into (start, stop, whether an expression); format specs are text."""
    place = start
    while place < stop:
        opened = source.find("{", place, stop)
        if opened < 0:
            yield place, stop, False
            return
        if source[opened : opened + 2] == "{{":
            yield place, opened + 2, False
            place = opened + 2
            continue
        yield place, opened, False
        end = opened + 1
        while not _is_expression(source[opened + 1 : end], source[end]):
            end += 1
        yield opened + 1, end, True
        place = end


def _is_expression(text: str, following: str) -> bool:
    """Whether an f-string's field ends here: at !r, : or }, and not within the expression."""
    if following not in "!:}" or not text.strip():
        return False
    try:
        ast.parse(f"({text})", mode="eval")
    except SyntaxError:
        return False
    return True
