"""Live widgets: two outputs, of which the build keeps the picture; the picture hides itself while the widgets live."""

import matplotlib.pyplot as plt
import pytest

from shared.building import ROOT
from shared.visuals.figure import figure
from shared.visuals.live import WIDGET_VIEW, live


def a_picture(kind: str = "interactive"):
    return figure(plt.figure(figsize=(2, 2)), alt="What one learns from it.", caption="A caption.", kind=kind)


def outputs(shown, monkeypatch) -> list[dict]:
    import IPython.display

    kept = []
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: kept.append(data))
    shown._ipython_display_()
    return kept


def test_the_widgets_come_first_and_alone_then_the_picture(monkeypatch):
    import ipywidgets

    box, screen = ipywidgets.Dropdown(options=["a", "b"]), ipywidgets.HTML()
    box.observe(lambda change: setattr(screen, "value", change["new"]), names="value")
    shown = live([box, screen], still=a_picture())
    views, still = outputs(shown, monkeypatch)
    assert list(views) == [WIDGET_VIEW], "the build takes this away, and nothing of it is left"
    assert still["text/html"].count("<figure") == 1 and "image/png" in still
    name = still["text/html"].split('class="')[1].split('"')[0]
    assert any(f".{name}{{display:none}}" in getattr(child, "value", "") for child in shown.box.children)
    box.value = "b"
    assert screen.value == "b"


def test_two_showings_leave_the_same_bytes(monkeypatch):
    import ipywidgets

    first, second = (outputs(live([ipywidgets.HTML()], still=a_picture()), monkeypatch)[1] for _ in range(2))
    assert first == second


def test_bad_input_is_named():
    with pytest.raises(TypeError, match="still must be a picture"):
        live([1], still="picture")
    with pytest.raises(ValueError, match='kind "interactive", got \'still\''):
        live([1], still=a_picture("still"))
    with pytest.raises(ValueError, match="at least one widget"):
        live([], still=a_picture())


def test_no_day_with_live_widgets_switches_gradients_off_for_one_thread_alone():
    """PyTorch keeps that switch for each thread, and JupyterLab answers widgets in another one than cells."""
    days = {path.name: path.read_text(encoding="utf-8") for path in ROOT.glob("week*/source/day*.py")}
    live_days = [name for name, source in days.items() if "\nlive(" in source]
    assert live_days and [name for name in live_days if "set_grad_enabled(" in days[name]] == []
