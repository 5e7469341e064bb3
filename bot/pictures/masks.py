"""Masks as services want them. Ours is grey: what is white on it may change, what is black stays."""

from collections.abc import Awaitable, Callable

from bot.pictures.darkroom import Darkroom

_GREY = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_DEPTH_AND_COLOURS = slice(24, 26)
_EIGHT_BITS_OF_GREY = b"\x08\x00"


async def grey(mask: bytes) -> bytes:
    """The mask as a grey PNG, whatever it was painted in; what is see-through counts as white."""
    if mask.startswith(_GREY) and mask[_DEPTH_AND_COLOURS] == _EIGHT_BITS_OF_GREY:
        return mask
    return await _made(lambda darkroom: darkroom.grey(mask))


async def see_through(mask: bytes) -> bytes:
    """The same as a PNG on which what may change is transparent."""
    return await _made(lambda darkroom: darkroom.see_through(mask))


async def _made(make: Callable[[Darkroom], Awaitable[bytes]]) -> bytes:
    """In a process that lives only for it: masks are few."""
    darkroom = Darkroom(processes=1)
    try:
        return await make(darkroom)
    finally:
        await darkroom.aclose()
