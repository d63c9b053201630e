"""Sphinx extension: what a page of the site knows of the site.

Each code cell gets its notebook's id for an id, so that a learner's text stays with its cell when the page
changes. The names of the bundled scripts and the place of Python are handed to the page as data, and the
runner and the figures are loaded. Without the setting `lossact_site` (in `make book`) it does nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes


def _name_cells(app: Any, doctree: Any) -> None:
    source = Path(app.env.doc2path(app.env.docname))
    if not app.config.lossact_site or source.suffix != ".ipynb":
        return
    cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
    wanted = [cell["id"] for cell in cells if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]
    found = [node for node in doctree.findall(nodes.container) if node.get("nb_element") == "cell_code"]
    if len(found) != len(wanted):
        raise ValueError(f"{source} has {len(wanted)} code cells, and its page {len(found)}.")
    for node, name in zip(found, wanted, strict=True):
        node["ids"].append(f"cell-{name}")


def _add(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    settings = app.config.lossact_site
    if not settings:
        return
    root = context["pathto"](app.config.root_doc, 0).rsplit("/", 1)
    prefix = "" if len(root) == 1 else root[0] + "/"
    known = {**settings, "root": prefix or "./", "page": page}
    data = json.dumps(known).replace("<", "\\u003c")
    context["metatags"] = context.get("metatags", "") + (
        f'<link rel="stylesheet" href="{prefix}_static/{settings["style"]}">'
        f'<script type="application/json" id="lossact-site">{data}</script>'
        f'<script type="module" src="{prefix}_static/{settings["runner"]}"></script>'
        f'<script type="module" src="{prefix}_static/{settings["figures"]}"></script>'
    )


def setup(app: Any) -> dict[str, bool]:
    app.add_config_value("lossact_site", {}, "html")
    app.connect("doctree-read", _name_cells)
    app.connect("html-page-context", _add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
