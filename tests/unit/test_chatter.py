"""Small talk draws nothing and costs nothing; what could be a picture is one."""

import pytest

from bot.talk.chatter import Small, small_talk
from bot.words.words import Words

SMALL = {
    Small.HELLO: [
        "hi", "Hello!", "hey there :wave:", "good morning", "안녕", "안녕하세요!", "hello world", "hi easel, how are you?",
        "반가워요 ^^", "yo", "@Easel hey",
    ],
    Small.THANKS: [
        "thanks @Easel!", "thank you so much, that's great!", "Thx!!", "<@U123> thanks", "thaaanks", "고마워", "정말 고마워요 ㅎㅎ",
        "thanks for the picture", "that's exactly what I wanted, thank you", "ty", "감사합니다", "ㄳ 고마워", "이젤 고마워", "lol nice, thanks",
        "<@!118000000000000001> cheers",
    ],
    Small.PRAISE: [
        "lol nice", "nice picture", "I love it ❤️", "sooo niiice", "우와 멋지다", "좋아요~", "wow so cool", "great job, easel",
        "you're the best", "잘 그렸네요", "그림 예쁘다", "cool cool cool", "not bad",
    ],
    Small.HELP: [
        "help", "what can you do?", "What can you do", "who are you?", "how much does it cost?", "뭐 할 수 있어?", "뭘할수있나요",
        "도와줘", "사용법 알려줘", "이거 뭐야?", "hi, what can you do?", "how do I use this?", "너는 누구야?", "what models do you have?",
    ],
    Small.FINE: [
        "ok", "okay, got it", "haha", "hahaha lol", "ㅋㅋㅋㅋ", "ㅎㅎ", "ㅇㅋ", "네", "No thanks", "yes please", "알겠습니다", "never mind",
        "good night", "lmao", "괜찮아요", "sorry", "k",
    ],
    Small.BARE: ["", "   ", "@Easel", "<@U0BOT>", "🦊🦊", "👍", "...", "?", ":+1:", "<:fox:118000000000000001>", "!!!"],
}  # fmt: skip

PICTURES = [
    "hi-tech city at night", "a thank you card with flowers", "thank you card", "help poster, 1940s", "hello kitty",
    "nice view of paris", "ok computer album cover", "good morning image", "wow a dog", "cool cat", "beautiful woman",
    "a yes sign", "lol cat", "great wall of china", "test tube", "fine art", "epic battle", "1", "fox", "sweet potato",
    "happy birthday", "what a wonderful world", "the best burger", "picture", "hey jude record sleeve", "who, a portrait of an owl",
    "a robot that says hi", "good night moon", "thanks giving dinner", "bye bye birdie poster", "yes man, film still",
    "네온 도시", "네 마리 고양이", "안녕이라고 쓰인 간판", "와인 한 잔", "감사 카드와 꽃", "좋아하는 고양이", "하이에나", "응급실", "오이",
    "아이", "최고의 산", "어린이", "사람이 많은 거리", "진짜 사자", "음식", "예술", "도움을 주는 로봇", "오늘의 하늘", "그래피티", "여우",
    "왜가리", "어항", "아이스크림", "대박이라고 외치는 고양이", "봄날의 산책",
]  # fmt: skip


def test_small_talk_is_known_in_both_languages():
    for kind, texts in SMALL.items():
        assert {text: small_talk(text) for text in texts} == dict.fromkeys(texts, kind)


def test_one_word_that_could_be_drawn_makes_it_a_picture():
    assert [text for text in PICTURES if small_talk(text) is not None] == []


@pytest.mark.parametrize("text", ["thanks " * 15, "hi" + " " * 300 + "hi", "ㅋ" * 5_000, "안녕" * 2_000])
def test_what_is_long_is_not_looked_at_for_long(text):
    """It is read word by word, each once; what is longer than small talk is none."""
    assert small_talk(text) in (None, Small.HELLO)


@pytest.mark.parametrize("language", Words().languages)
def test_each_kind_has_its_short_answer(language):
    words = Words()
    for kind in Small:
        assert words.knows(f"small-{kind}", language)
        assert len(words.say(f"small-{kind}", language)) < 300
