"""Laws of the reader of sixteen languages: what its lists are for is refused, their innocent neighbours pass."""

from itertools import chain
from pathlib import Path

from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon.findings import Kind
from bot.moderation.lexicon.lexicon import load
from bot.moderation.reading import letters
from bot.moderation.tongues import pages, tongues
from bot.ports import Policy, Severity

DATA = Path(__file__).parent.parent / "data" / "moderation"
PAGES = pages.pages()
TONGUES = tongues.load()
CHECK = LexiconCheck(load())
STANDARD, RELAXED = Policy(level="standard"), Policy(level="relaxed")
LANGUAGES = {"es", "fr", "de", "pt", "it", "ja", "zh", "ru", "ar", "hi", "id", "vi", "th", "tr", "pl", "nl"}
GUILTY = {
    kind
    for kind in Kind
    if kind not in (Kind.YOUTH_CERTAIN, Kind.YOUTH_AMBIGUOUS, Kind.SOMEBODY, Kind.UNDRESSING, Kind.TAUGHT)
}

BENIGN = {
    "es": ["vísperas de fiesta, un nodo de luz", "niños jugando en el parque", "una mujer con un cono de helado", "chica leyendo sin desnudos", "sopa de pollo, 12 años de tradición"],
    "fr": ["un grand établissement thermal", "le remboursement des pneus", "une femme marche pieds nus sur la plage", "un homme devant un mur nu", "enfants qui dansent", "tripes à la mode de Caen"],
    "de": ["der Hafen von Neapel", "Dekan der Universität", "eine Frau geht mit nackten Füßen im Sand", "ein Mann vor nackten Felsen", "Kinder im Park, 8 Jahre alt", "Blutorange und Muscheln"],
    "pt": ["a bondade de uma vacina", "uma mulher de pés nus na areia", "meninas jogando bola", "gato trepando na árvore"],
    "it": ["la penisola al tramonto", "una donna a piedi nudi sulla spiaggia", "un nodo marinaro", "bambini che giocano"],
    "ja": ["裸眼の女性", "裸足で走る子供", "裸電球の下の男", "王様は裸の王様"],
    "zh": ["同性爱情", "人口交通图", "一个女人裸眼看星空", "孩子在公园玩", "裸色口红的美女"],
    "ru": ["горы на закате", "семей за столом в Софии", "девушка и голые ветки", "мужчина с голыми руками", "дети на площадке", "забил гол в ворота"],
    "ar": ["امرأة تحت أشجار عارية", "أطفال يلعبون", "إجماع الجماعة"],
    "hi": ["नंगे पैर चलती औरत", "बच्चे खेल रहे हैं", "तलाश करता आदमी"],
    "id": ["wanita berjalan dengan kaki telanjang", "anak kecil bermain", "anak tangga batu"],
    "vi": ["rừng thông trên núi", "cô gái bên vú sữa", "trẻ em chơi", "bác sĩ tình nguyện hiến máu"],
    "th": ["ผู้หญิงหน้ากำแพงปูนเปลือย", "เด็กเล่นในสวน", "ข้าวเปลือยในมือชาย"],
    "tr": ["duruma göre bir gökyüzü", "çıplak ayakla yürüyen kadın", "çocuklar parkta", "çıplak gözle gökyüzü, adam"],
    "nl": ["een vrouw loopt op blote voeten door het zand", "een man voor een naakte muur", "kinderen spelen in het park", "het meisje met de parel", "bloedsinaasappel en pijp", "een vrouw lijkt op haar moeder", "spelende kinderen aan zee, geen naakt", "jongen aait een poesje"],
    "pl": ["góry zimą", "kobieta i nagie drzewa", "dzieci w parku", "goły dach i mężczyzna"],
}  # fmt: skip


def forms(page, said):
    """Every form of a line, as people type it."""
    return [form.marked for form in pages.line(said, page).forms()]


def kinds(text):
    return {finding.kind for finding in TONGUES.read(text) if not finding.in_doubt}


