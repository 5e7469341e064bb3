"""Every word that the painter knows, in English and in Korean: the one table that all its readers are made from."""

from dataclasses import dataclass, fields

from integrations.painter.canvas import Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Synonyms:
    """Words that mean the same; of a figure's kinds, or of places, the painter has one picture."""

    en: str
    ko: str
    # In a picture of its own.
    mood: str = ""
    weather: str = ""
    place: str = ""
    figure: str = ""
    dream: str = ""  # no thing at all
    # In a picture that is given.
    light: str = ""
    falls: str = ""
    sky: str = ""
    ground: str = ""
    behind: str = ""  # where it shall be
    # How it is painted.
    medium: str = ""
    tone: str = ""
    colour: Colour | None = None


WORDS = (
    # The time of day, and the light.
    Synonyms(en="night midnight moonlight moonlit", ko="밤 한밤 한밤중 자정 달빛", mood="night", light="night"),
    Synonyms(en="nighttime dark darker", ko="어두운 어둠 어둡게", light="night", mood="night"),
    Synonyms(en="nightscape cityscape", ko="야경", mood="night", light="night", place="city", behind="city"),
    Synonyms(en="sunset dusk evening twilight", ko="노을 석양 일몰 해질녘 황혼 저녁", mood="sunset", light="sunset"),
    Synonyms(en="sunrise dawn morning", ko="일출 해돋이 새벽 아침", mood="dawn", light="dawn"),
    Synonyms(en="day noon summer", ko="낮 한낮 대낮 여름", mood="day", light="day"),
    Synonyms(en="daytime daylight bright brighter", ko="밝은 밝게 환한", light="day"),
    Synonyms(en="sunny sunshine", ko="햇살 햇빛 화창한", mood="day", weather="sun", light="day"),
    Synonyms(en="autumn fall", ko="가을 단풍", mood="sunset", light="autumn"),
    Synonyms(en="spring", ko="봄", mood="dawn", light="spring"),
    Synonyms(en="blossom sakura cherry", ko="벚꽃 벚나무 매화", mood="dawn", light="spring", place="blossom", ground="tree"),
    Synonyms(en="neon", ko="네온 네온사인", mood="night", light="neon"),
    # The weather, and the sky.
    Synonyms(en="snow snowy winter blizzard ice frozen", ko="눈 눈밭 함박눈 설경 눈오는 눈내리는 겨울 한겨울 눈보라 얼음 빙하", weather="snow", falls="snow"),
    Synonyms(en="snowing christmas", ko="성탄절 크리스마스", weather="snow", falls="snow"),
    Synonyms(en="rain rainy raining storm stormy", ko="비 비오는 비내리는 소나기 폭풍 폭풍우 장마", mood="storm", weather="rain", light="storm", falls="rain"),
    Synonyms(en="thunder lightning", ko="천둥 번개", mood="storm", weather="lightning", light="storm", falls="lightning"),
    Synonyms(en="mist misty fog foggy haze dreamy", ko="안개 몽환적인", weather="mist", falls="mist"),
    Synonyms(en="cloud cloudy", ko="구름 흐린", weather="clouds", sky="clouds"),
    Synonyms(en="rainbow", ko="무지개", weather="rainbow", sky="rainbow"),
    Synonyms(en="aurora northern", ko="오로라", mood="night", weather="aurora", sky="aurora"),
    Synonyms(en="star starlight", ko="별 별빛", mood="night", weather="stars", sky="stars"),
    Synonyms(en="starry", ko="밤하늘", mood="night", weather="stars", light="night", sky="stars"),
    Synonyms(en="moon", ko="달 보름달 초승달", mood="night", weather="moon", sky="moon"),
    Synonyms(en="sun", ko="해 태양", weather="sun", sky="sun"),
    Synonyms(en="sky", ko="하늘", weather="clouds", sky="clouds"),
    # Places.
    Synonyms(en="sea ocean wave harbour harbor", ko="바다 파도 항구 대양", place="sea", behind="sea"),
    Synonyms(en="beach coast shore island", ko="해변 해안 바닷가 섬 모래사장", place="beach", behind="beach"),
    Synonyms(en="underwater", ko="바닷속 물속 심해", place="underwater", behind="underwater"),
    Synonyms(en="lake river pond water fjord", ko="호수 강 연못 물 강가 호숫가", place="lake", behind="lake"),
    Synonyms(en="mountain peak alps volcano", ko="산 산맥 화산 설산", place="mountains", behind="mountains"),
    Synonyms(en="forest woods pine jungle", ko="숲 소나무 정글 숲속", place="forest", ground="pines"),
    Synonyms(en="trees", ko="나무들", place="forest", ground="trees"),
    Synonyms(en="tree oak", ko="나무 참나무", place="tree", ground="tree"),
    Synonyms(en="desert dune sahara", ko="사막 모래언덕", place="desert", behind="desert"),
    Synonyms(en="city street skyline tokyo seoul paris york skyscraper", ko="도시 거리 골목 도쿄 서울 파리 뉴욕 빌딩", place="city", behind="city"),
    Synonyms(en="village town hamlet", ko="마을 동네", place="village", behind="village"),
    Synonyms(en="cyberpunk", ko="사이버펑크", place="city", mood="night", light="neon"),
    Synonyms(en="garden flowers tulips roses sunflowers", ko="정원 꽃밭 꽃들", place="garden", ground="flowers"),
    Synonyms(en="meadow field", ko="초원 들판 풀밭", place="garden"),
    Synonyms(en="hill valley farm countryside", ko="언덕 계곡 농장 시골", place="hills"),
    Synonyms(en="landscape scenery", ko="풍경", place="hills"),
    Synonyms(en="space galaxy planet nebula", ko="우주 은하수 은하 행성 성운", mood="night", weather="stars", place="space", sky="stars", behind="space"),
    # Figures.
    Synonyms(en="fox foxes", ko="여우", figure="fox"),
    Synonyms(en="cat kitten", ko="고양이 새끼고양이 냥이", figure="cat"),
    Synonyms(en="dog puppy corgi", ko="개 강아지 멍멍이", figure="dog"),
    Synonyms(en="wolf wolves", ko="늑대", figure="wolf"),
    Synonyms(en="rabbit bunny bunnies hare", ko="토끼", figure="rabbit"),
    Synonyms(en="bear", ko="곰 곰돌이", figure="bear"),
    Synonyms(en="panda", ko="판다", figure="panda"),
    Synonyms(en="tiger", ko="호랑이", figure="tiger"),
    Synonyms(en="lion", ko="사자", figure="lion"),
    Synonyms(en="mouse mice", ko="쥐 생쥐", figure="mouse"),
    Synonyms(en="bird robin sparrow", ko="새 참새", figure="bird"),
    Synonyms(en="birds", ko="새들", figure="birds", sky="birds"),
    Synonyms(en="owl", ko="부엉이 올빼미", figure="owl"),
    Synonyms(en="penguin", ko="펭귄", figure="penguin"),
    Synonyms(en="fish goldfish", ko="물고기 금붕어", figure="fish"),
    Synonyms(en="whale", ko="고래", figure="whale"),
    Synonyms(en="robot android", ko="로봇", figure="robot"),
    Synonyms(en="castle palace tower", ko="성 궁전 탑 궁 경복궁", figure="castle"),
    Synonyms(en="house cottage cabin home", ko="집 오두막 한옥", figure="house"),
    Synonyms(en="boat ship sailboat yacht", ko="배 보트 돛단배 요트", figure="boat"),
    Synonyms(en="flower sunflower tulip", ko="꽃 해바라기 튤립", figure="flower", ground="flowers"),
    Synonyms(en="rose", ko="장미 장밋빛", figure="flower", ground="flowers", colour=(226, 110, 136)),
    Synonyms(en="balloon", ko="풍선 열기구", figure="balloon"),
    Synonyms(en="rocket spaceship", ko="로켓 우주선", figure="rocket"),
    Synonyms(en="lighthouse", ko="등대", figure="lighthouse"),
    Synonyms(en="person man woman girl boy child children people umbrella", ko="사람 남자 여자 소녀 소년 아이 아이들 우산", figure="walker"),
    # No thing at all.
    Synonyms(en="abstract pattern geometric fluid swirl", ko="추상 추상화 무늬 패턴 소용돌이", dream="ribbons"),
    Synonyms(en="dream music", ko="꿈 음악", dream="ribbons"),
    # How it is painted.
    Synonyms(en="oil painting painted impressionist gogh monet", ko="유화 그림 인상파 고흐 모네", medium="oil"),
    Synonyms(en="watercolour watercolor aquarelle", ko="수채화 수채", medium="watercolour"),
    Synonyms(en="pixel pixelart 8bit", ko="픽셀 픽셀아트 도트", medium="pixels"),
    Synonyms(en="sketch pencil drawing charcoal", ko="스케치 연필 목탄", medium="pencil"),
    Synonyms(en="cartoon comic anime poster", ko="만화 애니 애니메이션 포스터", medium="poster"),
    Synonyms(en="monochrome grayscale greyscale noir", ko="흑백 흑백사진", tone="grey"),
    Synonyms(en="sepia vintage retro old", ko="세피아 빈티지 레트로 오래된", tone="sepia"),
    # Colours.
    Synonyms(en="red", ko="빨간 빨강 붉은", colour=(206, 52, 46)),
    Synonyms(en="crimson", ko="진홍", colour=(172, 28, 52)),
    Synonyms(en="scarlet", ko="다홍 주홍", colour=(214, 48, 36)),
    Synonyms(en="orange", ko="주황 오렌지", colour=(238, 132, 48)),
    Synonyms(en="amber", ko="호박색", colour=(240, 168, 60)),
    Synonyms(en="yellow", ko="노란 노랑", colour=(246, 208, 74)),
    Synonyms(en="gold", ko="금", colour=(224, 176, 72)),
    Synonyms(en="golden", ko="황금 금빛", light="sunset", colour=(232, 184, 84)),
    Synonyms(en="green", ko="초록 녹 초록빛", colour=(74, 148, 88)),
    Synonyms(en="emerald", ko="에메랄드", colour=(38, 146, 106)),
    Synonyms(en="olive", ko="올리브", colour=(128, 132, 66)),
    Synonyms(en="mint", ko="민트", colour=(150, 214, 180)),
    Synonyms(en="teal", ko="청록", colour=(40, 138, 142)),
    Synonyms(en="turquoise", ko="터키석 옥", colour=(64, 188, 188)),
    Synonyms(en="cyan", ko="시안", colour=(72, 196, 220)),
    Synonyms(en="blue", ko="파란 파랑 푸른", colour=(52, 110, 200)),
    Synonyms(en="azure", ko="하늘색 하늘빛", colour=(70, 150, 230)),
    Synonyms(en="navy", ko="남 네이비", colour=(28, 44, 104)),
    Synonyms(en="indigo", ko="쪽빛 인디고", colour=(70, 58, 160)),
    Synonyms(en="purple", ko="보라", colour=(124, 68, 172)),
    Synonyms(en="violet", ko="제비꽃색 바이올렛", colour=(142, 84, 190)),
    Synonyms(en="lavender", ko="라벤더", colour=(184, 164, 224)),
    Synonyms(en="magenta", ko="자주 마젠타", colour=(206, 58, 150)),
    Synonyms(en="pink", ko="분홍 핑크", colour=(240, 142, 176)),
    Synonyms(en="brown", ko="갈", colour=(130, 86, 56)),
    Synonyms(en="black", ko="검은 까만 검정", colour=(38, 38, 46)),
    Synonyms(en="white", ko="하얀 흰 하양", colour=(242, 242, 246)),
    Synonyms(en="grey gray", ko="회", colour=(136, 140, 148)),
    Synonyms(en="silver", ko="은", colour=(190, 196, 206)),
)  # fmt: skip

