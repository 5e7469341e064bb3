"""Small talk, pure: what people say to Easel that is no picture, in the languages that it speaks.

Words are small talk only where all of them are: one word that could be drawn, and it is a picture. So "thanks @Easel!"
is small talk, "a thank you card with flowers" is not. Each word is looked at once.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum

_WORDS_MOST = 14
_LETTERS_MOST = 200


class Small(StrEnum):
    """What kind of small talk it is; each has its short answer, `small-KIND`."""

    HELLO = "hello"
    THANKS = "thanks"
    PRAISE = "praise"
    HELP = "help"
    FINE = "fine"  # yes, no, lol, bye: nothing is wanted
    BARE = "bare"  # no word at all


_ENGLISH: Mapping[Small, str] = {
    Small.HELLO: """
        hi | hello | hey | hiya | heya | yo | howdy | greetings | sup | gm | ping | test | testing | hello world
        whats up | wassup | good morning | good afternoon | good evening | good day | how are you | how are you doing
        how r u | hows it going | how is it going | how are things | nice to meet you | anyone there | anybody there
        are you there | you there | are you awake | long time no see""",
    Small.THANKS: """
        thanks | thank you | thank u | thankyou | thx | tnx | ty | tysm | tyvm | thanx | many thanks | cheers
        much appreciated | appreciate it | appreciated | i appreciate it | i appreciate that | danke | merci
        thanks a lot | thanks a bunch | thanks a million | thanks so much | thank you so much | thank you very much""",
    Small.PRAISE: """
        nice | nice one | good one | well done | good job | great job | nice job | good work | great work | nice work
        great | awesome | amazing | beautiful | gorgeous | lovely | wonderful | fantastic | perfect | excellent
        brilliant | cool | neat | sweet | wow | whoa | woah | love it | i love it | love this | i love this | love that
        i like it | like it | i like this | i like that | looks good | looks great | looks amazing | looks nice
        looks awesome | not bad | bravo | impressive | incredible | stunning | superb | epic | dope | good | cute
        fun | funny | hilarious | good bot | what i wanted | what i needed | what i was looking for | on point
        well played | nailed it | you nailed it | masterpiece | a masterpiece | the best | youre the best""",
    Small.HELP: """
        help | help me | can you help | can you help me | could you help me | i need help | i need some help
        what can you do | what can i do | what can i do here | what can i do with you | what do you do | what are you
        who are you | what is this | whats this | what is easel | whats easel | who is easel | what else can you do
        how does this work | how does it work | how do you work | how do i use this | how do i use you | how to use
        how to use this | how to use you | how do i use it | how do i use easel | how do i start | get started
        what can you draw | what can you make | what do you draw | can you draw | can you draw pictures
        can you make pictures | can you make images | can you edit pictures | can you edit images
        what models do you have | which models do you have | what models are there | which models are there
        how much does it cost | how much is it | how much does a picture cost | how much is a picture
        what does it cost | what does a picture cost | is it free | are you free | are you a bot | are you human
        are you real | are you an ai | are you ai | usage | commands | instructions | faq | what commands are there
        what flags are there | tell me what you can do | show me what you can do | what should i do | what now""",
    Small.FINE: """
        ok | okay | okey | k | kk | alright | all right | sure | yes | yep | yeah | yup | yea | no | nope | nah | lol
        lmao | rofl | xd | hm | hmm | hmmm | huh | oh | ah | aha | i see | got it | gotcha | understood | right
        exactly | sorry | my bad | oops | never mind | nevermind | nvm | forget it | wait | maybe | idk | i dont know
        please | pls | bad bot | omg | wtf | damn | ugh | meh | whatever | fine | done | no worries | no problem | np
        youre welcome | welcome | you too | same here | agreed | true | really | seriously | interesting | congrats
        congratulations | bye | goodbye | bye bye | see you | see ya | cya | good night | gn | later | see you later
        see you tomorrow | brb | no thanks | no thank you | thats it | thats all | stop | i dont like it | i hate it
        not good | wrong | why | what | who | when | where | how""",
}  # fmt: skip
# Said around the others; alone they say nothing.
_AROUND = """
    easel | bot | so | very | much | really | such | a lot | lots | there | you | u | all | everyone | everybody | guys
    folks | team | man | bro | dude | mate | buddy | friend | my friend | my dear | dear | again | too | just | well | and | but
    it | this | that | thats | its | it is | is | looks | for it | for this | for that | for these | for the help
    for your help | for everything | for the picture | for the pictures | for the image | for the images | to you | now | then
    with this | with that | here | indeed | absolutely | totally | super | quite | pretty | exactly | please | today
