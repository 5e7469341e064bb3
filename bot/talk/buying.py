"""What people buy: all that is sold to them, and where they pay."""

from bot.credits.purchases import Purchases
from bot.errors import NotAllowed
from bot.ports import Requester
from bot.shops import Product
from bot.talk.answers import Lines, Pay, Turn
from bot.talk.deeds import Asked, Topic
from bot.words.words import Words

_DAY_S = 86_400


class Buying:
    """Answers `/easel buy`."""

    def __init__(self, purchases: Purchases, words: Words) -> None:
        self._purchases = purchases
        self._words = words

    async def answer(self, deed: Asked) -> Lines:
        """What is sold; or with a product's name its private link. Raises NotAllowed."""
        who, wanted = deed.who, deed.text.strip() or deed.values.get("product", "")
        if not self._purchases.offers(who):
            raise NotAllowed("buy-off")
        arrived = await self._purchases.come(who, chooses=True)
        if wanted:
            return await self._link(deed, wanted)
        return self._all(who, arrived)

    async def arrived(self, who: Requester) -> str:
        """A line for whose purchases were waiting for them; mostly nothing."""
        if not self._purchases.products:
            return ""
        return self._arrived(who, await self._purchases.come(who))

    def _arrived(self, who: Requester, count: int) -> str:
        return self._say(who, "buy-arrived", count=count) if count else ""

    async def _link(self, deed: Asked, wanted: str) -> Lines:
        product, address = await self._purchases.link(wanted, deed.who, key=deed.key)
        label = self._say(deed.who, "buy-pay", title=product.label)
        return Lines(
            topic=Topic.BUY,
            title=self._say(deed.who, "buy-title"),
            lines=(self._say(deed.who, "buy-link", title=product.label),),
            pays=(Pay(label=label, address=address),),
        )

    def _all(self, who: Requester, arrived: int) -> Lines:
        lines, turns, pays = [self._say(who, "buy-intro")], [], []
        for product, shop in self._purchases.offers(who):
            row = self._row(who, product)
            lines += [] if row in lines else [row]
            if shop in self._purchases.shops:
                lines.append(self._say(who, "buy-by-link", name=product.name))
                turns.append(Turn(topic=Topic.BUY, label=product.label, text=product.name.casefold()))
            else:
                lines.append(self._say(who, "buy-here"))
                pays.append(Pay(label=product.label, article=product.articles[shop]))
        if arrived:
            lines.append(self._arrived(who, arrived))
        return Lines(
            topic=Topic.BUY,
            title=self._say(who, "buy-title"),
            lines=tuple(lines),
            turns=tuple(turns),
            pays=tuple(pays),
        )

    def _row(self, who: Requester, product: Product) -> str:
        return self._say(
            who,
            "buy-row",
            title=product.label,
            amount=product.credits,
            monthly="yes" if product.monthly else "no",
            days=None if product.lasts_s is None else product.lasts_s // _DAY_S,
        )

    def _say(self, who: Requester, message_id: str, /, **facts: object) -> str:
        return self._words.say(message_id, who.language, **facts)
