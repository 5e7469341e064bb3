"""Who may do what with a job, by what is known of both; asks nobody."""

from dataclasses import dataclass

from bot.community import quotas
from bot.community.powers import OF_THE_ROOM, Power, may
from bot.errors import NotAllowed
from bot.job import Job, Message
from bot.ports import MAIN, Do, Requester
from bot.rules.rules import Rules


def may_see(job: Job, who: Requester) -> bool:
    """Nobody sees what was deleted, nor into another community, nor another's private picture."""
    owner = job.requester
    if job.deleted or (owner.surface, owner.community) != (who.surface, who.community):
        return False
    return not job.order.private or owner.user == who.user


def everyone_may_press(rules: Rules) -> bool:
    """Whether the community lets everybody go on from others' pictures."""
    match rules.press:
        case "everyone":
            return True
        case "requester":
            return False


def may_press(job: Job, who: Requester, rules: Rules) -> bool:
    """Whether the community lets this person go on from a job that they may see: by a button or by its name."""
    return everyone_may_press(rules) or job.requester.user == who.user or quotas.moderates(who)


def may_use(job: Job, index: int, who: Requester) -> bool:
    """Whether one picture of a job is there and theirs to see: then they may also go on from it."""
    return may_see(job, who) and any(asset.index == index for asset in job.images)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one person may press, under the rules that hold: for a surface where each has a view of their own.

    What would only be refused need not be shown; whoever presses is asked again all the same.
    """

    who: Requester
    rules: Rules

    def may(self, do: Do, job: Job, message: Message) -> bool:
        """Whether a button of a job's message is more than a refusal for them."""
        own = job.requester.user == self.who.user
        match do:
            case Do.CANCEL:
                return own or self._has(Power.TIDY)
            case Do.DELETE:
                theirs = message.role != MAIN and message.author == self.who.user
                return own or theirs or self._has(Power.TIDY)
            case Do.TELL | Do.APPEAL:
                return own
            case Do.REROLL | Do.RETRY | Do.REMIX | Do.EDIT | Do.VARY | Do.UPSCALE | Do.PICK:
                return may_press(job, self.who, self.rules)
            case Do.ORIGINAL | Do.SHOW | Do.FAVOURITE | Do.SEND | Do.REPORT | Do.REWORD:
                return True
            case Do.OPEN | Do.HIDE | Do.RELEASE | Do.DISCARD | Do.REFUND | Do.BLOCK | Do.WRONG | Do.DISMISS:
                return self._has(OF_THE_ROOM[do])

    def _has(self, power: Power) -> bool:
        return may(self.who, power, self.rules)


def assert_own(job: Job, who: Requester, rules: Rules) -> None:
    """Raises NotAllowed for who neither asked for the job nor may tidy up here."""
    if job.requester.user != who.user and not may(who, Power.TIDY, rules):
        raise NotAllowed("not-yours")
