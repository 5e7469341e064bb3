"""The smallest surface: one person's message is a line of the terminal with a progress bar."""

import asyncio
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from bot.ports import Address, Card, Handle, Phase
from bot.process.out import plain

_ALMOST = 0.97  # the bar never says it is done before it is
_TICK_S = 0.1


class Terminal:
    """Surface `cli`: shows each card by redrawing one line; `over` is set when the job has ended."""

    name = "cli"

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),  # what a card says is nobody's markup
            BarColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._line: TaskID | None = None
        self._card: Card | None = None
        self._began_at = time.monotonic()
        self.over = asyncio.Event()

    async def run(self) -> None:
        """Moves the bar until cancelled."""
        with self._bar:
            while True:
                self._move()
                await asyncio.sleep(_TICK_S)

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """The card becomes the line; an end sets `over`."""
        del address
        self._card = card
        if self._line is None:
            self._line = self._bar.add_task(plain(card.headline), total=1.0)
        self._bar.update(self._line, description=plain(card.headline))
        if card.phase in (Phase.FINISHED, Phase.OVER):
            self._bar.update(self._line, completed=1.0)
            self.over.set()
        return handle or Handle(key=card.job)

    async def tell(self, address: Address, text: str) -> None:
        """Who sits here reads it above the line."""
        del address
        self.say(text)

    def say(self, text: str) -> None:
        """One line above the bar."""
        self._bar.console.print(plain(text), markup=False, highlight=False)

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _move(self) -> None:
        """How far the usual duration has run; an honest guess, and it slows down instead of ending early."""
        if self._line is None or self._card is None or self._card.phase != "painting":
            return
        elapsed_s = time.monotonic() - self._began_at
        usual_s = self._card.usual_s or 12.0
        self._bar.update(self._line, completed=min(_ALMOST, elapsed_s / (elapsed_s + usual_s * 0.4)))