# Words that mean something else together.
PHRASES = {
    "northern lights": "aurora", "milky way": "galaxy", "hot air balloon": "balloon", "golden hour": "sunset", "cherry blossom": "blossom",
    "cherry tree": "blossom", "under the sea": "underwater", "under water": "underwater", "under the water": "underwater",
}  # fmt: skip
# How many of a figure there are, where it is said; more than three are a crowd.
NUMBERS = {
    "two": 2, "pair": 2, "couple": 2, "both": 2, "두": 2, "둘": 2, "three": 3, "several": 3, "many": 3, "four": 3, "세": 3, "셋": 3,
    "여러": 3,
}  # fmt: skip

KNOWN = {english: word for word in WORDS for english in word.en.split()}
# Each Korean word by an English one that means the same.
IN_ENGLISH = {korean: word.en.split()[0] for word in WORDS for korean in word.ko.split()}
COLOURS: dict[str, Colour] = {
    english: word.colour for english, word in KNOWN.items() if word.colour is not None
}

assert len(KNOWN) == sum(len(word.en.split()) for word in WORDS), "an English word stands twice"
assert len(IN_ENGLISH) == sum(len(word.ko.split()) for word in WORDS), "a Korean word stands twice"


def meaning(sense: str) -> dict[str, str]:
    """What each English word means in one sense; words without it are left out."""
    assert sense in {field.name for field in fields(Synonyms)}
    return {english: str(getattr(word, sense)) for english, word in KNOWN.items() if getattr(word, sense)}


def known(word: str) -> str:
    """The word as the table has it: several of a thing are one of it, where the table has no own word for them."""
    if word in KNOWN:
        return word
    return next((one for one in (word.removesuffix("s"), word.removesuffix("es")) if one in KNOWN), word)
