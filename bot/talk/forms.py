"""The one form, Create and Remix: the fields that the table of flags names, with what the chosen model takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.counter import Offer
from bot.errors import NotThere
from bot.order.flags import FLAGS, SHAPES, Flag, Kind
from bot.order.prompts import as_flag, wishes
from bot.ports import Requester
from bot.studio import Studio
from bot.talk.answers import Choice, Field, FieldKind, Form
from bot.talk.reports import offer_note
from bot.talk.suggestions import chosen
from bot.words import Words

PROMPT = "prompt"


class Forms:
    """Makes forms for one person."""

    def __init__(self, studio: Studio, words: Words) -> None:
        self._studio = studio
        self._words = words

    async def remix(self, job: str, who: Requester) -> Form:
        """Another one of this picture, beginning with what was asked for. Raises a Refusal."""
        found = await self._studio.job(job, who)
        return await self.create(who, wishes(found.order), parent=found.id)

    async def create(self, who: Requester, values: Mapping[str, str], *, parent: str = "") -> Form:
        """The form as its values stand. Raises NotThere when no model is open."""
        rules = await self._studio.rules(who)
        offers = self._studio.offers(who, rules)
        offer = chosen(offers, values.get("model", ""))
        if offer is None:
            raise NotThere("no-models-open")
        writer = _Writer(
            words=self._words,
            language=who.language,
            values=values,
            offers=offers,
            offer=offer,
            styles=self._studio.styles(rules),
        )
        fields = (writer.prompt(), *(writer.field(flag) for flag in FLAGS if flag.in_form))
        return Form(
            title=writer.say("remix-title" if parent else "create-title"),
            fields=fields,
            model=offer.name,
            parent=parent,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """One form being written."""

    words: Words
    language: str
    values: Mapping[str, str]
    offers: Sequence[Offer]
    offer: Offer
    styles: Sequence[str]

    def say(self, message_id: str, /, **facts: object) -> str:
        return self.words.say(message_id, self.language, **facts)

    def prompt(self) -> Field:
        return Field(
            name=PROMPT,
            label=self.say("label-prompt"),
            kind=FieldKind.PARAGRAPH,
            value=self.values.get(PROMPT, ""),
            required=True,
        )

    def field(self, flag: Flag) -> Field:
        """The field of a flag; with what the chosen model takes, or anything at all."""
        match flag.kind:
            case Kind.MODEL:
                return self._made(flag, FieldKind.CHOICE, self._models(), value=self.offer.model.id)
            case Kind.STYLE:
                return self._made(flag, FieldKind.CHOICE, _choices(self.styles), taken=bool(self.styles))
            case Kind.SWITCH:
                return self._made(flag, FieldKind.SWITCH)
            case Kind.LIST:
                return self._made(flag, FieldKind.TEXT)
            case Kind.COUNT | Kind.SHAPE | Kind.SIZE | Kind.CHOICE | Kind.NUMBER:
                return self._of_model(flag)

    def _of_model(self, flag: Flag) -> Field:
        takes = self.offer.takes.get(flag.spelled)
        offered = takes or (SHAPES if flag.kind is Kind.SHAPE else ())
        every = self._any_model(flag) if flag.kind is Kind.COUNT else ()
        return self._made(
            flag,
            FieldKind.CHOICE,
            _choices(offered),
            any_model=_choices(every),
            follows_model=True,
            taken=takes is not None and len(offered) != 1,
        )

    def _any_model(self, flag: Flag) -> list[str]:
        """What some open model takes, in the order of their lists."""
        return list(dict.fromkeys(v for offer in self.offers for v in offer.takes.get(flag.spelled, ())))

    def _models(self) -> tuple[Choice, ...]:
        return tuple(
            Choice(value=o.model.id, label=o.name, note=offer_note(o, self.say)) for o in self.offers
        )

    def _made(
        self,
        flag: Flag,
        kind: FieldKind,
        choices: tuple[Choice, ...] = (),
        *,
        value: str | None = None,
        any_model: tuple[Choice, ...] = (),
        follows_model: bool = False,
        taken: bool = True,
    ) -> Field:
        return Field(
            name=flag.name,
            label=self.say(flag.label),
            kind=kind,
            value=self.values.get(flag.name, "") if value is None else value,
            choices=choices,
            any_model=any_model,
            follows_model=follows_model,
            taken=taken,
        )


def still(form: Form, most: int) -> tuple[Field, ...]:
    """The fields of a form that can't follow its model, and has room for so many.

    A field that does follow is a line of text then, unless every model's values are known. What has no field
    stands as flags behind the prompt, so that nothing is lost.
    """
    shown, left_out = form.fields[:most], form.fields[most:]
    kept = [as_flag(field.name, field.value) for field in left_out if field.value]
    prompt = " ".join([form[PROMPT].value, *kept]).strip()
    fixed = [replace(field, choices=field.any_model) if field.follows_model else field for field in shown]
    return tuple(replace(field, value=prompt) if field.name == PROMPT else field for field in fixed)


def _choices(values: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, label=value) for value in values)