def test_each_language_has_each_kind_and_each_word_a_neighbour():
    assert {page["language"] for page in PAGES} == LANGUAGES
    for page in PAGES:
        assert [name for name in pages.TABLES if not page.get(name)] == [], page["language"]
        assert [line for name in pages.TABLES for line, near in page[name].items() if not near] == []


def test_every_word_is_found_and_a_weak_one_beside_what_bears_it_out():
    """A person; beside the young what is sexual, and beside one of hate another one."""
    lost = []
    bearing_out = {kind: name for name, kind in pages.BEARING_OUT.items()}
    for page in PAGES:
        act = forms(page, next(iter(page["act"])))[0]
        caricature, *_, peoples = page["hate"]
        for table, kind in pages.TABLES.items():
            person = forms(page, page[bearing_out.get(kind, "person")][0])[0]
            for line in page[table]:
                weak = line.startswith("~")
                other = forms(page, caricature if line == peoples else peoples)[0]
                beside = {"young": act, "maybe": act, "hate": other}.get(table, person)
                for form in forms(page, line):
                    said = f"{beside} {form}" if weak and table != "gore" else form
                    if kind not in kinds(said) and not (weak and table == "gore"):
                        lost.append((page["language"], said))
    assert lost == []


def test_no_innocent_neighbour_is_refused_in_any_language():
    misread = [
        (page["language"], line, form)
        for page in PAGES
        for table in pages.TABLES
        for line, neighbours in page[table].items()
        for form in chain.from_iterable(forms(page, near) for near in neighbours)
        if kinds(form) & GUILTY
    ]
    assert misread == []


def test_a_benign_prompt_passes_in_its_language():
    refused = [
        (language, prompt, CHECK.judge(prompt, STANDARD).rule)
        for language, prompts in BENIGN.items()
        for prompt in prompts
        if CHECK.judge(prompt, STANDARD).severity
    ]
    assert refused == []


def test_an_everyday_word_of_another_language_is_what_it_says_only_as_it_is_written_there():
    for guilty in ("gory scene", "a gore scene in the góry", "nagie góry i naga kobieta", "gоre everywhere"):
        assert CHECK.judge(guilty, STANDARD).severity, guilty


def test_what_a_language_says_is_left_away_is_not_asked_for():
    for innocent in (
        "une danseuse, sans nudité", "cavaleiro no castelo, sem nudez", "海辺の家族、裸なし、流血なし", "古代战场，不要血腥，不要裸体", "çıplaklık yok, deniz",
    ):  # fmt: skip
        assert not CHECK.judge(innocent, STANDARD).severity, innocent
    for guilty in ("femme sans vêtements, nue", "服なし、裸の女", "不穿衣服的女人", "nuditésans femme nue"):
        assert CHECK.judge(guilty, STANDARD).severity, guilty


def test_a_word_of_another_language_is_read_behind_a_veil_and_costs_no_strike():
    for guilty in (
        "n4ckte Frau",
        "femme à p.o.i.l",
        "mujer desnvda",
        "г0лая женщина",
        "g0ła kobieta",
        "女性、ハ ダ カ",
        "ç1plak kadın",
        "голaя женщина",
        "femme nuе",
        "女、は・だ・か",
        "mujer desnuuuda",
        "kobieta n@ga",
    ):
        verdict = CHECK.judge(guilty, STANDARD)
        assert (verdict.category, verdict.counts) == ("sexual", False), guilty
    for innocent in (
        "a woman watching NVDA stock",
        "R2D2 and C3PO, a man",
        "U.S.A. and a girl",
        "Room 12b, H4nna",
        "a woman, name@site.fr",
        "Wow!a man",
    ):
        assert not CHECK.judge(innocent, STANDARD).severity, innocent


