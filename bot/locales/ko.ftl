# Easel이 하는 모든 말, 한국어. 짧고 다정하고 정확하게; 거절할 때는 다음에 할 일을 알려 줘요.
# 주어지지 않은 사실은 "none"으로 와요. { $bot }은 봇의 이름이에요.

## 시간의 길이
span-seconds = { $n }초
span-minutes = { $n }분
span-hours = { $n }시간
span-days = { $n }일
in-span = { $span } 뒤

## 거절: 글을 읽을 수 없을 때
refused = 여기서는 할 수 없어요. 다른 것을 부탁해 주세요.
prompt-empty = 무엇을 그릴지 적어 주세요. 예: /imagine 눈 속의 붉은 여우
prompt-too-long = { $length }자예요. { $limit }자까지 읽을 수 있으니 줄여 주세요.
flag-unknown = { $flag } 옵션은 몰라요. { $nearest ->
    [none] /easel help에서 옵션을 볼 수 있어요.
   *[other] 혹시 { $nearest }인가요?
}
flag-needs-value = { $flag } 뒤에 값을 적거나 빼 주세요.
flag-value = { $flag }에는 “{ $value }” 값을 쓸 수 없어요. 쓸 수 있는 값: { $values }.{ $nearest ->
    [none] {""}
   *[other] {" "}가장 가까운 값: { $nearest }.
}
aspect-or-size = { $model }에는 --ar와 --size 중 하나만 쓸 수 있어요. 하나를 빼 주세요.
parameter-not-taken = { $model }에는 { $flag } 옵션을 쓸 수 없어요. 쓸 수 있는 옵션: { $taken }.
images-range = { $most ->
    [1] { $model }: 한 번에 한 장만 그려요({ $images }장은 안 돼요). --n을 빼 주세요.
   *[other] { $model }: 한 번에 { $least }~{ $most }장까지 그려요({ $images }장은 안 돼요). 장수를 바꿔 주세요.
}
style-none = 여기에는 스타일이 없어요. --style을 빼고 느낌을 글로 적어 주세요.

## 거절: 모델
model-unknown = “{ $typed }” 모델은 몰라요. { $nearest ->
    [none] /easel models에서 모두 볼 수 있어요.
   *[other] 혹시 { $nearest }인가요?
}
model-closed = { $model } 모델은 지금 쓸 수 없어요. { $nearest ->
    [none] 나중에 다시 시도하거나 관리자에게 열어 달라고 해 주세요.
   *[other] { $nearest } 모델을 써 보거나 관리자에게 열어 달라고 해 주세요.
}
model-not-allowed = 이 커뮤니티에서는 { $model } 모델을 쓸 수 없어요. { $nearest ->
    [none] 쓸 수 있는 모델은 /easel models에서 볼 수 있어요.
   *[other] { $nearest } 모델을 써 보세요.
}
inputs-not-taken = { $model } 모델은 그림을 받지 않아요. { $takers ->
    [none] 모델마다 무엇을 받는지는 /easel models에서 볼 수 있어요.
   *[other] 그림을 받는 모델: { $takers }.
}
inputs-too-many = { $model } 모델은 그림을 최대 { $most }장 받아요. { $given }장을 주셨어요.{ $takers ->
    [none] {" "}장수를 줄여 주세요.
   *[other] {" "}그만큼 받는 모델: { $takers }.
}
inputs-needed = { $model } 모델은 그림을 고치기만 하고 새로 그리지는 않아요. 그림을 { $least }장 주세요.
mask-needed = { $model } 모델은 마스크로 칠한 곳만 그리는데 마스크가 없어요. 말로만 그림을 고치는 다른 모델을 써 보세요.{ $takers ->
    [none] {""}
   *[other] {" "}그런 모델: { $takers }.
}
inputs-nowhere = { $given ->
    [none] 지금 쓸 수 있는 모델 중에 그림을 받는 모델이 없어요.
   *[other] 지금 쓸 수 있는 모델 중에 그림 { $given }장을 받는 모델이 없어요.
}{ $most ->
    [none] {""}
    [0] {""}
   *[other] {" "}최대 { $most }장이에요.
}
upscale-nowhere = 지금은 그림을 크게 만드는 모델이 없어요. 고치기로 더 자세하게 그려 달라고 해 보세요.
input-not-there = 바탕이 될 그림이 이제 없거나, 쓸 수 없는 그림이에요. 다른 그림을 고르거나 글로 적어 주세요.
inputs-own-only = 여기서는 { JOSA($bot, "이/가") } 만든 그림으로만 시작할 수 있어요. 그 그림의 고치기 버튼을 누르거나 그림에 답장해 주세요. 다른 그림은 봇 운영자가 열어 줄 수 있어요. 크레딧은 쓰지 않았어요.
uploads-full = 지금은 올려 둔 그림이 너무 많아요. 잠시 뒤에 다시 시도해 주세요.
given-picture = { $given ->
    [none] 주신 그림
    [0] 주신 그림
    [one] 주신 그림
   *[other] 주신 그림 가운데 { $picture }번째 그림
}
input-gone = { given-picture }: 이제 가져올 수 없어요. 다시 주시거나 다른 그림을 주세요.
input-not-a-picture = { given-picture }: PNG, JPEG, WebP가 아니거나 온전하지 않아요. 이 가운데 하나로 저장해 다시 주세요.
input-animated = { given-picture }: 움직이는 그림이에요. 멈춘 그림을 주세요.
input-too-large = { given-picture }: 너무 커요. 20 MB, 4천만 화소까지 받아요. 줄여서 다시 주세요.
input-no-right = { given-picture }: { $bot }에게 그곳의 파일을 볼 권한이 없어요. 봇 운영자가 권한을 줄 수 있어요.
address-not-taken = 주소에서 그림을 가져오지 않아요: { $address }. 그림을 첨부하거나, 그림에 답장하거나, 여기서 만든 그림을 써 주세요. 사이트 이름을 그림 속 글자로 넣으려면 따옴표 안에 써 주세요. 아무것도 그리지 않았어요.
mask-alone = 마스크는 그림에서 바꿀 부분을 보여 주는데, 함께 온 그림이 없어요. 그림을 더해 주세요. 아무것도 그리지 않았어요.
masks-too-many = 마스크가 { $given }개 왔는데, 첫 그림에 하나만 쓸 수 있어요. 나머지는 빼 주세요. 아무것도 그리지 않았어요.
ref-nothing-here = { $name }에 해당하는 그림이 없어요. 함께 온 그림: { $given ->
    [none] 0
   *[other] { $given }
}장. 그림을 첨부하거나 그림에 답장해 주세요.
ref-unknown = “{ $name }” 그림은 몰라요. 그림 번호(그림에 ✉️를 누르면 알려 드려요), 첨부한 그림(image2), this one, 즐겨찾기 이름을 쓸 수 있어요{ $values ->
    [none] {""}
   *[other] : { $values }
}.
edit-empty = 그림에서 무엇을 바꿀지 적어 주세요. 예: 밤으로 바꿔줘
no-picture-there = 그 메시지에는 볼 수 있는 그림이 없어요.
favourites-full = 즐겨찾기는 { $limit }개까지예요. 먼저 하나를 빼 주세요: /easel favourites remove 이름
no-models-open = 지금 열려 있는 모델이 없어요. 봇 운영자에게 알려 주세요.

