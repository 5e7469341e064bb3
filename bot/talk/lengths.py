"""A text that is longer than a platform's field stands in several, and comes back as one: no word is lost. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from bot.talk.answers import Field

PARTS_MOST = 16
_MARK = "+"  # between a field's name and the number of its part


def parts_of(field: Field, limit: int) -> tuple[Field, ...]:
    """A field as one, or as many as its value needs, of so many characters each; cut between words where there are any."""
    texts, rest = list[str](), field.value
    while len(rest) > limit and len(texts) < PARTS_MOST - 1:
        at = max(rest.rfind(" ", 1, limit + 1), rest.rfind("\n", 1, limit + 1))
        texts.append(rest[:limit] if at < 0 else rest[:at])
        rest = rest[limit:] if at < 0 else rest[at + 1 :]
    first, *others = (*texts, rest)
    return (
        replace(field, value=first),
        *(
            replace(
                field,
                name=f"{field.name}{_MARK}{number}",
                label=f"{field.label} ({number})",
                value=text,
                required=False,
            )
            for number, text in enumerate(others, start=2)
        ),
    )


def whole(values: Mapping[str, str]) -> dict[str, str]:
    """What stands in a form's fields, the parts of one together again."""
    found: dict[str, list[tuple[int, str]]] = {}
    for key, value in values.items():
        name, mark, number = key.partition(_MARK)
        known = mark and number.isdecimal()
        found.setdefault(name if known else key, []).append((int(number[:3]) if known else 1, value))
    return {name: " ".join(text for _, text in sorted(parts)) for name, parts in found.items()}
