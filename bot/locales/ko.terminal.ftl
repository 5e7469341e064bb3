# 터미널에서는 명령이 달라서, 같은 이름의 문장 대신 쓰는 문장.
terminal-prompt-empty = 무엇을 그릴지 적어 주세요. 예: easel imagine 눈 속의 붉은 여우
terminal-flag-unknown = { $flag } 옵션은 몰라요. { $nearest ->
    [none] --model, --ar, --n, --no, --style, --quality, --size 같은 옵션이 있어요. 모델마다 받는 것은 easel models에서 볼 수 있어요.
   *[other] 혹시 { $nearest }인가요?
}
terminal-model-unknown = “{ $typed }” 모델은 몰라요. { $nearest ->
    [none] easel models에서 모두 볼 수 있어요.
   *[other] 혹시 { $nearest }인가요?
}
terminal-model-not-allowed = 이 커뮤니티에서는 { $model } 모델을 쓸 수 없어요. { $nearest ->
    [none] 쓸 수 있는 모델은 easel community set models로 바꿔요.
   *[other] { $nearest } 모델을 써 보거나, easel community set models로 바꿔 주세요.
}
terminal-inputs-not-taken = { $model } 모델은 그림을 받지 않아요. { $takers ->
    [none] 모델마다 무엇을 받는지는 easel models에서 볼 수 있어요.
   *[other] 그림을 받는 모델: { $takers }.
}
terminal-ref-unknown = “{ $name }” 그림은 몰라요. 그림 번호(easel jobs list에 있어요), --image로 준 파일(image2), this one, 즐겨찾기 이름을 쓸 수 있어요{ $values ->
    [none] {""}
   *[other] : { $values }
}.
terminal-foreign-version = { JOSA($flag, "은/는") } 미드저니의 버전을 골라요. 여기서는 --model로 그릴 모델을 골라요. easel models에서 볼 수 있어요.
terminal-foreign-cheap = { JOSA($flag, "은/는") } 미드저니에서 싸게 그려요. 여기서는 더 싼 모델을 고르세요. easel models에 값이 있어요.
terminal-foreign-fine = { JOSA($flag, "은/는") } 더 고운 그림을 요청해요. 여기서는 모델에 있으면 --size나 --quality로 해요. 값은 easel models에 있어요.
terminal-foreign-help = 제가 알아듣는 것은 easel imagine --help에 있어요.
terminal-setting-json = { $name } 설정에는 “{ $value }” 값을 쓸 수 없어요. easel community role이나 channel로 항목마다 정하는 것이 쉬워요. 아니면 JSON으로 적어 주세요.
terminal-setting-part = { $name } 설정에는 “{ $part }” 항목이 없어요. easel community role 아이디 allowance:1000처럼 적어 보세요.
# 거절 뒤에: 이렇게 하면 보낼 수 있는 주문.
terminal-again = 그것을 빼면: { $again }