## 거절: 안전
category-says = { $category ->
    [sexual] 성적인 내용은 여기서 허용되지 않아요. 노출과 선정적인 말을 빼거나, 입은 옷을 적어 주세요.
    [minors] 미성년자에 대한 성적인 내용은 그리지 않아요. { category-else }
    [violence] 잔혹한 폭력은 여기서 허용되지 않아요. 피와 상처, 죽이는 장면을 빼 주세요.
    [hate] 혐오는 여기서 허용되지 않아요. 모욕하는 말이나 상징을 빼 주세요.
    [self_harm] 자해는 그리지 않아요. 힘들다면 믿는 사람과 꼭 이야기해 주세요.
    [illegal] 불법적인 내용은 여기서 허용되지 않아요. { category-else }
    [real_person] 실존 인물의 그림은 여기서 허용되지 않아요. 이름 대신 사람의 모습을 적어 주세요.
    [own] 이 커뮤니티가 원하지 않는 말이 들어 있어요. 다른 말로 부탁해 주세요.
   *[other] 여기서 허용되지 않는 주제예요. { category-else }
}
category-else = 다른 것을 부탁해 주세요.
prompt-refused = { $category ->
    [unavailable] 지금 안전 확인을 할 수 없어서 그리지 않았어요. 잠시 뒤에 다시 시도해 주세요.
   *[other] 그릴 수 없어요. { category-says }
}
paused-strikes = 여러 번 거절되어 { $until ->
    [none] 잠시
   *[other] 앞으로 { $until } 동안
} 쉬어야 해요. 그 뒤에 다른 것을 부탁해 주세요.
blocked = { $until ->
    [none] 여기서는 그림을 만들 수 없어요.
   *[other] 앞으로 { $until } 동안 여기서 그림을 만들 수 없어요.
}{ $why ->
    [none] {""}
   *[other] {" "}이유: { $why }.
} 운영진에게 문의해 주세요.

## 거절: 크레딧과 한도
credits-missing = { $price } 크레딧이 필요한데 { $available } 크레딧이 있어요. { $missing } 크레딧이 모자라요.{ $renews ->
    [none] {""}
   *[other] {" "}{ $renews } 다시 채워져요.
}{ $cheaper ->
    [none] {" "}운영진에게 더 부탁할 수 있어요.
   *[other] {" "}{ $cheaper } 모델은 지금도 쓸 수 있어요.
}
too-fast = 잠깐만요, { $seconds }초 뒤에 다시 부탁할 수 있어요.
too-many = 그리고 있는 그림이 너무 많아요. 하나가 끝날 때까지 기다려 주세요.
too-many-mine = 지금 { $limit }장을 그리고 있어서 한도에 닿았어요. 하나가 끝나길 기다리거나 취소해 주세요.
too-many-community = 이 커뮤니티에서 { $limit }장을 그리고 있어서 한도에 닿았어요. 잠시 뒤에 다시 시도해 주세요.
budget-spent = 이 커뮤니티의 예산을 다 썼어요.{ $renews ->
    [none] {" "}운영진이 늘릴 수 있어요.
   *[other] {" "}{ $renews } 다시 채워져요.
}
money-stop = 이번 달 봇의 지출 한도에 닿았어요. 봇 운영자에게 알려 주세요.{ $renews ->
    [none] {""}
   *[other] {" "}{ $renews } 다시 채워져요.
}
unnamed-spent = 이 커뮤니티가 하루에 시험해 볼 수 있는 만큼을 다 썼어요. { $renews } 다시 쓸 수 있어요. 봇을 운영하는 분이 이 커뮤니티를 등록하면 한도가 풀려요.
unnamed-spent-together = 오늘 시험해 볼 수 있는 만큼이 모두 쓰였어요. { $renews } 다시 쓸 수 있어요. 봇을 운영하는 분이 이 커뮤니티를 등록하면 한도가 풀려요.
price-too-high = 이 모델은 한 장에 { $price } 크레딧인데 여기서는 한 장에 { $limit } 크레딧까지예요. 더 싼 모델을 골라 주세요.
size-not-allowed = 여기서는 크기 { $size } 값을 쓸 수 없어요. { $values ->
    [none] --size를 빼 주세요.
   *[other] 이 중에서 골라 주세요: { $values }.
}
style-not-allowed = 여기서는 { $style } 스타일을 쓸 수 없어요. { $values ->
    [none] --style을 빼 주세요.
   *[other] 이 중에서 골라 주세요: { $values }.
}
images-not-allowed = 여기서는 한 번에 { $limit }장까지 만들 수 있어요. 장수를 줄여 주세요.
waiting-newcomer = 반가워요! 새로 온 분은 { $until ->
    [none] 조금 뒤부터
   *[other] { $until } 뒤부터
} 그림을 만들 수 있어요.
channel-closed = 이 채널에서는 그리지 않아요. { $channels ->
    [none] 다른 채널에서 불러 주세요.
   *[other] { $channels } 채널에서 불러 주세요.
}

## 거절: 권한, 사라진 것
not-allowed = 여기서는 그렇게 할 수 없어요. 운영진에게 문의해 주세요.
not-yours = 부탁한 사람이나 운영진만 할 수 있어요.
not-moderator = 이 커뮤니티의 운영진만 할 수 있어요.
press-picture = 제가 그린 그림에서만 쓸 수 있어요.
not-there = 그 그림은 이제 없어요.
not-finished = 그 그림은 아직 그리는 중이에요. 조금만 기다려 주세요.
words-gone = 이 그림의 프롬프트는 약속대로 시간이 지나 지워졌어요. 그래서 다시 그릴 수는 없지만, 새로 입력하면 언제든 그려 드릴게요.
not-stranded = { $job } 작업은 읽을 수 있어서 다른 작업처럼 처리돼요. 멈추려면: easel jobs cancel { $job }
already-over = 그 그림은 이미 끝나서 멈출 것이 없어요.
user-unknown = 아직 여기서 본 적 없는 분이에요.
setting-unknown = “{ $name }” 설정은 몰라요. { $nearest ->
    [none] 설정 목록: { $values }.
   *[other] 혹시 { $nearest }인가요?
}
setting-value = { $name } 설정에는 “{ $value }” 값을 쓸 수 없어요.
setting-long = { $name } 설정에 쓴 값이 너무 길어요. 하나에 { $limit }자까지 쓸 수 있어요.
setting-many = { $name } 설정에는 { $limit }개까지만 넣을 수 있어요.
setting-unreadable = { $name } 설정에 “{ $value }” 값을 넣을 수 없어요. 비어 있거나 보이지 않는 글자가 들어 있어요. 다시 써 주세요.
setting-words = { $name } 설정에는 “{ $value }” 값을 쓸 수 없어요. 낱말을 쓰고, 여러 개면 쉼표로 나눠 주세요.
amount-bad = 수량은 1 이상의 정수여야 해요{ $limit ->
    [none] {""}
   *[other] {" "}(최대 { $limit })
}.
shutting-down = 다시 시작하는 중이에요. 30초쯤 뒤에 다시 시도해 주세요.
busy = 지금 아주 바빠요. 잠시 뒤에 다시 시도해 주세요.
trouble = 제 쪽에서 문제가 생겼어요. 크레딧은 쓰이지 않았으니 다시 시도해 주세요.

