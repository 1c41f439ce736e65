"""Drop-downs and sliders of ipywidgets in a cell: live while Python answers, a still picture where no kernel is.

A notebook that is reopened without its kernel shows an error where a widget was saved. So a cell leaves two outputs: the widgets,
whose view the build does not keep, and the picture at which they start, which hides itself while the widgets live.
"""

import functools
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.visuals.figure import Picture

if TYPE_CHECKING:
    import ipywidgets

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# JupyterLab acts on single keys ("b" adds a cell, "d d" deletes one) unless the focused element itself says not to
_KEYS = """
function render({el}) {
  el.style.display = "none";
  const tell = () => {
    const box = el.closest(".widget-vbox, .jupyter-widgets") && el.parentElement;
    for (const one of box?.querySelectorAll("select, input, button, textarea") ?? []) one.dataset.lmSuppressShortcuts = "true";
  };
  const watch = new MutationObserver(tell);
  setTimeout(() => {
    tell();
    if (el.parentElement) watch.observe(el.parentElement, {childList: true, subtree: true});
  });
  return () => watch.disconnect();
}
export default {render};
"""


class Live:
    """Widgets in one column, and the picture that stands in for them. A notebook shows it as the last line of a cell."""

    def __init__(self, widgets: "Sequence[ipywidgets.Widget]", still: Picture):
        self.widgets, self.still = list(widgets), still

    def _ipython_display_(self) -> None:
        import ipywidgets
        from IPython.display import display

        name = "live-" + hashlib.sha256(self.still.html.encode()).hexdigest()[:10]
        # on a narrow page the picture scrolls inside of its card, as a still does; its line below and a slider's number stay in sight
        narrow = ".widget-html-content:has(> figure[data-kind]){min-width:0}.widget-inline-hbox{max-width:100%}"
        hide = ipywidgets.HTML(f"<style>.{name}{{display:none}}{narrow}</style>")
        hide.layout.height = "0px"
        # the box must be kept, or its observers could be collected
        self.box = ipywidgets.VBox([*self.widgets, _keys()(), hide])
        display({WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}}, raw=True)
        data = self.still._repr_mimebundle_()
        display({**data, "text/html": f'<div class="{name}">{data["text/html"]}</div>'}, raw=True)

    def __repr__(self) -> str:
        return f"<live: {self.still.caption}>"


def live(widgets: "Sequence[ipywidgets.Widget]", still: Picture) -> Live:
    """Show ipywidgets, and `still` where they cannot live: in a notebook that is reopened, on GitHub, in exported HTML.

    widgets: drop-downs, sliders, and an `ipywidgets.HTML` that their observers fill; still: the picture at which they start, of
    kind "interactive". Errors: TypeError for a still that is no picture, ValueError for no widget or another kind.
    Used from week 2 day 3 on.
    """
    if not isinstance(still, Picture):
        raise TypeError(f"still must be a picture made by `figure`, got {type(still).__name__}")
    if still.kind != "interactive":
        raise ValueError(f'still must be a figure of kind "interactive", got {still.kind!r}')
    if not widgets:
        raise ValueError("widgets must hold at least one widget")
    return Live(widgets, still)


@functools.cache
def _keys() -> type:
    import anywidget

    return type("Keys", (anywidget.AnyWidget,), {"_esm": _KEYS, "__repr__": lambda self: "<keys>"})
