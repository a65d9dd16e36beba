"""A slot that is called a while after the last of many events."""

import qt


def timer_for(slot, milliseconds: int):
    """A QTimer: each ``start()`` begins the wait anew, at whose end ``slot()`` is called once."""
    timer = qt.QTimer()
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.connect("timeout()", slot)
    return timer
