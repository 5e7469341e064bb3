"""Who may do what with a job, by what is known of both; asks nobody."""

from bot.community import quotas
from bot.community.powers import Power, may
from bot.community.rules import Rules
from bot.errors import NotAllowed
from bot.job import Job
from bot.ports import Requester


def may_see(job: Job, who: Requester) -> bool:
    """Nobody sees what was deleted, nor into another community, nor another's private picture."""
    owner = job.requester
    if job.deleted or (owner.surface, owner.community) != (who.surface, who.community):
        return False
    return not job.order.private or owner.user == who.user


def may_press(job: Job, who: Requester, rules: Rules) -> bool:
    """Whether the community lets this person go on from a job that they may see: by a button or by its name."""
    return rules.press == "everyone" or job.requester.user == who.user or quotas.moderates(who)


def may_use(job: Job, index: int, who: Requester) -> bool:
    """Whether one picture of a job is there and theirs to see: then they may also go on from it."""
    return may_see(job, who) and any(asset.index == index for asset in job.images)


def assert_own(job: Job, who: Requester, rules: Rules) -> None:
    """Raises NotAllowed for who neither asked for the job nor may tidy up here."""
    if job.requester.user != who.user and not may(who, Power.TIDY, rules):
        raise NotAllowed("not-yours")
