"""What runs a page's cells in the browser's Python; loaded once by the worker, never seen by a learner."""

import ast
import builtins
import json
import symtable
import sys
import traceback

LONGEST = 20_000  # characters of one value's text

_namespace = {"__name__": "__main__"}
_outputs = []  # of the cell that runs, in order
_pictures = []  # verdicts of this cell that could have a picture, once matplotlib is there


def needed(sources, target):
    """The numbers of the cells in front of `target` that define what it uses, and what those use, in order.

    A name is looked for in the nearest cell before that binds it; a cell that also changes such a name (by
    assigning to a part of it) counts as binding it.
    """
    facts = [_names(source) for source in sources]
    wanted, chosen = set(facts[target][1]), set()
    for number in range(target - 1, -1, -1):
        binds, uses, changes = facts[number]
        if binds & wanted or changes & wanted:
            chosen.add(number)
            wanted = (wanted - binds) | uses
    return sorted(chosen)


def _names(source):
    """What a cell binds, what it uses and has not bound itself before, and what it changes in place."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return set(), set(), set()
    binds, uses, changes = set(), set(), set()
    for statement in statements:
        bound, used = _of_statement(statement)
        own = bound if isinstance(statement, (ast.For, ast.With)) else set()  # bound before their body runs
        uses |= used - binds - own
        binds |= bound
        for node in ast.walk(statement):
            for place in _places(node):
                uses |= {place} - binds
                changes.add(place)
    return binds, uses - set(dir(builtins)), changes


def _of_statement(statement):
    """The names of the module that a statement binds, and those that it uses, in functions, too."""
    bound, used = set(), set()
    tables = [symtable.symtable(ast.unparse(statement), "<cell>", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            of_module = table.get_type() == "module" or symbol.is_global()
            if of_module and (symbol.is_assigned() or symbol.is_imported()):
                bound.add(symbol.get_name())
            if of_module and symbol.is_referenced():
                used.add(symbol.get_name())
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            used.add(node.target.id)
    return bound, used


def _places(node):
    """The names of which an assignment changes a part."""
    if not isinstance(node, (ast.Assign, ast.AugAssign)):
        return
    for place in node.targets if isinstance(node, ast.Assign) else [node.target]:
        part = place
        while isinstance(part, (ast.Attribute, ast.Subscript)):
            part = part.value
        if part is not place and isinstance(part, ast.Name):
            yield part.id


def display(*values):
    """Show values as a notebook does."""
    for value in values:
        _outputs.append(_bundle(value))


def _bundle(value):
    """A value as what the page can show: HTML where it has one, and always text."""
    found = {}
    for name in ("_repr_mimebundle_", "_repr_html_"):
        method = getattr(type(value), name, None)
        if method is not None:
            made = method(value)
            found = made if isinstance(made, dict) else {"text/html": made}
            break
    text = found.get("text/plain") or repr(value)
    if len(text) > LONGEST:
        text = text[:LONGEST] + "\n... (cut: the value is longer than a page can show)"
    bundle = {"text": text}
    if found.get("text/html"):
        bundle["html"] = found["text/html"]
    verdict = _verdict(value)
    if verdict:
        bundle["verdict"] = verdict
        if value.curve is not None and "matplotlib" not in sys.modules:
            _pictures.append((len(_outputs), value))
    return bundle


def _verdict(value):
    module = sys.modules.get("lossact.grading.verdict")
    if module is None or not isinstance(value, module.Verdict):
        return None
    return {
        "question": value.question.name,
        "points": float(value.points),
        "total": float(value.total),
        "status": value.status,
    }


def wants_pictures():
    """Whether a verdict of the last cell has a picture that is not drawn yet."""
    return bool(_pictures)


def redrawn():
    """The outputs again that got a picture, by their number, once matplotlib is loaded."""
    again = [[number, _bundle(value)] for number, value in _pictures]
    _pictures.clear()
    return json.dumps(again)


def run(source, name):
    """Run a cell. Returns what it showed, and the error if there was one, as JSON."""
    _outputs.clear()
    _pictures.clear()
    _namespace.setdefault("display", display)
    error = missing = None
    try:
        tree = ast.parse(source, name)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";"):
            last = ast.Expression(tree.body.pop().value)
        exec(compile(tree, name, "exec"), _namespace)
        if last is not None:
            value = eval(compile(last, name, "eval"), _namespace)
            if value is not None:
                _outputs.append(_bundle(value))
                _namespace["_"] = value
        _show_open_figures()
    except ModuleNotFoundError as problem:
        missing = problem.name
        error = _told(problem, source, name)
    except BaseException as problem:
        error = _told(problem, source, name)
    return json.dumps({"outputs": _outputs, "error": error, "missing": missing})


def _told(problem, source, name):
    """An exception as a learner needs it: their own lines, then what it says."""
    lines = source.splitlines()
    if isinstance(problem, SyntaxError) and problem.filename == name:
        places = [(problem.lineno, "")]
    else:
        frames = traceback.extract_tb(problem.__traceback__)
        places = [(f.lineno, f.name) for f in frames if f.filename == name]
        elsewhere = [f for f in frames if f.filename.startswith("<cell ") and f.filename != name]
        if not places and elsewhere:
            places = [(elsewhere[-1].lineno, elsewhere[-1].name)]
            lines = []
    told = []
    for number, function in places[-4:]:
        line = lines[number - 1].strip() if number and 0 < number <= len(lines) else ""
        inside = f" in {function}" if function and function != "<module>" else ""
        told.append(f"line {number}{inside}: {line}".rstrip(": "))
    said = "".join(traceback.format_exception_only(problem)).strip().splitlines()[-1]
    return {"text": "\n".join([*told, said]), "line": places[-1][0] if places else None}


def _show_open_figures():
    """Figures made with pyplot and not shown otherwise."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    import base64
    import html
    import io

    for number in pyplot.get_fignums():
        figure = pyplot.figure(number)
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=110, bbox_inches="tight")
        titles = [axes.get_title() or axes.get_ylabel() for axes in figure.axes]
        alt = html.escape("Your figure. " + "; ".join(filter(None, titles)), quote=True)
        data = base64.b64encode(stream.getvalue()).decode()
        picture = f'<img class="la-picture" alt="{alt}" src="data:image/png;base64,{data}">'
        _outputs.append({"text": "[figure]", "html": picture})
    pyplot.close("all")
