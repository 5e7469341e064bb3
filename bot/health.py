"""How a route fares: a breaker for each provider and model, as a value. Pure; replicas share it by the store."""

from dataclasses import dataclass, replace

WINDOW = 5  # outcomes that are remembered ...
FAILURES = 3  # ... and how many failures of them open the breaker
PROBE_AFTER_S = 30.0  # when one job may try again, the first time ...
PROBE_AFTER_MAX_S = 600.0  # ... and at most: each failed probe doubles it
PROBE_TAKES_S = 180.0  # a probe that says nothing for so long is lost, and another may go
REST_MOST_S = 600.0  # of whatever rests
_CLOCKS_DIFFER_S = 5.0  # of replicas
DOUBT_S = 30.0  # how long after a failure others go first, where there are others

WORKED, FAILED = "+", "-"
Route = tuple[str, str]  # provider, model


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What was learned of one route. `opens` counts how often it was opened in a row; 0: it is closed."""

    outcomes: str = ""  # the last ones, the newest at the end
    failed_at: float = 0.0  # unix seconds
    opens: int = 0
    probe_at: float = 0.0  # while it is open: from when on one job may go
    probing: bool = False  # one has gone

    @property
    def clean(self) -> bool:
        """Whether nothing has failed lately: a success is nothing new."""
        return not self.opens and FAILED not in self.outcomes

    def bars(self, now: float) -> bool:
        """Whether nobody may go."""
        return self.opens > 0 and lasts(self.probe_at, now)

    def doubts(self, now: float) -> bool:
        """Whether others go first: it failed the last time, a moment ago, or only a probe may go."""
        return self.opens > 0 or (self.outcomes.endswith(FAILED) and lasts(self.failed_at + DOUBT_S, now))

    def after(self, *, worked: bool, now: float) -> "Health":
        """What is known after one more outcome."""
        if worked:
            kept = "" if self.opens else self.outcomes
            return Health(outcomes=(kept + WORKED)[-WINDOW:], failed_at=self.failed_at)
        failed = replace(self, outcomes=(self.outcomes + FAILED)[-WINDOW:], failed_at=now)
        if self.opens:
            # What was asked before it opened teaches nothing new; a probe's failure doubles the pause.
            return _opened(failed, self.opens + 1, now) if self.probing else failed
        return _opened(failed, 1, now) if failed.outcomes.count(FAILED) >= FAILURES else failed

    def probed(self, now: float) -> "Health":
        """As it stands while one job tries: nobody else goes until that is over, or lost."""
        return replace(self, probing=True, probe_at=now + PROBE_TAKES_S)


def lasts(until: float, now: float) -> bool:
    """Whether a rest lasts until then; a longer one than there is was begun by a clock that has been set back."""
    return 0 < until - now <= REST_MOST_S + _CLOCKS_DIFFER_S


def _opened(health: Health, opens: int, now: float) -> Health:
    pause_s = min(PROBE_AFTER_MAX_S, PROBE_AFTER_S * 2.0 ** (min(opens, 20) - 1))
    return replace(health, opens=opens, probing=False, probe_at=now + pause_s)