"""
_ABOUT = "picture | pictures | image | images | pic | pics | photo | drawing | result | results | work | one | ones | the | your | these"

_KOREAN: Mapping[Small, str] = {
    Small.HELLO: """
        안녕 안녕하세요 안녕하십니까 안뇽 하이 헬로 헬로우 반가워 반가워요 반갑습니다 좋은아침 좋은아침이에요 잘지내 잘지냈어
        잘지내요 처음뵙겠습니다 계세요 거기있어 있어요 테스트""",
    Small.THANKS: """
        고마워 고마워요 고맙습니다 고맙다 고맙네 고맙네요 감사 감사해 감사해요 감사합니다 감사드려요 감사드립니다 땡큐 땡스 쌩유
        수고했어 수고했어요 수고하셨습니다 수고 수고하세요""",
    Small.PRAISE: """
        좋아 좋아요 좋네 좋네요 좋다 좋습니다 멋져 멋져요 멋지다 멋있어 멋있어요 멋있다 멋지네 멋지네요 예뻐 예뻐요 예쁘다 예쁘네
        예쁘네요 이쁘다 이뻐 이뻐요 귀여워 귀여워요 귀엽다 귀엽네 귀엽네요 대박 대박이다 최고 최고야 최고예요 최고다 완벽해 완벽해요
        완벽하다 훌륭해 훌륭해요 훌륭하다 잘했어 잘했어요 잘그렸다 잘그렸어 잘그렸네 잘그렸네요 잘나왔다 잘나왔네 잘나왔네요 마음에들어
        마음에들어요 맘에들어 맘에들어요 와 와우 우와 오 오오 헐 굿 굿굿 나이스 짱 짱이다 짱이야 쩐다 쩔어 재밌다 재밌네 재밌네요 웃기다""",
    Small.HELP: """
        도움말 도움 도와줘 도와줘요 도와주세요 뭐할수있어 뭐할수있어요 뭐할수있니 뭐할수있나요 뭘할수있어 뭘할수있어요 뭘할수있니 뭘할수있나요
        무엇을할수있어 무엇을할수있어요 무엇을할수있니 무엇을할수있나요 할수있는게뭐야 할수있는게뭐예요 뭐해줄수있어 뭐그릴수있어 뭘그릴수있어
        뭐야 이게뭐야 이거뭐야 이건뭐야 누구야 누구세요 누구니 너누구야 넌누구야 너는누구야 넌뭐야 너뭐야 사용법 사용법알려줘 사용방법
        어떻게써 어떻게써요 어떻게쓰는거야 어떻게쓰나요 어떻게사용해 어떻게사용해요 어떻게사용하나요 어떻게해 어떻게해요 어떻게하는거야
        얼마야 얼마예요 얼마인가요 얼마나들어 무료야 무료예요 공짜야 공짜예요 봇이야 사람이야 명령어 명령어알려줘""",
    Small.FINE: """
        네 넵 넹 넴 예 예스 응 응응 어 어어 웅 엉 그래 그래요 그렇구나 그렇군요 그렇네 알겠어 알겠어요 알겠습니다 알았어 알았어요 오케이 오키
        오키오키 아니 아니야 아니요 아뇨 노노 괜찮아 괜찮아요 괜찮습니다 됐어 됐어요 됐다 맞아 맞아요 미안 미안해 미안해요 죄송해요 죄송합니다
        아 아하 음 흠 하하 하하하 호호 헤헤 잘가 잘자 잘자요 안녕히가세요 안녕히계세요 바이 바이바이 나중에봐 나중에봐요 별로 별로야 별로네
        싫어 싫어요 왜 진짜 정말 그만 취소할게 잠깐 잠깐만 잠깐만요""",
}  # fmt: skip
_KOREAN_AROUND = """
    이젤 이젤아 이젤님 봇 봇아 정말 정말로 진짜 진짜로 너무 너무너무 완전 아주 매우 참 오늘 오늘도 다들 여러분 그림 그림이 이그림 이거 이건
    덕분에 덕분이야 덕분이에요 많이 다 또 역시 엄청 그냥 저 혹시 너 넌 너는 근데 그럼
