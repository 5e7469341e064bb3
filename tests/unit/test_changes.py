"""What begins an edit goes on from its picture; what people say to each other near one doesn't."""

import pytest

from bot.talk.changes import asks_again, begins_anew, begins_edit, which_of

EDITS = [
    "make it night", "Make it darker please", "can you make it night?", "make him smile", "make the second one darker",
    "now make it blue", "now in snow", "now as a watercolor", "same but at night", "same but blue hair", "but with a hat",
    "without the hat", "add a moon", "add snow", "and add two birds", "please add a red scarf", "put a hat on him",
    "give him a hat", "give her glasses", "remove the hat", "get rid of the tree", "replace the dog with a cat",
    "turn the sky purple", "change her hair to red", "brighten it", "blur the background", "zoom out", "darker",
    "a bit darker", "more snow", "less saturated", "ok, now make the sky green", "Thanks! Now without glasses",
    "밤으로 바꿔줘", "모자 빼줘", "더 밝게 해줘", "밤으로 만들어줘", "배경 바꿔 주세요", "모자 없이", "이번엔 눈 속에서", "달 추가해줘",
    "조금 더 어둡게", "고양이로 바꿔줘", "눈 좀 넣어줘", "수채화처럼 그려줘", "모자를 빼 줄래?", "하늘을 보라색으로 칠해줘",
]  # fmt: skip

CHAT = [
    "make it to the meeting tomorrow?", "make sure you see this", "make it happen", "we should make it a thing",
    "now that's funny", "now I see", "now what", "now in theory", "without you we'd be lost", "without a doubt",
    "add me to the list", "add it to the backlog", "add a comment to the ticket", "remove me from the channel",
    "more like this please", "less is more", "can we ship it", "can you send me the link?", "let's put it in the deck",
    "delete this", "remove it please", "give it a try", "give it a rest", "but in my opinion it is fine", "but why",
    "but with all due respect", "at least it works", "change the subject", "turn it off", "who made this?",
    "a red fox in the snow", "nice", "lol", "same here", "I like it", "the hat is great", "it's night here",
    "in a galaxy far away", "in snow", "with a hat", "blue instead",
    "나도 빼줘", "회의 시간 바꿔줘", "이거 지워줘", "이제 회의 가자", "빨간 여우 그려줘", "고양이 그림 만들어줘", "설명 해줘", "점심 메뉴 바꿔줘",
]  # fmt: skip

CALLED = [
    "in snow",
    "at night",
    "with a hat",
    "as a watercolor",
    "paint it black",
    "put him in space",
    "blue instead",
    "눈 속에서",
    "밤으로",
]

NEW = [
    "a red fox in the snow", "fox, watercolor, soft light", "a portrait of an old woman with a hat in a garden",
    "help poster, 1940s", "two cats playing chess", "hi-tech city at night", "draw a cat", "a bit of everything, collage",
    "in a galaxy far far away, space opera poster", "빨간 여우", "눈 속의 빨간 여우", "고양이 그림 그려줘", "말 없이 앉아 있는 노인의 초상화",
]  # fmt: skip


def test_an_edit_is_known_wherever_it_is_said():
    for called in (False, True):
        assert [text for text in EDITS if not begins_edit(text, called=called)] == []


def test_what_people_say_to_each_other_is_none():
    assert [text for text in CHAT if begins_edit(text, called=False)] == []


def test_less_is_enough_where_easel_was_called():
    assert [text for text in CALLED if not begins_edit(text, called=True)] == []
    assert [text for text in CALLED if begins_edit(text, called=False) and text not in EDITS] == []


@pytest.mark.parametrize("text", NEW)
def test_a_new_picture_is_no_edit_of_the_last_one(text):
    assert not begins_edit(text, called=True)


@pytest.mark.parametrize(
    "text", ["make it " + "very " * 200 + "dark", "now " * 3_000, "a" * 4_000, "밤으로 " * 1_000]
)
def test_a_long_text_is_no_remark(text):
    assert not begins_edit(text, called=True)


@pytest.mark.parametrize(
    ("text", "number", "left"),
    [
        ("make the second one darker", 2, "make it darker"),
        ("the second one at night", 2, "at night"),
        ("2번 밤으로 바꿔줘", 2, "밤으로 바꿔줘"),
        ("두 번째 그림에 모자 씌워줘", 2, "모자 씌워줘"),
        ("#3 with a hat", 3, "with a hat"),
        ("image 2 but blue", 2, "but blue"),
        ("the first, at night", 1, "at night"),
        ("number 4 darker", 4, "darker"),
        ("세번째 거 더 밝게", 3, "더 밝게"),
        ("the third", 3, "the third"),
        ("make it night", 0, "make it night"),
        ("a first class train", 0, "a first class train"),
        ("add a second moon", 0, "add a second moon"),
        ("make it 2 times larger", 0, "make it 2 times larger"),
    ],
)
def test_one_of_several_pictures_is_named(text, number, left):
    assert which_of(text, 4) == (number, left)


def test_a_picture_that_is_not_there_is_not_named():
    assert which_of("the fourth one at night", 3) == (0, "the fourth one at night")


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("again!", True), ("Again, please", True), ("one more", True), ("다시", True), ("한 번 더!", True), ("another one please", True),
        ("again and again, spiral staircase", False), ("more snow", False), ("다시 태어난 불사조", False), ("", False), ("one more cat", False),
    ],
)  # fmt: skip
def test_the_wish_for_the_same_once_more_is_no_edit(text, again):
    assert asks_again(text) is again


@pytest.mark.parametrize(
    ("text", "anew"),
    [
        ("/imagine a cat", True), ("imagine a cat", True), ("draw me a cat", True), ("new picture: a cat", True),
        ("다른 그림 고양이", True), ("새 그림: 고양이", True), ("a cat", False), ("make it night", False), ("newer cars", False),
    ],
)  # fmt: skip
def test_an_answer_to_a_picture_can_ask_for_another(text, anew):
    assert begins_anew(text) is anew
