"""Sphinx extension: no page asks another host for anything.

Jupyter Book's theme stack adds thebe's scripts to every page although no page uses them, and they load
more from a CDN. Here they are taken out again.
"""

from __future__ import annotations

import re
from typing import Any

_FOREIGN = ("sphinx-thebe.", "fonts.googleapis.com")
_THEBE_SETTINGS = re.compile(
    r'<script type="text/x-thebe-config">.*?</script>\s*(<script>kernelName = .*?</script>)?', re.DOTALL
)


def _drop(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    for kind in ("css_files", "script_files"):
        context[kind] = [asset for asset in context.get(kind, []) if not _is_foreign(asset)]
    if doctree is not None:
        context["body"] = _THEBE_SETTINGS.sub("", context["body"])


def _is_foreign(asset: Any) -> bool:
    name = str(getattr(asset, "filename", None) or asset)
    inline = str((getattr(asset, "attributes", None) or {}).get("body", ""))
    return any(part in name for part in _FOREIGN) or "THEBE_JS_URL" in inline


def setup(app: Any) -> dict[str, bool]:
    # Late, so that what the other extensions add is there to be dropped.
    app.connect("html-page-context", _drop, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
