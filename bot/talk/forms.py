"""The one form, Create and Remix: the fields that the table of flags names, with what the chosen model takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.errors import NotThere
from bot.given.keepsakes import Keepsakes
from bot.model import Source, Use
from bot.order.flags import FLAGS, SHAPES, Flag, FlagKind
from bot.order.prompts import as_flag, wishes
from bot.ports import Place, Requester
from bot.studio.counter import Offer
from bot.studio.studio import Studio
from bot.talk import drafts
from bot.talk.answers import Choice, Field, FieldKind, Form
from bot.talk.deeds import Begun, Filled
from bot.talk.reports import offer_note
from bot.talk.suggestions import chosen, named
from bot.words.words import Say, Words

PROMPT = "prompt"
PICTURE = "picture"  # which of several is changed
PICTURES = "pictures"  # files to be put in


class FormAsker(Protocol):
    """A deed, as far as a form depends on it: its models and styles are those that one may use there."""

    @property
    def who(self) -> Requester: ...
    @property
    def place(self) -> Place: ...


class Forms:
    """Makes forms for one person, in one place."""

    def __init__(self, studio: Studio, keepsakes: Keepsakes, words: Words) -> None:
        self._studio = studio
        self._keepsakes = keepsakes
        self._words = words

    async def remix(self, job: str, by: FormAsker) -> Form:
        """Another one of this picture, beginning with what was asked for. Raises a Refusal."""
        found = await self._studio.job(job, by.who)
        return await self.create(by, wishes(found.order), parent=found.id)

    async def again(self, by: FormAsker, values: Mapping[str, str], begun: Begun) -> Form:
        """A form that stands open, with other values: what follows its model has changed."""
        if begun.draft:
            return await self.reword(begun.draft, by, values)
        if not begun.edits:
            return await self.create(by, values, parent=begun.parent)
        if not begun.parent:
            return await self.change((), by, values)
        return await self.edit(begun.parent, begun.index, by, values)

    async def reword(self, draft: str, by: FormAsker, values: Mapping[str, str] | None = None) -> Form:
        """What was refused, to be tried again. Raises NotThere where it isn't kept any more."""
        kept = drafts.found(await self._keepsakes.draft(draft, by.who))
        stands = drafts.values_of(kept) if values is None else values
        given = drafts.pictures_of(kept)
        if kept["edits"] and kept["parent"]:
            form = await self.edit(kept["parent"], kept["index"], by, stands)
        elif given or kept["edits"]:
            form = await self.change(given, by, stands)
        else:
            form = await self.create(by, stands, parent=kept["parent"])
        return replace(form, begun=replace(form.begun, draft=draft))

    async def create(self, by: FormAsker, values: Mapping[str, str], *, parent: str = "") -> Form:
        """The form as its values stand. Raises NotThere when no model is open."""
        writer = await self._writer(by, values)
        most = max(offer.model.inputs if offer.model.edits else 0 for offer in writer.offers)
        return Form(
            title=writer.say("remix-title" if parent else "create-title"),
            fields=(writer.prompt("label-prompt"), *writer.pictures(most), *writer.flags()),
            model=writer.offer.name,
            begun=Begun(parent=parent),
        )

    async def chosen_in(self, deed: Filled) -> Mapping[str, str]:
        """What was chosen in a form for a new picture.

        It begins with the default model: where that stands untouched and takes no pictures, those that were put in
        choose another.
        """
        if not deed.pictures or "model" not in deed.options:
            return deed.options
        offers = await self._studio.models(deed.who, deed.place)
        offer = chosen(offers, deed.options["model"])
        inputs = sum(source.use is not Use.MASK for source in deed.pictures)
        if offer is None or not offer.is_default or offer.model.takes(inputs):
            return deed.options
        return {name: value for name, value in deed.options.items() if name != "model"}

    async def edit(
        self, job: str, index: int, by: FormAsker, values: Mapping[str, str] | None = None
    ) -> Form:
        """To change a picture of a job; 0 asks which, where there are several. Raises a Refusal."""
        found = await self._studio.job(job, by.who)
        shown = [image.index for image in found.images]
        if not shown or (index and index not in shown):
            raise NotThere
        begins = {"private": "yes"} if found.order.private else {}
        writer = await self._writer(by, begins if values is None else values, inputs=1)
        which = writer.which(shown) if len(shown) > 1 and not index else ()
        begun = Begun(parent=found.id, edits=True, index=index or (0 if which else shown[0]))
        return self._editing(writer, which, given=1, begun=begun)

    async def change(
        self, pictures: tuple[Source, ...], by: FormAsker, values: Mapping[str, str] | None = None
    ) -> Form:
        """To change pictures that stand in a message. Raises a Refusal."""
        writer = await self._writer(by, values or {}, inputs=max(1, len(pictures)))
        form = self._editing(writer, (), given=len(pictures), begun=Begun(edits=True))
        return replace(form, pictures=pictures)

    def _editing(self, writer: "_Writer", which: tuple[Field, ...], *, given: int, begun: Begun) -> Form:
        most = max(offer.model.inputs for offer in writer.offers) - given
        return Form(
            title=writer.say("edit-title"),
            fields=(writer.prompt("label-edit"), *which, *writer.pictures(most), *writer.flags()),
            model=writer.offer.name,
            begun=begun,
        )

    async def _writer(self, by: FormAsker, values: Mapping[str, str], *, inputs: int = 0) -> "_Writer":
        """With the models that may be chosen: those that take so many pictures, where some are given."""
        who = by.who
        rules = await self._studio.rules(who, by.place)
        offers = self._studio.offers(who, rules)
        if inputs:
            best = self._studio.taking(inputs, rules=rules)
            offers = [offer for offer in offers if offer.model.takes(inputs)]
            offer = named(offers, values.get("model", "")) or named(offers, best.id)
        else:
            offer = chosen(offers, values.get("model", ""))
        if offer is None:
            raise NotThere("no-models-open")
        return _Writer(
            words=self._words,
            language=who.language,
            values=values,
            offers=offers,
            offer=offer,
            styles=self._studio.styles(rules),
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

    def flags(self) -> tuple[Field, ...]:
        return tuple(self.field(flag) for flag in FLAGS if flag.in_form)

    def prompt(self, label: str) -> Field:
        return Field(
            name=PROMPT,
            label=self.say(label),
            kind=FieldKind.PARAGRAPH,
            value=self.values.get(PROMPT, ""),
            required=True,
        )

    def which(self, indices: Sequence[int]) -> tuple[Field, ...]:
        """Which of several pictures is changed."""
        choices = tuple(
            Choice(value=str(index), label=self.say("picture-number", index=index)) for index in indices
        )
        value = self.values.get(PICTURE, "") or choices[0].value
        return (
            Field(
                name=PICTURE,
                label=self.say("label-which"),
                kind=FieldKind.CHOICE,
                value=value,
                choices=choices,
            ),
        )

    def pictures(self, most: int) -> tuple[Field, ...]:
        """Files to be put in; no field where no model would take them."""
        if most < 1:
            return ()
        return (Field(name=PICTURES, label=self.say("label-pictures"), kind=FieldKind.PICTURES, most=most),)

    def field(self, flag: Flag) -> Field:
        """The field of a flag; with what the chosen model takes, or anything at all."""
        match flag.kind:
            case FlagKind.MODEL:
                return self._made(flag, FieldKind.CHOICE, self._models(), value=self.offer.model.id)
            case FlagKind.STYLE:
                return self._made(flag, FieldKind.CHOICE, self._styles(), taken=bool(self.styles))
            case FlagKind.SWITCH:
                return self._made(flag, FieldKind.SWITCH)
            case FlagKind.LIST | FlagKind.PICTURES:
                return self._made(flag, FieldKind.TEXT)
            case FlagKind.COUNT | FlagKind.SHAPE | FlagKind.SIZE | FlagKind.CHOICE | FlagKind.NUMBER:
                return self._of_model(flag)

    def _of_model(self, flag: Flag) -> Field:
        takes = self.offer.takes.get(flag.spelled)
        offered = takes or (SHAPES if flag.kind is FlagKind.SHAPE else ())
        every = self._any_model(flag) if flag.kind is FlagKind.COUNT else ()
        return self._made(
            flag,
            FieldKind.CHOICE,
            self._priced(flag, offered),
            any_model=_choices(every),
            follows_model=True,
            taken=takes is not None and len(offered) != 1,
        )

    def _priced(self, flag: Flag, values: Sequence[str]) -> tuple[Choice, ...]:
        """Values with what an image costs then, where they decide it."""
        costs = self.offer.costs(flag.spelled)
        return tuple(
            Choice(
                value=value,
                label=value,
                note=self.say("credits-value", credits=costs[value]) if value in costs else "",
            )
            for value in values
        )

    def _any_model(self, flag: Flag) -> list[str]:
        """What some open model takes, in the order of their lists."""
        return list(dict.fromkeys(v for offer in self.offers for v in offer.takes.get(flag.spelled, ())))

    def _models(self) -> tuple[Choice, ...]:
        return tuple(
            Choice(value=o.model.id, label=o.name, note=offer_note(o, Say(self.words, self.language)))
            for o in self.offers
        )

    def _styles(self) -> tuple[Choice, ...]:
        looks = {name: self.words.style(name, self.language) for name in self.styles}
        return tuple(Choice(value=name, label=name, note=look) for name, look in looks.items())

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


def picture_in(deed: Filled) -> int:
    """Which of several pictures a form that was filled in is about, from 1; 0: the first."""
    typed = deed.options.get(PICTURE, "")
    return deed.begun.index or (int(typed) if typed.isdecimal() else 0)


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
