"""What a process has read of late and need not fetch again."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from fanfold import limits

T = TypeVar("T")


class Recent(Generic[T]):
    """The last few documents by name. Only for names under which never anything else is stored."""

    def __init__(self, documents_max: int = limits.DOCUMENTS_HELD) -> None:
        self._held: OrderedDict[str, T] = OrderedDict()
        self._documents_max = documents_max
        self._lock = Lock()

    def get(self, name: str, load: Callable[[str], T]) -> T:
        """The document of that name, loaded when it is not at hand. Two threads may both load it: it is the same."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
        document = load(name)
        with self._lock:
            self._held[name] = document
            while len(self._held) > self._documents_max:
                self._held.popitem(last=False)
        return document

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