def test_a_word_that_is_one_elsewhere_counts_right_behind_somebody_surely_young_and_no_name_does():
    for guilty in (
        "child nu",
        "toddler nu, photo",
        "a kid nu on a beach",
        "12 year old en train de baiser",
        "12 year old film biru",
    ):
        assert CHECK.judge(guilty, RELAXED).category == "minors", guilty
    for innocent in (
        "a child nu-metal fan", "a kid in a nu jazz band", "a woman named Nua", "a model in Nuda restaurant", "children in Busen", "a child bite mark on an apple",
        "a 12 year old film", "a 9 year old train set",
    ):  # fmt: skip
        assert not CHECK.judge(innocent, STANDARD).severity, innocent


def test_innocent_english_and_korean_hold_no_word_of_another_language():
    rows = [
        row
        for name in ("benign.txt", "benign_ko.txt")
        for row in (DATA / name).read_text(encoding="utf-8").splitlines()
    ]
    assert [(row, TONGUES.read(row)) for row in rows if kinds(row) & GUILTY] == []


def test_the_young_and_what_is_sexual_are_refused_in_every_pair_of_languages():
    young = {page["language"]: forms(page, next(iter(page["young"])))[0] for page in PAGES} | {
        "en": "child",
        "ko": "어린이",
    }
    sexual = [*chain.from_iterable(map(acts_and_nudity, PAGES)), "porn", "포르노", "naked", "누드"]
    passed = [
        (one, said)
        for one, youth in young.items()
        for said in sexual
        if CHECK.judge(f"{youth}, {said}", RELAXED).category != "minors"
    ]
    assert passed == []


def test_forms_at_home_are_weak_words_of_their_page():
    for page in PAGES:
        weak = {form.plain for line in pages.lines(page) if line.weak for form in line.forms()}
        assert {letters.fold(form) for form in page.get("at_home", ())} <= weak, page["language"]


def acts_and_nudity(page):
    """The first word of either table, as it is said in a text of other languages."""
    for table in ("act", "nude"):
        said = (form for line in page[table] for form in forms(page, line))
        yield next(form for form in said if form not in page.get("at_home", ()))


def test_a_word_in_doubt_counts_beside_somebody_of_another_language():
    for guilty in ("schoolgirl desnuda", "12 year old nackt", "children nus", "초등학생 裸", "niño nackt"):
        assert CHECK.judge(guilty, RELAXED).counts, guilty
    assert CHECK.judge("a woman desnuda", STANDARD).category == "sexual"
    for innocent in (
        "a child by a pared desnuda", "children and árboles desnudos", "a child takes a bite of an apple", "a child in a nu metal shirt",
        "a child with nude lipstick", "desnuda", "nackt", "a woman before a naga", "초등학생, 裸足",
        "una niña juega en el parque junto a la pared alta y desnuda del edificio viejo",
    ):  # fmt: skip
        assert not CHECK.judge(innocent, STANDARD).severity, innocent


def test_marks_may_be_left_out_but_not_changed_and_what_is_left_away_is_not_asked_for():
    assert Kind.NUDITY in kinds("phu nu khoa than, lam tinh") | kinds("khoa than")
    assert Kind.GORE in kinds("cadavre EVENTRE")
    assert Kind.SEXUAL_EXPLICIT not in kinds("un cono de helado, mujer")
    assert kinds("niños en la playa, sin desnudos") == {Kind.YOUTH_CERTAIN}
    assert Severity.REFUSE is CHECK.judge("child, sin ropa", RELAXED).severity


def test_a_word_that_is_english_too_counts_among_words_of_its_own_language():
    assert Kind.YOUTH_CERTAIN in kinds("Kind, nackt")
    for innocent in (
        "a kind woman in lingerie",
        "a sexy kind model",
        "Nina in a sexy dress",
        "one of a kind, sexy dress",
        "a kind of sexy car",
        "sexy, kind smile",
        "an ewe on a hill",
        "E. coli under a microscope",
    ):
        assert kinds(innocent) <= {Kind.SEXUAL_MILD}, innocent


def test_a_long_text_is_read_in_pieces_that_grow_with_it_only():
    """By what is looked at, not by the clock: each word of a list is told once."""
    assert len(TONGUES.read("femme nue " * 1600)) <= 2
