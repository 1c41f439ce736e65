"""The form in a cell: a widget that asks, Python that answers, and a page of <details> for places without a kernel.

The widget gets its text as JSON and builds the page with text nodes only, so nothing in a question can become markup.
What is right never travels to the browser before it was asked for. No file of it comes from anywhere but this folder.
"""

import functools
import hashlib
import json

from shared.learning import cards, record

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Form:
    """Base of quiz, prediction and journal: what the page holds, what it may send, and its look without a kernel."""

    script = ""  # the file in assets/ that draws this form

    def content(self) -> dict:
        """What the page shows from the start."""
        raise NotImplementedError

    def state(self) -> dict:
        """What has happened so far; sent again after every message, so that a second view of the cell shows it too."""
        raise NotImplementedError

    def receive(self, message: dict) -> None:
        """Act on what the page sent."""
        raise NotImplementedError

    def fallback(self) -> str:
        """HTML that works with no kernel and no script."""
        raise NotImplementedError

    def push(self) -> None:
        """Send the present state to the page, if there is one."""
        if self._widget is not None:
            self._widget.state = as_json({**self.state(), "notice": record.take_notice()})

    _widget = None

    def _show(self) -> None:
        """Make the widget, the first time that the form is displayed."""
        import anywidget  # here, not above: only a form that is displayed needs it

        self._widget = _widget_class(anywidget, self.script)(content=as_json({**self.content(), "stand_in": self._stand_in()}))
        self._widget.on_msg(lambda widget, message, buffers: self._take(message))
        self.push()

    def _take(self, message) -> None:
        if isinstance(message, dict):
            self.receive(message)
            self.push()

    def _stand_in(self) -> str:
        """The name of the fallback's element, which the live form hides."""
        return "stand-in-" + hashlib.sha256(as_json(self.content()).encode()).hexdigest()[:10]

    def _ipython_display_(self) -> None:
        # Two outputs, not two forms of one: a notebook that is opened again without its kernel shows an error where the
        # widget was, and would never fall back to the HTML beside it. While the widget lives it hides the HTML below.
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display({WIDGET_VIEW: data.pop(WIDGET_VIEW)}, metadata=metadata, raw=True)
        display(data, raw=True)

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        if self._widget is None:
            self._show()
        shown = self._widget._repr_mimebundle_()
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        words = {"text/html": f'<div class="{self._stand_in()}">{cards.card(self.fallback())}</div>', "text/plain": repr(self)}
        return {WIDGET_VIEW: data[WIDGET_VIEW], **words}, metadata


def as_json(value) -> str:
    """JSON that can stand inside HTML: no `<` can end a script there."""
    # half of a surrogate pair has no UTF-8 form
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").encode("utf-8", "replace").decode()


@functools.cache
def _widget_class(anywidget, script: str) -> type:
    import traitlets

    def asset(name: str) -> str:
        return (cards.ASSETS / name).read_text(encoding="utf-8")

    return type(
        "CourseForm",
        (anywidget.AnyWidget,),
        {
            "_esm": asset("form.js") + "\n" + asset(script),
            # the line end says that it is a style: anywidget takes one line for the name of a file
            "_css": cards.stylesheet("card.css", "form.css") + "\n",
            "content": traitlets.Unicode("{}").tag(sync=True),
            "state": traitlets.Unicode("{}").tag(sync=True),
            "__repr__": lambda self: f"<form {script}>",  # the inherited one shows an address
        },
    )