## 카드: 제목
headline-waiting = { $place ->
    [none] 붓을 기다리는 중 …
    [0] 붓을 기다리는 중 …
   *[other] 기다리는 중: { $place }번째
}
headline-painting = { $usual ->
    [none] 그리는 중 …
   *[other] 그리는 중 … 보통 { $usual }
}
headline-unanswered = 이미지 서비스가 답하지 않거나 바빠요. 되는 대로 가장 먼저 그려요.
headline-steps = 그리는 중 … { $steps }단계 중 { $step }단계
headline-queued = 그리는 중 … 서비스 대기 { $place }번째
headline-finished = { $seconds ->
    [none] 완성
   *[other] { $seconds }초 만에 완성
}
headline-failed = 잘 되지 않았어요
headline-refused = 그리지 않았어요
headline-withheld = 보여 줄 수 없어요
headline-cancelled = 취소했어요
headline-deleted = 삭제했어요

## 카드: 어떻게 끝났는지
credits-back = 크레딧은 돌려드렸어요.
failed = 문제가 생겼어요. { credits-back } 다시 시도해 주세요.
failed-provider = 이미지 서비스에 문제가 생겼어요. { credits-back } 다시 시도해 주세요.
failed-deadline = 너무 오래 걸려서 그만 기다렸어요. { credits-back } 다시 시도하거나 다른 모델을 골라 주세요.
failed-uncertain = 이미지 서비스와 연결이 끊겨서 두 번 부탁하지 않았어요. { credits-back } 다시 시도해 주세요.
failed-images = 돌아온 그림을 쓸 수 없었어요. { credits-back } 다시 시도해 주세요.
failed-model-closed = 이 모델은 이제 쓸 수 없어요. { credits-back } 다른 모델을 골라 주세요. 관리자가 열어 줄 수 있어요.
failed-balance = 이미지 서비스의 잔액이 없어요. { credits-back } 운영자에게 알렸으니 다른 모델을 쓰거나 나중에 시도해 주세요.
failed-key = 이 이미지 서비스에 대한 { $bot } 설정이 잘못됐어요. { credits-back } 운영자에게 알렸으니 다른 모델을 써 주세요.
failed-order = 이미지 서비스가 이 주문을 받지 않았어요. { credits-back } 글이나 옵션을 바꾸거나 다른 모델을 골라 주세요.
failed-unseen = 거기에는 보여 드릴 수 없어서 그리기 전에 멈췄어요. { credits-back } 다른 채널에서 시도하거나 관리자에게 권한을 부탁해 주세요.
undelivered = “{ $prompt }” 그림은 완성됐지만 거기에 보여 드릴 수 없었어요. { credits-back } 그림은 내 기록에 있고, 계속 시도할게요.
unshown = “{ $prompt }”: { $sentence }
told-finished = “{ $prompt }” 그림이 완성됐어요.
refused-sexual = 성적인 내용은 여기서 허용되지 않아요. { credits-back } 노출과 선정적인 말을 빼거나, 입은 옷을 적어 주세요.
refused-minors = 그런 것은 그리지 않아요. { credits-back } { category-else }
refused-violence = 잔혹한 폭력은 여기서 허용되지 않아요. { credits-back } 피와 상처, 죽이는 장면을 빼 주세요.
refused-hate = 혐오는 여기서 허용되지 않아요. { credits-back } 모욕하는 말이나 상징을 빼 주세요.
refused-self_harm = 자해는 그리지 않아요. { credits-back } 힘들다면 믿는 사람과 꼭 이야기해 주세요.
refused-illegal = 불법적인 것은 도울 수 없어요. { credits-back } { category-else }
refused-real_person = 실존 인물의 그림은 여기서 허용되지 않아요. { credits-back } 이름 대신 사람의 모습을 적어 주세요.
refused-own = 이 커뮤니티가 원하지 않는 주제예요. { credits-back } 다른 말로 부탁해 주세요.
refused-unavailable = 안전 확인을 할 수 없어서 그리지 않았어요. { credits-back } 잠시 뒤에 다시 시도해 주세요.
refused-input = { $category ->
    [unavailable] 안전 확인을 할 수 없어서 주신 그림을 쓰지 않았어요. { credits-back } 잠시 뒤에 다시 시도해 주세요.
   *[other] { given-picture }: 이렇게 쓸 수 없어요. { category-says } { credits-back }
}
refused-provider = 이미지 서비스가 이 글을 거절했어요. { credits-back } 표현을 바꿔 다시 시도해 주세요.
withheld = 그림이 안전 확인을 통과하지 못해서 보여 줄 수 없어요. { credits-back } 표현을 바꿔 다시 시도해 주세요.
withheld-quarantine = 운영진이 확인할 수 있게 그림을 보관했어요. { credits-back } 표현을 바꿔 다시 시도해 주세요.
cancelled = { credits-back } 언제든 다시 시도해 주세요.
deleted = 삭제된 그림이에요.
partial = { $asked }장 중 { $made }장이 나왔고, 나온 만큼만 썼어요.
spoiler-note = 누르기 전에는 가려져 있어요. 모두에게 맞지 않을 수 있어요.

## 카드: 이름표와 버튼
label-model = 모델
good-for-photo = 실사
good-for-text = 그림 속 글자
good-for-quick = 빠르고 저렴함
good-for-edit = 편집
good-for-art = 예술 스타일
good-for-own = 직접 만든 작업 흐름
label-shape = 비율
label-size = 크기
label-style = 스타일
label-quality = 품질
label-meant = 대신한 모델
label-ref = 바탕 그림
label-sref = 스타일 그림
label-oref = 인물·사물 그림
label-source-picture = 바탕
label-source-style = 스타일
label-source-subject = 인물·사물
label-source-mask = 바꿀 곳
source-ours = { $pictures ->
    [one] { $bot }의 그림
   *[other] { $bot }의 그림 { $pictures }장
}
source-given = { $pictures ->
    [one] 받은 그림
   *[other] 받은 그림 { $pictures }장
}
label-credits = 크레딧
label-seconds = 시간
label-images = 장수
label-negative = 제외
label-private = 비공개
label-background = 배경
label-seed = 시드
label-spoiler = 스포일러
label-tell = 완성되면
tell-value = 따로 알려 드려요
tell-done = 완성되면 따로 알려 드릴게요.
label-prompt = 글
label-edit = 무엇을 바꿀까요
label-which = 어느 그림
label-pictures = 바탕이 될 그림
picture-number = { $index }번 그림
seconds-value = { $seconds }초
credits-value = { $credits } 크레딧
credits-range = { $least }~{ $most } 크레딧
credits-held = { $credits } 보류
alt-text = 그림: { $prompt }
button-cancel = 취소
button-reroll = 다시 그리기
button-reroll-for = 다시 그리기 ({ $credits })
button-remix = 바꿔 그리기
button-pick = { $index }
button-original = 원본
button-delete = 삭제
button-tell = 완성되면 알려 줘
button-report = 신고
button-retry = 다시 시도
button-show = 나에게 보여 주기
button-edit = 고치기
button-vary = 변형
button-vary-of = 변형 { $index }
button-upscale = 크게
button-favourite = 즐겨찾기
button-send = 내게 보내기
button-create = 그림 만들기
cancel-done = 취소했고 크레딧은 돌려드렸어요.
delete-done = 삭제했어요.
report-done = 고마워요. 운영진 방에 전했어요.
reroll-title = 다시 그리기
remix-title = 바꿔 그리기
edit-title = 고치기
create-title = 그림 만들기
invite-me = 제가 이 채널에 없어요. /invite @{ $bot } 입력 뒤 다시 시도해 주세요.