"""


def _phrases(text: str) -> list[tuple[str, ...]]:
    return [
        tuple(phrase.split()) for line in text.splitlines() for phrase in line.split("|") if phrase.split()
    ]


_SAID: Mapping[tuple[str, ...], Small | None] = {
    **dict.fromkeys(_phrases(_AROUND)),
    **{phrase: kind for kind, text in _ENGLISH.items() for phrase in _phrases(text)},
}
_OBJECTS = frozenset(phrase[0] for phrase in _phrases(_ABOUT))
_SAID_KOREAN: Mapping[str, Small | None] = {
    **dict.fromkeys(_KOREAN_AROUND.split()),
    **{word: kind for kind, text in _KOREAN.items() for word in text.split()},
}
_LONGEST = max(map(len, _SAID))
_LONGEST_KOREAN = max(map(len, _SAID_KOREAN))
# What wins where several kinds are said: "lol nice, thanks" is thanked for.
_WEIGHT = (Small.HELP, Small.THANKS, Small.PRAISE, Small.HELLO, Small.FINE)

_MARKUP = re.compile(
    r"<a?:\w{1,64}:\d{1,20}>|:[a-z0-9_+'-]{1,64}:|<[@#!][^>\s]{1,80}>|@[\w.-]{1,80}", re.IGNORECASE
)
_BREAKS = re.compile(r"[\s,.!?~…;:()\"“”*_|/。、！？～·]+")
_LAUGH = re.compile(r"(?:a?(?:ha|he|hi|ja|xa){2,40}h?|lo{1,20}l(?:ol)*|ㅋ+|ㅎ+|[ㅠㅜ]+|[ㄱ-ㅎ]{1,4})")
_LONG = re.compile(r"(\w)\1{2,}")
_HANGUL = re.compile(r"[가-힣]")


def small_talk(text: str) -> Small | None:
    """What kind of small talk this is; None where a word of it could be meant for a picture."""
    words = list(words_of(text))
    if not words:
        return Small.BARE
    if len(words) > _WORDS_MOST or len(text) > _LETTERS_MOST:
        return None
    kinds = _kinds_of(words)
    return next((kind for kind in _WEIGHT if kind in kinds), None) if kinds is not None else None


def words_of(text: str) -> Iterator[str]:
    """The words in small letters, without marks, mentions and emoji; a hyphen keeps a word one."""
    plain = unicodedata.normalize("NFC", _MARKUP.sub(" ", text)).casefold().replace("’", "'").replace("'", "")
    for part in _BREAKS.split(plain):
        if word := "".join(c for c in part if c.isalnum() or c == "-").strip("-"):
            yield word


def _kinds_of(words: list[str]) -> set[Small] | None:
    """What is said, phrase by phrase, the longest first; None with the first word that is no small talk."""
    kinds: set[Small] = set()
    at = 0
    while at < len(words):
        if _HANGUL.search(words[at]):
            end = next((n for n in range(at, len(words)) if not _HANGUL.search(words[n])), len(words))
            found, taken = _korean("".join(words[at:end])), end - at
        else:
            found, taken = _english(words, at, praised=bool(kinds & {Small.PRAISE}))
        if found is None:
            return None
        kinds |= found
        at += taken
    return kinds


def _english(words: list[str], at: int, *, praised: bool) -> tuple[set[Small] | None, int]:
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        phrase = tuple(words[at : at + length])
        if phrase in _SAID:
            kind = _SAID[phrase]
            return ({kind} if kind else set()), length
    word = words[at]
    if _LAUGH.fullmatch(word):
        return {Small.FINE}, 1
    if praised and word in _OBJECTS:
        return set(), 1
    # Sooo niiice, thaaanks: the same with fewer letters.
    for fewer in (_LONG.sub(r"\1", word), _LONG.sub(r"\1\1", word)) if _LONG.search(word) else ():
        if (fewer,) in _SAID:
            kind = _SAID[(fewer,)]
            return ({kind} if kind else set()), 1
    return None, 1


def _korean(run: str) -> set[Small] | None:
    """Korean words are written together or apart as one likes: they are read letter by letter."""
    kinds: set[Small] = set()
    at = 0
    while at < len(run):
        for length in range(min(_LONGEST_KOREAN, len(run) - at), 0, -1):
            if (word := run[at : at + length]) in _SAID_KOREAN:
                if kind := _SAID_KOREAN[word]:
                    kinds.add(kind)
                at += length
                break
        else:
            laugh = re.match(r"[ㅋㅎㅠㅜ]+", run[at:])
            if laugh is None:
                return None
            kinds.add(Small.FINE)
            at += laugh.end()
    return kinds
