"""Sphinx extension: what a page of the site knows of the site.

It hands the names of the bundled scripts and the place of Python to the page as data, and loads the runner where
a page has cells that run. Without the setting `lossact_site` (in `make book`) it does nothing.
"""

from __future__ import annotations

import json
from typing import Any


def _add(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    settings = app.config.lossact_site
    if not settings:
        return
    root = context["pathto"]("", 1)
    root = "./" if root in ("", "#") else root.rstrip("/") + "/"
    known = {**settings, "root": root, "page": page}
    data = json.dumps(known).replace("<", "\\u003c")
    context["metatags"] = context.get("metatags", "") + (
        f'<script type="application/json" id="lossact-site">{data}</script>'
        f'<link rel="stylesheet" href="{root}_static/{settings["style"]}">'
        f'<script type="module" src="{root}_static/{settings["runner"]}"></script>'
        f'<script type="module" src="{root}_static/{settings["figures"]}"></script>'
    )


def setup(app: Any) -> dict[str, bool]:
    app.add_config_value("lossact_site", {}, "html")
    app.connect("html-page-context", _add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