## 내 것
credits-left = { $available } 크레딧이 있어요.
credits-held-line = 그리는 중인 그림에 { $held } 크레딧이 더 보류되어 있어요.
credits-renew = 기본 { $allowance } 크레딧은 { $renews } 다시 채워져요.
credits-granted = 그중 { $granted } 크레딧은 받은 것이라 사라지지 않아요.
credits-movements = 최근 내역:
movement-capture = −{ $amount } { $what }
movement-hold = ({ $amount } 보류) { $what }
movement-release = +{ $amount } 돌려받음: { $what }
movement-refund = +{ $amount } 환불: { $what }
movement-grant = +{ $amount } 받음{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-allowance = +{ $amount } 기본 크레딧
movement-revoke = −{ $amount } 회수{ $what ->
    [none] {""}
   *[other] : { $what }
}
history-title = 최근 그림
history-empty = 아직 그림이 없어요. /imagine 눈 속의 붉은 여우, 이렇게 시작해 보세요.
history-line = { $prompt } · { $model } · { $credits } 크레딧
favourites-title = 내 즐겨찾기
favourites-empty = 아직 없어요. 그림에 ⭐을 누르면 나만 보는 즐겨찾기에 담겨요.
favourite-line = { $name } · { $picture ->
    [none] {""}
   *[other] { $picture }{" "}·{" "}
}{ $prompt } · { $model }
favourites-how = --ref, --sref, --oref 뒤에 이름을 적어 쓸 수 있어요. /easel favourites rename 옛이름 to 새이름, /easel favourites remove 이름
favourite-kept = “{ $name }” 이름으로 담았어요. 나만 볼 수 있어요. /easel favourites에서 보고, --ref "{ $name }"로 이어 그려요.
favourite-dropped = “{ $name }” 그림을 즐겨찾기에서 뺐어요.
sent = “{ $prompt }” · { $job }
models-title = 모델과 한 장 값
models-line = { $model }: { $price }{ $takes ->
    [none] {""}
   *[other] {" "}({ $takes })
}
models-pictures = 그림 { $most }장까지
models-default = 모델을 적지 않으면 { $model } 모델을 써요.
defaults-title = 내 기본값
defaults-line = { $name }: { $value }
defaults-none = 따로 정한 기본값이 없어서 커뮤니티의 기본값을 써요.
defaults-saved = 저장했어요. 앞으로 이 값을 쓸게요.
defaults-cleared = 내 기본값을 지웠어요.
defaults-how = 이렇게 쓰세요: /easel defaults --model flux --ar 16:9 --private. 이름만 쓰면 그것만 지우고, clear는 모두 지워요.
mydata-here = 여기에 저장된 회원님의 모든 정보예요: 글, 그림, 크레딧, 기본값, 그리고 기록에 남은 것들이에요. 다른 사람은 볼 수 없어요.
mydata-too-much = 채팅으로 보내기에는 너무 많아요. 봇을 운영하는 분께 부탁해 주세요. `easel export`로 전부 받을 수 있어요.
mydata-not-sent = 파일을 보내지 못했어요. 잠시 뒤에 다시 시도해 주세요.
forget-ask = 내 글과 그림이 영영 지워져요. 정말 지울까요?
forget-done = 글과 그림을 모두 지웠어요. 장부에는 숫자만 남아요.
forget-button = 모두 지우기
## 다시 찾기
history-found = 내 그림에서 “{ $words }” 찾기
history-none = 내 그림의 글에서 “{ $words }” 낱말을 찾지 못했어요. /easel history만 쓰면 최근 그림이 나와요.
history-page = { $title } · { $page }쪽
history-newer = ← 더 최근
history-older = 더 이전 →
show-unknown = 그 그림은 보여 드릴 수 없어요. 번호를 써 주세요. 예: /easel show 01m7za57f5evfned4t7d0apt9v (그림에 ✉️를 누르면 알려 드려요). /easel history에서는 번호 없이 고를 수 있어요.
verb-show = 번호로 그림을 버튼과 함께 다시 보기
own-history = 내 그림을 쪽마다 보기, 낱말을 쓰면 그 낱말이 있는 것만
usage-chart = { $days }일 동안 날마다 모델별 크레딧과 쓴 사람. 같은 내용이 글로도 있어요.

## 다른 봇의 말
label-asked-shape = 요청한 비율
asked-shape = { $shape }, 가장 가까운 비율로 그려요
foreign-version = { JOSA($flag, "은/는") } 미드저니의 버전을 골라요. 여기서는 --model로 그릴 모델을 골라요. /easel models에서 볼 수 있어요.
foreign-anime = { JOSA($flag, "은/는") } 미드저니의 애니메이션 모델이에요. { $nearest ->
    [none] 여기서는 “애니메이션”이라고 말로 써 주세요.
   *[other] 여기서는 어느 모델이든 { JOSA($nearest, "으로/로") } 할 수 있어요.
}
foreign-variety = { JOSA($flag, "은/는") } 미드저니가 얼마나 벗어날지 정해요. 여기 모델에는 그런 설정이 없으니 “기묘한”, “뜻밖의” 같은 말로 써 주세요.
foreign-stylize = { JOSA($flag, "은/는") } 미드저니가 얼마나 자유롭게 그릴지 정해요. 여기서는 --style 뒤의 스타일 이름이나 말로 해요.
foreign-weight = { JOSA($flag, "은/는") } 준 그림을 얼마나 따를지 정해요. 여기서는 “그림과 비슷하게”, “색만”처럼 말로 써 주세요.
foreign-profile = { JOSA($flag, "은/는") } 미드저니가 배운 취향이라 다른 곳에는 없어요. 여기서는 --sref와 그림 하나로 그 스타일을 쓸 수 있어요.
foreign-stop = { JOSA($flag, "은/는") } 미드저니를 중간에 멈춰요. 여기서는 “거칠게”, “미완성”처럼 말로 써 주세요.
foreign-film = { JOSA($flag, "은/는") } 영상을 만들어요. 저는 그림만 그려요.
foreign-speed = { JOSA($flag, "은/는") } 미드저니가 얼마나 빨리 그릴지 정해요. 여기서는 이 커뮤니티가 정한 순서대로 그려요.
foreign-cheap = { JOSA($flag, "은/는") } 미드저니에서 싸게 그려요. 여기서는 더 싼 모델을 고르세요. /easel models에 값이 있어요.
foreign-fine = { JOSA($flag, "은/는") } 더 고운 그림을 요청해요. 여기서는 모델에 있으면 --size나 --quality로 해요. 값은 /easel models에 있어요.
foreign-tile = { JOSA($flag, "은/는") } 가장자리를 이어요. 여기서는 “이어지는 반복 무늬”라고 말로 써 주세요.
foreign-repeat = { JOSA($flag, "은/는") } 여러 번 주문해요. { $images ->
    [none] { JOSA($model, "은/는") } 한 번에 { $most }장까지 그려요.
   *[other] 여기서는 --n { $images }, 한 주문에 { $images }장이에요{ $credits ->
        [none] {""}
       *[other] . 모두 { $credits }크레딧
    }.
}
foreign-upscale = { JOSA($flag, "은/는") } 그림을 크게 해요. 여기서는 완성된 그림 아래의 ‘크게’ 버튼으로 해요.
foreign-raw = { JOSA($flag, "은/는") } 말을 그대로 두어요. 여기서는 --style이 없으면 늘 그래요.
foreign-dial = { JOSA($flag, "은/는") } 스테이블 디퓨전의 설정이고 { $model }에는 없어요.
foreign-addon = { JOSA($flag, "은/는") } 스테이블 디퓨전의 추가 모델이라 여기서는 쓸 수 없어요. --style 뒤의 스타일이나 --sref 뒤의 그림을 써 보세요.
foreign-pixels = { JOSA($flag, "은/는") } 제가 아는 크기가 아니에요. --w와 --h를 함께 픽셀로 쓰거나, --ar 16:9로 비율을 정해 주세요.
foreign-format = { JOSA($flag, "은/는") } 파일 종류를 정해요. ‘원본’이 만들어진 그대로의 파일을 드려요.
foreign-picture = { JOSA($flag, "은/는") } 그림을 주는 표시예요. 여기서는 그림을 첨부하거나, 그림에 답장하거나, --ref로 우리 그림을 말해 주세요.
foreign-safety = { JOSA($flag, "은/는") } 여기서 아무것도 바꾸지 않아요. 이 커뮤니티의 규칙을 따라요.
foreign-look = { JOSA($flag, "은/는") } 다른 서비스의 느낌이에요. 여기서는 말이나 --style로 해요.
foreign-help = 제가 알아듣는 것은 /easel help에 있어요.
foreign-quality = { JOSA($flag, "은/는") } 미드저니의 것이에요. { $values ->
    [none] { $model }의 품질은 하나뿐이에요.
   *[other] 여기서는 --quality 뒤에 { $values } 중 하나를 쓰고, 높으면 더 비쌀 수 있어요.
}
foreign-code = { JOSA($name, "은/는") } 미드저니만 아는 스타일 코드예요. 여기서 --sref는 그림을 받아요. 첨부하거나 우리 그림을 말해 주세요.
foreign-weights = 다른 곳에서 “{ $words }” 표시는 낱말의 무게예요. 여기서는 그대로 그려질 거예요. 무엇이 더 중요한지 말로 쓰거나, 그림에 쓸 글자라면 따옴표로 묶어 주세요.
foreign-choices = 중괄호는 다른 곳에서 여러 주문이 돼요. 여기서는 { $pictures }장이 될 거예요{ $credits ->
    [none] {""}
   *[other] { " " }(한 장에 { $credits }크레딧)
}: { $words }. 원하는 것을 하나씩 보내 주시거나, 그림에 쓸 글자라면 따옴표로 묶어 주세요.

## Easel에 들어 있는 스타일
style-anime = 애니메이션
style-watercolor = 수채화
style-oil = 유화
style-ink = 먹그림
style-pixel = 픽셀 아트
style-comic = 만화책
style-clay = 점토 인형
style-film = 필름 사진

## 가벼운 말: 아무것도 그리지 않고 값도 없어요
small-hello = 안녕하세요! 무엇을 그릴지 말해 주세요. 예: 눈 속의 붉은 여우. 더 알고 싶으면 help라고 해 주세요.
small-thanks = 천만에요! 아무것도 그리지 않았고 크레딧도 쓰지 않았어요.
small-praise = 마음에 드신다니 기뻐요. ⭐을 누르면 즐겨찾기에 담기고, 바꿀 것을 말하면(“밤으로 바꿔줘”) 이어서 그려요.
small-help = 보고 싶은 것을 말하면 그려요. 예: 눈 속의 붉은 여우 --ar 16:9. 그림에 답장하면 고쳐요. 예: 밤으로 바꿔줘. credits와 models로 크레딧과 값을, help로 나머지를 볼 수 있어요.
small-fine = 알겠어요. 아무것도 그리지 않았어요. 보고 싶은 것이 있으면 언제든 말해 주세요.
small-bare = 네? 무엇을 그릴지 말해 주세요. 예: 눈 속의 붉은 여우. 더 알고 싶으면 help라고 해 주세요.
yes = 예
no = 아니요
help-text =
    /imagine 뒤에 보고 싶은 것을 적어 주세요:
    /imagine 눈 속의 붉은 여우 --ar 16:9

    첫 낱말 뒤 어디에나 쓸 수 있는 옵션:
    --ar 16:9 비율
    --model 이름 다른 모델 (-m)
    --n 4 여러 장, 1~4
    --no 글자, 워터마크 빼고 싶은 것
    --style 이름 느낌 (-s)
    --quality high (-q), --size 2K 모델에 있을 때
    --private 나만 보기
    --tell 완성되면 따로 알림
    --spoiler 누르기 전까지 가리기
    --seed 7 같은 우연 다시, 모델에 있을 때
    --ref, --sref, --oref 그림 함께 쓰기, 스타일, 인물·사물:
    그림 번호(✉️를 누르면 알려 드려요), 첨부한 그림(image2, this one), 즐겨찾기 이름

    그림에서: 🔁 다시 그리기, ❌ 삭제, ⭐ 즐겨찾기, ✉️ 내게 보내기. 누른 사람이 내요.
    고치기, 또는 “밤으로 바꿔줘” 같은 답장으로 고쳐요.
    /easel credits, history, favourites, models, defaults, mydata, forget

## 운영진
admin-granted = { $name } 님에게 { $amount } 크레딧을 주었어요{ $until ->
    [none] {""}
   *[other] (앞으로 { $until } 안에 쓸 수 있어요)
}. 지금 { $available } 크레딧이 있어요.
admin-taken = { $name } 님에게서 { $amount } 크레딧을 회수했어요. 지금 { $available } 크레딧이에요.
admin-taken-less = { $name } 님에게서 { $asked } 중 { $amount } 크레딧만 회수할 수 있었어요. 지금 { $available } 크레딧이에요.
admin-refunded = { $name } 님에게 { $amount } 크레딧을 환불했어요.
admin-refunded-already = 이미 환불한 그림이에요.
admin-refund-nothing = 크레딧이 쓰이지 않은 그림이에요.
admin-allowance = 이제 기본 크레딧은 { $period ->
    [daily] 하루
    [weekly] 한 주
   *[other] 한 달
}에 { $amount } 크레딧이에요.
admin-budget = { $amount ->
    [none] 이제 이 커뮤니티에는 예산 한도가 없어요.
   *[other] 이제 예산은 { $period ->
        [daily] 하루
        [weekly] 한 주
       *[other] 한 달
    }에 { $amount } 크레딧이에요.
}
admin-budget-warning = 이 커뮤니티 예산의 { $percent }%를 썼어요({ $budget } 중 { $spent }).
admin-blocked = 이제 { $name } 님은 { $until ->
    [none] 여기서
   *[other] { $until } 동안 여기서
} 그림을 만들 수 없어요.
admin-unblocked = { $name } 님은 다시 그림을 만들 수 있어요.
admin-saved = 저장했어요: { $name } = { $value }
admin-settings-title = 이 커뮤니티의 설정
admin-setting-line = { $name } = { $value }
admin-held-back = 봇을 운영하는 분이 여기서 허락한 { $name }의 한도예요.
admin-left-out = 저장된 { $name } 설정을 읽을 수 없어서 빼고 진행해요. 다시 정해 주세요.
admin-models = 쓸 수 있는 모델: { $values ->
    [none] 모두
   *[other] { $values }
}.
admin-channels = 답하는 채널: { $values ->
    [none] 모든 채널
   *[other] { $values }
}.
admin-books-title = { $name } 님의 장부
admin-books-line = 사용 가능 { $available }, 보류 { $held }
admin-usage-title = 최근 { $days }일 사용량
admin-usage-line = { $day } · { $model } · 그림 { $pictures }장 · { $credits } 크레딧 · { $money }
admin-usage-total = 모두 그림 { $pictures }장, { $credits } 크레딧, { $money }. 거절 { $refused }, 실패 { $failed }.
admin-usage-undelivered = 완성된 그림 { $pictures }장을 아무에게도 보여 주지 못했어요. { $credits } 크레딧을 돌려줬어요.
admin-usage-empty = 그동안 그림이 없었어요.
admin-audit-title = 최근 기록
admin-audit-empty = 아직 기록이 없어요.

## 크레딧이 돌아온 까닭
back-failed = 그림을 그리지 못했어요
back-failed-provider = 이미지 서비스가 실패했어요
back-failed-uncertain = 이미지 서비스의 답을 받지 못했어요
back-failed-deadline = 너무 오래 걸렸어요
back-failed-images = 쓸 수 없는 그림이었어요
back-failed-model-closed = 모델이 닫혀 있어요
back-failed-balance = 이미지 서비스의 잔액이 없어요
back-failed-key = 이미지 서비스 설정이 잘못됐어요
back-failed-order = 이미지 서비스가 주문을 받지 않았어요
back-partial = 그림이 다 나오지는 않았어요
back-refused = 그림이 거절됐어요
back-withheld = 그림이 안전 확인을 통과하지 못했어요
back-cancelled = 취소했어요
blocked-by-operator = 봇 운영자가 이곳에서 이 사람을 차단했어요. 운영자만 바꿀 수 있어요.
grant-ceiling = 이곳에서 한 달에 줄 수 있는 크레딧을 다 썼어요. 봇 운영자에게 문의하거나 더 적게 주세요.
admin-top-title = 크레딧을 가장 많이 쓴 사람:
admin-top-line = { $name }: { $credits } 크레딧, 주문 { $jobs }건
admin-history-line = { $when } · 버전 { $version } · { $who }
admin-blocked-list = 차단되거나 정지된 사람이 없어요.
admin-not-blocked = { $name } 님은 차단되어 있지 않았어요.
admin-usage = 이렇게 써 보세요: { $usage }
admin-person-unknown = “{ $value }” 님을 모르겠어요. @로 사람을 지정해 주세요.
expired = 이 그림은 보관 기간이 지나 지워졌어요. 다시 그리기를 누르면 새로 그려요.
movement-a-picture = 그림
budget-ceiling = 봇 운영자가 정한 이 커뮤니티의 한 달 한도에 닿았어요.{ $renews ->
    [none] {""}
   *[other] {" "}{ $renews } 다시 채워져요.
}
setting-range = { $name } 설정에는 { $value } 값을 쓸 수 없어요. { $limit ->
    [none] { $least } 이상이어야 해요.
   *[other] { $least } 이상 { $limit } 이하여야 해요.
}
setting-choice = { $name } 설정에는 “{ $value }” 값을 쓸 수 없어요. 이 중에서 골라 주세요: { $values }.
setting-number = { $name } 설정에는 숫자가 필요해요. “{ $value }” 대신 30처럼 적어 주세요.
setting-pairs = { $name } 설정에는 “{ $value }” 값을 쓸 수 없어요. 이름=값, 이름=값처럼 적어 주세요.
setting-json = { $name } 설정에는 “{ $value }” 값을 쓸 수 없어요. /easel-admin role이나 channel로 항목마다 정하는 것이 쉬워요. 아니면 JSON으로 적어 주세요.
setting-zone = “{ $value }” 시간대는 몰라요. Asia/Seoul이나 Europe/Berlin처럼 적어 주세요.
setting-strikes = { $name } 설정에는 { $value } 값을 쓸 수 없어요. 한 번의 거절은 잘못 읽은 것일 수 있어 아무도 멈추게 하지 않아요. { $least } 이상이나, 멈추지 않으려면 0을 써 주세요.
setting-misread = { $name } 설정에는 새로 쓸 수 없어요. 운영진이 거절에 대해 “잘못된 거절” 버튼을 누르면 표현이 들어가요. 남길 것만 써 주세요.
setting-floor = 여기서는 { $name } 설정에 { $value } 값을 쓸 수 없어요. 봇을 운영하는 분이 { $limit } 값으로 정했고, 커뮤니티는 더 엄하게만 바꿀 수 있어요. 운영하는 분이 설정의 may_loosen으로 허락할 수 있어요.
setting-word = { $name } 설정에 “{ $value }” 낱말을 넣을 수 없어요. 모든 글에 걸리거나 어떤 글에도 걸리지 않아요. 두 글자 이상의 낱말을 써 주세요.
setting-no-role = “{ $value }” 역할이 없거나 같은 이름이 둘이에요. 아이디나 정확한 이름을 써 주세요.
setting-no-channel = “{ $value }” 채널이 없거나 같은 이름이 둘이에요. 아이디나 정확한 이름을 써 주세요.
setting-role-twice = 같은 역할이 두 번 들어 있어요. 한 번씩만 써 주세요.
setting-part = { $name } 설정에는 “{ $part }” 항목이 없어요. /easel-admin role @역할 allowance:1000처럼 적어 보세요.
admin-history-empty = 아직 바뀐 설정이 없어요.

## 보류된 그림 (관리자용)
admin-held-title = 보류된 그림, 오래된 것부터:
admin-held-line = { $job } · { $name } · { $prompt ->
    [none] 비공개 그림
   *[other] { $prompt }
}
admin-held-empty = 기다리는 보류 그림이 없어요.
admin-released = 풀어 주었어요. 그림은 무료로 전달돼요.
admin-discarded = 버렸어요.

## 운영자의 말 하나하나가 하는 일
verb-settings = 설정을 보거나 하나를 바꾸기
verb-grant = 크레딧 주기
verb-take = 준 크레딧 회수하기
verb-refund = 그림에 쓴 크레딧 돌려주기
verb-books = 한 사람의 크레딧과 내역
verb-allowance = 모두가 주기마다 받는 크레딧
verb-budget = 커뮤니티 전체가 쓸 수 있는 크레딧
verb-models = 쓸 수 있는 모델
verb-channels = 답하는 채널
verb-block = 얼마 동안 그림을 못 만들게 하기
verb-unblock = 다시 그림을 만들 수 있게 하기
verb-blocked = 차단된 사람
verb-held = 안전 확인에 걸려 보류된 그림
verb-release = 보류된 그림을 무료로 보여 주기
verb-discard = 보류된 그림을 버리기
verb-usage = 사용량
verb-audit = 최근 기록
verb-history = 이전 설정

## 운영진 방

button-appeal = 이의 제기
button-open = 열기
button-hide = 숨기기
button-release = 공개하기
button-discard = 버리기
button-refund = 크레딧 돌려주기
button-block = 하루 차단
button-wrong = 잘못된 거절
button-dismiss = 확인 끝
event-of = { $bot } · 운영진용
event-message = 메시지로 가기
event-person = 대상
event-reporter = 신고한 사람
event-job = 작업
event-until = 정지 종료
event-renews = 갱신
event-report = 그림이 신고됐어요
event-report-says = 누군가 살펴봐 달라고 해요.
event-withheld = 그림이 보류됐어요
event-withheld-says = 안전 검사를 통과하지 못했어요. 보관하지 않아요.
event-withheld-some = 안전 검사가 그림 일부를 보류했어요. 나머지는 보여요.
event-withheld-released = 안전 검사가 보류했지만 운영진이 공개했어요.
minors-stay = 미성년자가 보일 수 있다고 검사가 판단한 그림이라 공개할 수 없어요. 버릴 수는 있어요.
event-withheld-kept = 안전 검사를 통과하지 못했어요. 보관 중이니 무료로 공개하거나 버려 주세요.
event-paused = 누군가 잠시 정지됐어요
event-paused-says = 짧은 시간에 프롬프트가 { $strikes }번 거절됐어요. 마지막 것이 여기 있어요. 잘못된 거절이면 알려 주세요. 그러면 세지 않아요.
event-appeal = 거절에 이의가 들어왔어요
event-appeal-says = 잘못된 거절이면 알려 주세요. 그러면 세지 않고, 잘못 읽힌 표현은 앞으로 허용해요.
event-budget-80 = 예산의 80 %를 썼어요
event-budget-100 = 예산을 다 썼어요
event-budget-says = 이번 기간 { $budget } 크레딧 중 { $spent } 크레딧을 썼어요.
event-service-trouble = 그림 서비스에 문제가 있어요
event-service-trouble-says = { $provider }: { $trouble ->
    [open] { $model } 모델이 계속 실패해요. 그동안 가능하면 다른 곳에서 그리고, 저절로 다시 시도해요.
    [model-closed] { $model } 모델을 우리 키로 쓸 수 없어요. 봇 운영자가 확인해야 해요.
    [balance] 계정 잔액이 없어요. 봇 운영자가 채워야 해요.
    [key] 우리 키를 받지 않아요. 봇 운영자가 확인해야 해요.
   *[other] 문제가 생겼어요.
}
event-model-ends = 모델 종료 안내
event-model-ends-says = { $how ->
    [ended] { $provider }의 { $model } 모델은 { $ends }에 끝났어요.
    [by-maker] { $model } 모델은 만든 곳에서 { $ends }에 끝냈어요. { $provider }에서는 아직 되지만 언제든 멈출 수 있어요.
   *[soon] { $provider }의 { $model } 모델은 { $ends }에 끝나요.
}{ $instead ->
    [none] {""}
   *[other] {" "}대신 { $instead } 모델을 써요.
}
event-chargeback = 결제가 취소됐어요
event-chargeback-says = “{ $product }”의 { $wanted }크레딧을 거둬야 했고({ $shop }), 남아 있던 { $taken }크레딧을 거둬들였어요.
event-hidden = 지금은 숨겨져 있어요.
event-deleted = 그 사이 삭제됐어요.
event-did-open = { $name } 님이 열어 봤어요
event-did-hide = { $name } 님이 숨겼어요
event-did-release = { $name } 님이 공개했어요
event-did-discard = { $name } 님이 버렸어요
event-did-refund = { $name } 님이 크레딧을 돌려줬어요
event-did-block = { $name } 님이 하루 차단했어요
event-did-wrong = { $name } 님이 잘못된 거절이라고 했어요
event-did-dismiss = { $name } 님이 확인했어요
event-done = 이제는 할 수 없어요. 누군가 이미 했거나 그 사이 달라졌어요.
event-over = 너무 오래된 일이에요.
already-refunded = 이미 돌려준 크레딧이에요.
not-owner = 이 커뮤니티를 운영하는 사람만 할 수 있어요.
not-in-own-matter = 자기 일은 스스로 판단할 수 없어요. 다른 운영진에게 부탁해 주세요.
appealed-already = 운영진에게 이미 전해졌어요.
appeals-wait = 운영진이 아직 보지 못한 이의 제기가 여러 건 있어요. 살펴볼 때까지 기다려 주세요.
room-hidden = 채팅에서 숨겼고 링크도 열리지 않아요. 공개하기를 누르면 다시 보여요.
room-dismissed = 확인했어요.
room-wrong = 이제 세지 않고, 본인에게 알렸어요.{ $what ->
    [none] {""}
   *[other] {" "}앞으로 “{ $what }” 표현은 여기서 허용돼요.
}{ $missing ->
    [none] {""}
    [leave] {" "}같은 글은 아직 거절돼요. 봇을 운영하는 분이 설정의 may_loosen에 allowed_words를 넣어야 운영진이 허용할 수 있어요.
    [minors] {" "}같은 글은 아직 거절돼요. 미성년자에 관한 규칙은 무엇으로도 풀리지 않아요.
    [own] {" "}같은 글은 아직 거절돼요. 커뮤니티의 blocked_words에 있는 말이 들어 있어요.
    [private] {" "}같은 글은 아직 거절될 수 있어요. 비공개라 아무도 읽지 않은 글은 허용하지 않아요.
   *[words] {" "}같은 글은 아직 거절될 수 있어요. 허용할 만한 표현을 찾지 못했어요.
}
refusal-was-wrong = 운영진이 거절된 내용을 살펴봤어요{ $prompt ->
    [none] {""}
   *[other] {" "}(“{ $prompt }”)
}. 잘못된 거절이라 세지 않아요. { $again ->
    [yes] 다시 시도해 주세요.
   *[no] 같은 글은 아직 거절될 수 있으니 다른 말로 써 주세요.
}
report-kept = 고마워요. 운영진을 위해 남겨 뒀지만 아직 신고를 받는 방이 없어요. 운영진에게 직접 알려 주세요.
appeal-how = 잘못된 거절이면 “{ button-appeal }”를 눌러 주세요. 운영진이 살펴봐요.
appeal-done = 운영진에게 내용과 함께 전했어요. 잘못된 거절로 밝혀지면 알려 드릴게요.
appeal-unread = 운영진에게 전했어요. 비공개라 내용은 보이지 않으니, 무엇을 부탁했는지 운영진에게 직접 알려 주세요.
appeal-kept = 운영진을 위해 남겨 뒀지만 아직 받는 방이 없어요. 운영진에게 직접 알려 주세요.
room-how = { $what ->
    [none] 운영진이 볼 일이 있어요
   *[other] 커뮤니티에 운영진이 볼 일이 있어요({ $what })
}. 아직 알릴 방이 없으니 운영진만 읽는 채널을 정해 주세요: /easel-admin room #mods (Slack: /easel admin room #mods).
admin-room = { $value ->
    [none] 아직 운영진에게 알릴 방이 없어요. 방을 정할 때까지 신고와 보류된 그림이 기다려요.
   *[other] 운영진에게 알리는 곳: { $value }
}
admin-moderators = 운영진으로 정한 사람과 역할: { $values ->
    [none] 없음
   *[other] { $values }
}.
admin-moderators-may = 방에 온 일을 처리하고, 크레딧을 돌려주고, 차단하고, 삭제할 수 있어요. 설정을 바꾸거나 크레딧을 주지는 못해요. 플랫폼이 운영진 명령을 숨기면 그 역할에 허용해 주세요.
admin-blocked-title = 지금 그림을 만들 수 없는 사람
admin-blocked-line = { $name } · 차단{ $when ->
    [none] {""}
   *[other] {" "}({ $when }까지)
}{ $why ->
    [none] {""}
   *[other] {" "}· { $why }
}
admin-paused-line = { $name } · 거절로 { $when }까지 정지{ $why ->
    [none] {""}
   *[other] {" "}· { $why }
}
admin-audit-by = { $name } 님이
admin-audit-job = 작업 { $job }
admin-audit-private = 비공개
hidden = 운영진이 이 그림을 채팅에서 숨겼어요.
setting-no-person = “{ $value }” 이름의 사람이나 역할이 없어요. 멘션하거나 아이디를 써 주세요.
verb-room = 신고, 보류된 그림, 문제를 알리는 곳
verb-moderators = 함께 운영하는 사람, 역할, 사용자 그룹
back-hidden = 운영진이 그림을 숨겼어요
note-until = 기한:

## 크레딧을 얻는 길
verb-redeem = 코드를 크레딧으로 바꾸기
verb-gift = 내 크레딧을 다른 사람에게 선물하기
code-redeemed = { $amount } 크레딧을 받았어요{ $until ->
    [none] {""}
   *[other] (앞으로 { $until } 안에 쓸 수 있어요)
}. 지금 { $available } 크레딧이 있어요.
code-again = 이 코드는 이미 등록하셨어요: { $amount } 크레딧. 지금 { $available } 크레딧이 있어요.
code-unknown = 모르는 코드예요. 코드는 EASEL-7K2M-93QX-H4TD-0VBN처럼 생겼어요. 글자를 다시 확인해 주세요.
code-used = 다른 사람이 이미 등록한 코드예요.
code-void = 더는 쓸 수 없는 코드예요. 코드를 주신 분께 물어봐 주세요.
code-over = 등록 기간이 지난 코드예요.
code-elsewhere = 다른 커뮤니티의 코드예요. 그곳에서 등록해 주세요.
code-enough = 한 사람이 등록할 수 있는 만큼 이미 등록하셨어요.
code-too-often = 한 시간 동안 코드를 너무 많이 입력하셨어요. { $renews } 다시 해 주세요.
codes-batch-taken = “{ $name }” 코드는 이미 있어요. 다른 이름을 써 주세요.
gift-given = { $name } 님에게 { $amount } 크레딧을 선물했어요. 지금 { $available } 크레딧이 남았어요.
gift-to-oneself = 이미 본인의 크레딧이에요. 다른 사람을 골라 주세요.
gift-too-much = 여기서 하루에 선물할 수 있는 양을 넘었어요. { $renews } 다시 선물할 수 있어요.
gift-too-little = 받은 크레딧만 선물할 수 있고, 기간마다 주어지는 크레딧은 선물할 수 없어요. 지금 { $available } 크레딧을 선물할 수 있어요.
gifts-off = 여기서는 크레딧을 선물할 수 없어요. 커뮤니티를 운영하는 사람이 켤 수 있어요: /easel-admin(슬랙은 /easel admin) 뒤에 settings gifts 100
credits-lapse = 그중 { $amount } 크레딧은 앞으로 { $until } 동안 쓸 수 있어요.
movement-redeem = +{ $amount } 코드{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-gift = +{ $amount } 선물 받음{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-gift-given = −{ $amount } 선물함{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-expire = −{ $amount } 기한이 지나 사라짐

## 역할과 채널의 규칙
admin-part = { $name }: { $value ->
    [none] 따로 정한 것이 없어서 모두와 같아요.
   *[other] { $value }
}
admin-parts-title = 역할과 채널의 규칙이에요. 역할이 여럿이면 가장 너그러운 규칙이, 채널은 가장 가까운 규칙이 적용돼요.
admin-parts-empty = 따로 규칙을 정한 역할이나 채널이 없어요. 이렇게 정해 보세요: role @booster allowance:1000, channel #art level:strict
verb-role = 한 역할이 할 수 있는 것
verb-roles = 역할과 채널의 규칙
verb-channel = 한 채널과 그 스레드, 또는 카테고리의 규칙
setting-part-unknown = “{ $part }” 항목은 없어요. 쓸 수 있는 항목: { $values }.
button-reword = 고쳐서 다시 시도
draft-gone = 적으신 글은 하루 동안만 보관돼서 이제 없어요. 다시 적어 주세요.

## 산 것, 묻지 않아도 알리는 것
movement-purchase = +{ $amount } 구매{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-chargeback = −{ $amount } 결제 취소로 거둬들임{ $what ->
    [none] {""}
   *[other] : { $what }
}
purchase-told = 고마워요! { $amount } 크레딧이 들어왔어요({ $what }). /easel credits에서 볼 수 있어요.
asked-in-vain = 요청을 받기 전에 { $bot } 프로그램이 멈췄어요. 차감된 크레딧은 없어요. 다시 요청해 주세요{ $asked ->
    [none] .
   *[other] : { $asked }
}
chargeback-told = “{ $what }” 결제가 환불되어 { $amount } 크레딧을 거둬들였어요.
gift-got = { $name } 님이 { $amount } 크레딧을 선물했어요{ $what ->
    [none] .
   *[other] : “{ $what }”.
} 가진 크레딧 보기: /easel credits
verb-buy = 크레딧 사기
verb-purchases = 돈을 내고 산 것과 환불된 것
buy-title = 크레딧 사기
buy-intro = 산 크레딧은 이 커뮤니티에서 본인만 쓸 수 있어요. 결제는 상점에서 하고, 여기서는 아무도 볼 수 없어요.
buy-row = { $title } · { $amount }크레딧{ $monthly ->
    [yes] {" "}매달
   *[no] {""}
}{ $days ->
    [none] {""}
   *[other] {", "}{ $days }일 안에 쓸 수 있어요
}
buy-by-link = 링크로 결제하기: /easel buy { $name }
buy-here = 앱 상점에서 살 수 있어요
buy-pay = { $title } 결제하기
buy-link = { $title } 결제 링크이고, 본인만 쓸 수 있어요. 결제가 확인되면 바로 크레딧이 들어오고 알려 드릴게요.
buy-off = 여기서는 파는 것이 없어요. 운영진에게 크레딧을 부탁하거나 기본 제공 크레딧을 써 주세요.
buy-unknown = “{ $value }” 상품은 없어요. 있는 상품: { $values }. /easel buy로 모두 볼 수 있어요.
buy-away = 지금은 상점에 연결할 수 없고, 결제된 것은 없어요. 몇 분 뒤에 다시 해 주세요.
buy-arrived = { $count ->
   *[other] 기다리던 구매 { $count }건이 이제 계정에 들어왔어요.
}
admin-purchases-empty = 여기서는 아직 산 것이 없어요.
admin-purchase = { $at } · { $name } · { $product } · +{ $amount }{ $reversed ->
    [0] {""}
   *[other] {" "}· 환불: { $reversed }, 그중 거둔 것: { $taken }
}{ $test ->
    [yes] {" "}· 시험
   *[no] {""}
}{ $placed ->
    [yes] {""}
   *[no] {" "}· 산 사람을 기다리는 중
}
admin-purchases-month = { $month }: 구매 { $purchases }건, { $amount }크레딧; 환불 { $reversed }크레딧
