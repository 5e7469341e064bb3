"""Laws of a community's blocked words: an innocent reading of the same letters outranks every disguise."""

import pytest

from bot.moderation.checks import OwnWords
from bot.moderation.reading.text import word_list
from bot.ports import Policy, Severity

PASSES, REFUSED, STRIKES = "passes", "refused", "strikes"


def judged(prompt, *blocked):
    verdict = OwnWords().judge(prompt, Policy(blocked_words=blocked))
    if verdict.severity is not Severity.REFUSE:
        return PASSES
    return STRIKES if verdict.counts else REFUSED


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("he'll run", "hell"), ("she’ll stay, he’ll go", "hell"), ("she'll", "shell"), ("we'll", "well"), ("I'll", "ill"), ("she'd", "shed"),
        ("we're", "were"), ("can't", "cant"), ("put in a bowl", "Putin"), ("a live show", "alive"), ("show me at home", "meat"), ("so up", "soup"),
        ("a stun grenade", "nuts"), ("stun", "nuts"), ("evil eye", "live"), ("live music", "evil"), ("a good dog", "god"), ("god", "dog"),
        ("an adnap eating bamboo", "panda"), ("si, evil", "live"), ("il va au terra", "green"), ("a 455 engine, 35mm", "ass"), ("3d render", "ed"), ("4k wallpaper", "ak"),
        ("hot he'll dog", "hot dog"), ("the news", "new"), ("does it run", "doe"), ("golden hour", "gold"), ("a canvas", "canva"), ("planes", "plan"),
        ("Anna Karenina", "Ana"), ("Matt", "Mat"), ("good", "god"), ("ㅋㅋ 귀여운 곰", "쿠키"), ("ㅋㅋㅋㅋ", "크크크"), ("열심히 살자", "자살"), ("ㅅㅂ", "수박"), ("자위대", "위대"),
    ],
)  # fmt: skip
def test_what_is_read_only_through_a_disguise_never_outranks_what_everybody_knows(prompt, word):
    assert judged(prompt, word) == PASSES


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("hell on earth", "hell"), ("hell's kitchen", "hell"), ("Putin’s face", "Putin"), ("l'ours brun", "ours"), ("I can't", "can't"), ("can't hell", "hell"),
        ("two pandas", "panda"), ("dogs", "dog"), ("boxes", "box"), ("cherries", "cherry"), ("hot dogs", "hot dog"), ("muñecas", "muñeca"), ("potatoes", "potato"),
        ("파인애플을 먹는 곰", "파인애플"), ("아기의 판다들", "판다"), ("ｐａｎｄａ", "panda"), ("p4nd4s and k1w1s", "panda, kiwi"), ("裸の女", "裸"),
        ("eine Straße", "Straße"), ("STRASSE", "Strasse"), ("İstanbul", "İstanbul"), ("Élan", "élan"), ("C# code", "C#"), ("wo ist Köln", "Köln"), ("rock'n'roll", "Rock'n'Roll"), ("o’clock", "o'clock"),
    ],
)  # fmt: skip
def test_what_stands_there_plainly_or_as_more_of_it_counts(prompt, word):
    assert judged(prompt, *word.split(", ")) == STRIKES


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("p4nd4", "panda"), ("a pan da eats", "panda"), ("pa nd a", "panda"), ("pu tin", "Putin"), ("evi l", "evil"), ("pan<b>da</b>", "panda"), ("cGFuZGE=", "panda"), ("p.a.n.d.4", "panda"),
        ("adnap", "panda"), ("oobmab gnitae adnap eht", "panda"), ("paaandaa", "panda"), ("pandda", "panda"), ("naaazi", "nazi"), ("helll", "hell"), ("annaaa", "ana"),
        ("две панды", "панда"), ("с пандой", "панда"), ("zwei Katzen", "Katze"), ("viele Menschen", "Mensch"), ("flores rojas", "flor"), ("lápices", "lápiz"),
        ("피사체", "사체"), ("독수리", "수리"),
    ],
)  # fmt: skip
def test_a_disguise_and_what_may_be_another_word_is_refused_and_costs_no_strike(prompt, word):
    assert judged(prompt, word) == REFUSED


def test_no_word_that_everybody_knows_is_a_communitys_blocked_one():
    """Each of 120 words blocked, and every other common word typed."""
    known = sorted(word_list("common.txt"))
    blocked = tuple(known[::92])
    mine = set(blocked)
    others = [word for word in known if not any(word.startswith(one[:-1]) for one in mine)]
    assert len(others) > len(known) // 2
    assert [word for word in others if judged(word, *blocked) != PASSES] == []
    lines = [" ".join(others[place : place + 50]) for place in range(0, len(others), 50)]
    assert [line for line in lines if judged(line, *blocked) != PASSES] == []
