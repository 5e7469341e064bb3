"""A deed counts once: an event that is told again, or a double click, is known by its mark, on all replicas."""

import hashlib

from bot.studio import Studio
from bot.talk.deeds import Asked, Deed, Filled, Held, Pressed, Reacted, Spoken, Typed

DOUBLE_CLICK_S, REACTION_S = 3.0, 60.0  # ruling 8


class Once:
    """Marks deeds."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def mark(self, deed: Deed) -> bool:
        """Marks a deed as seen. Returns whether it is a new one, and no event told again or double click."""
        who = deed.who
        match deed:
            case Typed() | Spoken():
                return True  # The books know an order by its key.
            case Asked() | Held():
                return await self._studio.mark_seen(deed.key)
            case Filled():
                # The same words again at once, from another click; another text is another order.
                filled = (deed.text, sorted(deed.options.items()), deed.begun, deed.pictures)
                words = hashlib.sha256(repr(filled).encode()).hexdigest()
                click = f"fill:{who.surface}:{who.user}:{words}"
                return await self._studio.mark_seen(click, again_after_s=DOUBLE_CLICK_S)
            case Pressed():
                control = f"{deed.message}:{deed.do}:{deed.job}:{deed.role}:{deed.index}"
                click = f"press:{who.surface}:{control}:{who.user}"
                return await self._studio.mark_seen(f"{deed.key}:press") and await self._studio.mark_seen(
                    click, again_after_s=DOUBLE_CLICK_S
                )
            case Reacted():
                # Put, taken back and put once more counts once a minute.
                event = f"reaction:{who.surface}:{deed.message}:{who.user}:{deed.emoji or deed.sign}"
                return await self._studio.mark_seen(event, again_after_s=REACTION_S)
