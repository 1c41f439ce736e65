"""How a run is stopped without loss: the step that is under way is finished first."""

import signal
import threading
from types import FrameType


class Stop:
    """While this is entered, an interrupt (Ctrl+C, a notebook's stop button, SIGTERM) sets `asked` instead of breaking off.

    A second Ctrl+C breaks off at once. Outside the main thread, where Python delivers no signals, nothing changes.
    """

    asked = False

    def __enter__(self) -> "Stop":
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)  # None: not Python's own

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True
