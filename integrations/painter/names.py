"""The Korean names of what a painter knows: each stands for an English word of its tables."""

NOUNS_KO = {
    # The time of day, and the light.
    "밤": "night", "한밤": "midnight", "한밤중": "midnight", "밤하늘": "night stars", "야경": "night", "자정": "midnight",
    "저녁": "evening", "노을": "sunset", "석양": "sunset", "일몰": "sunset", "해질녘": "sunset", "황혼": "dusk",
    "새벽": "dawn", "아침": "morning", "일출": "sunrise", "해돋이": "sunrise", "낮": "day", "한낮": "noon", "대낮": "noon",
    "봄": "spring", "여름": "summer", "가을": "autumn", "단풍": "autumn", "겨울": "winter", "한겨울": "winter",
    # The weather, and the sky.
    "눈": "snow", "눈밭": "snow", "함박눈": "snow", "눈보라": "blizzard", "설경": "snow", "눈오는": "snow", "눈내리는": "snow",
    "비": "rain", "비오는": "rain", "비내리는": "rain", "소나기": "rain", "폭풍": "storm", "폭풍우": "storm", "번개": "lightning", "천둥": "thunder",
    "안개": "mist", "구름": "clouds", "무지개": "rainbow", "오로라": "aurora", "별": "stars", "별빛": "stars", "은하수": "galaxy",
    "달": "moon", "달빛": "moonlight", "보름달": "moon", "초승달": "moon", "해": "sun", "태양": "sun", "햇살": "sunny", "햇빛": "sunny", "얼음": "ice",
    # Places.
    "바다": "sea", "해변": "beach", "해안": "coast", "파도": "waves", "섬": "island", "항구": "harbour", "호수": "lake", "강": "river",
    "연못": "pond", "물": "water", "산": "mountains", "산맥": "mountains", "화산": "volcano", "숲": "forest", "정글": "jungle",
    "나무": "tree", "사막": "desert", "도시": "city", "거리": "street", "마을": "town", "서울": "seoul", "도쿄": "tokyo", "네온": "neon",
    "정원": "garden", "꽃밭": "garden flowers", "들판": "field", "초원": "meadow", "언덕": "hills", "계곡": "valley", "농장": "farm",
    "시골": "countryside", "우주": "space", "은하": "galaxy", "행성": "planet", "사이버펑크": "cyberpunk",
    # Figures.
    "여우": "fox", "고양이": "cat", "새끼고양이": "kitten", "개": "dog", "강아지": "puppy", "늑대": "wolf", "토끼": "rabbit", "곰": "bear",
    "판다": "panda", "호랑이": "tiger", "사자": "lion", "쥐": "mouse", "생쥐": "mouse", "새": "bird", "참새": "sparrow", "부엉이": "owl",
    "올빼미": "owl", "펭귄": "penguin", "물고기": "fish", "금붕어": "goldfish", "고래": "whale", "로봇": "robot", "성": "castle",
    "궁전": "palace", "탑": "tower", "집": "house", "오두막": "cottage", "배": "boat", "보트": "boat", "돛단배": "sailboat", "요트": "yacht",
    "꽃": "flower", "장미": "rose", "해바라기": "sunflower", "튤립": "tulip", "풍선": "balloon", "열기구": "balloon", "로켓": "rocket",
    "우주선": "spaceship", "등대": "lighthouse", "우산": "umbrella", "사람": "person", "남자": "man", "여자": "woman", "소녀": "girl", "소년": "boy",
    # How it is painted.
    "흑백": "monochrome", "흑백사진": "monochrome", "세피아": "sepia", "빈티지": "vintage", "유화": "oil painting", "수채화": "watercolour",
    "수채": "watercolour", "픽셀": "pixel", "픽셀아트": "pixel", "도트": "pixel", "스케치": "sketch", "연필": "pencil", "만화": "cartoon",
    "추상": "abstract", "꿈": "dream",
}  # fmt: skip
COLOURS_KO = {
    "빨간": "red", "빨강": "red", "붉은": "red", "주황": "orange", "노란": "yellow", "노랑": "yellow", "금": "gold", "황금": "golden",
    "초록": "green", "녹": "green", "민트": "mint", "청록": "teal", "하늘": "azure", "파란": "blue", "파랑": "blue", "푸른": "blue", "남": "navy",
    "보라": "purple", "라벤더": "lavender", "자주": "magenta", "분홍": "pink", "핑크": "pink", "갈": "brown", "검은": "black", "까만": "black",
    "검정": "black", "하얀": "white", "흰": "white", "회": "grey", "은": "silver",
}  # fmt: skip
# How a wish for a change begins; what hangs on it says only how politely.
EDITS_KO = (
    "바꿔", "바꾸", "바꿀", "변경", "변환", "만들어", "만들", "추가", "넣어", "넣고", "더해", "그려", "올려", "얹어", "입혀", "칠해", "해줘", "해주", "해봐",
    "하게해", "되게", "보이게",
)  # fmt: skip
