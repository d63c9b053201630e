"""Small changes of a formula, as slips of a learner's pen would make them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

_OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.MatMult: (ast.Mult,),
}
_COMPARISONS = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_NAMES = {
    "exp": ("expm1", "exp2"),
    "expm1": ("exp",),
    "log": ("log1p", "log2", "log10"),
    "log1p": ("log",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "max": ("min", "mean"),
    "min": ("max",),
    "mean": ("sum", "median", "max"),
    "sum": ("mean", "max"),
    "sign": ("tanh", "abs"),
    "abs": ("negative", "positive"),
    "square": ("abs", "sqrt"),
    "sqrt": ("square",),
    "tanh": ("sin", "arctan", "sinh"),
    "cosh": ("cos", "sinh"),
    "eye": ("ones",),
    "zeros_like": ("ones_like",),
}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Every mutant of a function as (what was changed, the changed source)."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            changed = copy.deepcopy(tree)
            target = next(each for place, each in enumerate(ast.walk(changed)) if place == number)
            replacement = copy.deepcopy(change)
            _Replace(target, replacement).visit(changed)
            ast.fix_missing_locations(changed)
            yield f"{ast.unparse(node)}  ->  {ast.unparse(replacement)}", ast.unparse(changed)


class _Replace(ast.NodeTransformer):
    def __init__(self, target: ast.AST, replacement: ast.AST) -> None:
        self.target, self.replacement = target, replacement

    def visit(self, node: ast.AST) -> ast.AST:
        return self.replacement if node is self.target else super().visit(node)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of `node`."""
    match node:
        case ast.BinOp(left, operator, right):
            for other in _OPERATORS.get(type(operator), ()):
                yield ast.BinOp(left, other(), right)
            if not isinstance(operator, ast.Add | ast.Mult):
                yield ast.BinOp(right, operator, left)
            yield left
            yield right
        case ast.AugAssign(place, operator, value):
            for other in _OPERATORS.get(type(operator), ()):
                yield ast.AugAssign(place, other(), value)
            yield ast.Pass()
        case ast.UnaryOp(ast.USub() | ast.Not(), operand):
            yield operand
        case ast.Compare(left, [operator], [right]):
            for other in _COMPARISONS.get(type(operator), ()):
                yield ast.Compare(left, [other()], [right])
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            for other in {value + 1, value - 1, -value, 0, 2 * value} - {value}:
                yield ast.parse(repr(other), mode="eval").body
        case ast.Attribute(value, name) if name in _NAMES:
            for other in _NAMES[name]:
                yield ast.Attribute(value, other, node.ctx)
        case ast.Call(ast.Attribute(attr="where"), [condition, yes, no]):
            yield ast.Call(node.func, [condition, no, yes], [])
            yield yes
            yield no
        case ast.Call(ast.Attribute(value, "astype"), _):
            yield value
        case ast.Call(function, arguments, [*keywords]) if keywords:
            for keyword in keywords:
                yield ast.Call(function, arguments, [each for each in keywords if each is not keyword])
        case ast.If(_, [ast.Raise()], []):
            yield ast.Pass()
        case ast.IfExp(_, yes, no):
            yield yes
            yield no
