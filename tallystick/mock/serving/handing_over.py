"""What each of several processes has seen, handed over at its end to the process that has forked them."""

from __future__ import annotations

import os
import pickle
import threading

from tallystick.mock.serving.workers import Turns, unnamed_file


class HandedOver:
    """Values of processes that are forked after this is made, one of each; a file without a name holds them."""

    def __init__(self) -> None:
        self._file = unnamed_file()
        self._turns = Turns()
        self._once = threading.Lock()

    def give(self, value: object) -> None:
        """Hand over the value of this process; another one of the same process is passed over."""
        if not self._once.acquire(blocking=False):
            return
        with self._turns, os.fdopen(os.dup(self._file), "ab") as file:
            pickle.dump(value, file)

    def all(self) -> list[object]:
        """The values of all processes that have ended."""
        values: list[object] = []
        with self._turns, os.fdopen(os.dup(self._file), "rb") as file:
            file.seek(0)
            while True:
                try:
                    values.append(pickle.load(file))
                except EOFError:
                    return values
