# /admin 운영자 페이지가 하는 말입니다.
office-place = 운영자용
office-places = 메뉴
office-skip = 본문으로 건너뛰기
office-title-now = 지금
office-title-pace = 그림
office-title-money = 비용
office-title-trouble = 실패
office-title-find = 검색 결과
office-title-job = 그림 한 장의 기록
office-title-person = 크레딧 장부
office-title-notice = 처리하지 못했어요
office-find = 검색
office-find-hint = 그림 ID, 메시지 링크, 사람
office-find-go = 찾기
office-find-nothing = “{ $typed }” 검색 결과가 없어요.
office-find-about = 그림은 ID나 메시지 링크로, 사람은 플랫폼 ID나 최근에 쓴 이름의 일부로 찾을 수 있어요.
office-leave = 로그아웃
office-busy = 지금은 시간이 너무 오래 걸려요. 잠시 뒤 다시 시도하거나 기간을 줄여 주세요.
office-broke = 문제가 생겼어요. 자세한 내용은 로그에 있어요.
office-bad-input = 쓸 수 없는 값이 있어요. 금액은 1부터 1,000,000,000까지의 정수, 기간은 0일부터 3,660일까지, 메모는 200자까지예요.
office-no-person = 사람은 플랫폼, 커뮤니티, ID로 찾을 수 있어요.
office-nowhere = 없는 페이지예요.
office-span = 기간
office-hours = { $n ->
    [24] 24시간
    [72] 3일
    [168] 7일
   *[other] { $n }시간
}
office-days = { $n ->
    [1] 1일
   *[other] { $n }일
}
office-seconds = { $n }초
office-unit = 초
office-as-table = 표로 보기
office-not-whole = 한 번에 읽을 수 있는 것보다 많아서, 가장 최근 것만 보여요.
office-others = 그 밖의 모두

# Now
office-pause = 멈추기
office-go-on = 계속
office-offline = Easel이 응답하지 않아요. 마지막 상태를 보여요.
office-as-of = { $at } 기준이며 몇 초마다 새로 고쳐요.
office-painting = 그리는 중
office-waiting = 대기 중
office-oldest = 가장 오래 기다린 시간
office-telling = 끝났지만 아직 알리지 못함
office-lag-hour = 지난 1시간 최대 지연
office-services = 이미지 서비스
office-surfaces = 이 프로세스의 채팅 연결
office-hears = 정상
office-oldest-jobs = 진행 중 (오래된 순)
office-nothing-under-way = 진행 중인 작업이 없어요.
office-which = 자세히
office-fares-well = 사용 가능
office-fares-doubtful = 불안정: 다른 곳을 먼저 사용
office-fares-out = 차단기로 제외됨
office-fares-ended = 종료됨
office-fares-closed = 우리 키로 사용 불가

# Pictures
office-pictures-per-hour = 시간대별로 끝난 작업
office-finished = 완성
office-bad = 그림 없음
office-how-long = 그림 한 장에 걸린 시간
office-how-long-about = 주문부터 완성까지의 시간이에요. 절반은 아래 선 안에, 100장 중 95장은 위 선 안에 완성됐어요.
office-half = 절반
office-most = 100장 중 95장
office-lag = 이 프로세스의 지연
office-lag-about = 이벤트 루프가 1분마다 가장 늦게 깨어난 정도예요. 루프를 막는 것이 있으면 이 프로세스를 쓰는 모두가 기다려요.
office-lag-worst = 최대 지연

# Money
office-money-about = 그림이 끝난 날을 기준으로 해요. 1 크레딧 = ${ $worth } ([quotas] usd_a_credit). 기본 제공량도 크레딧이므로, 마진은 판매액이 아니라 사용액을 뜻해요.
office-by-day = 날짜와 모델별 크레딧
office-by-model = 모델별
office-by-community = 커뮤니티별

# Failures
office-causes = 그림이 나오지 않은 이유
office-no-causes = 모든 그림이 완성됐어요.
office-verdicts = 주문 전에 검열에서 거절된 것
office-no-verdicts = 거절된 것이 없어요.
office-refused = 이 프로세스가 거절한 모든 이유
office-refused-about = 시작한 뒤부터의 수예요. 다른 프로세스는 따로 세요.
office-no-refusals = 거절한 것이 없어요.
office-newest-bad = 최근에 그림이 나오지 않은 주문
office-look-at = 예시 보기

# Tables
office-jobs = 그림
office-col-when = 주문 시각
office-col-state = 상태
office-col-why = 이유
office-col-who = 사람
office-col-model = 모델
office-col-took = 걸린 시간
office-col-credits = 크레딧
office-col-prompt = 프롬프트
office-col-service = 서비스
office-col-models = 모델
office-col-left = 남은 잔액
office-col-hour = 시간
office-col-minute = 분
office-col-jobs = 주문
office-col-pictures = 그림
office-col-worth = 가치
office-col-cost = 비용
office-col-margin = 마진
office-col-day = 날짜
office-col-community = 커뮤니티
office-col-times = 횟수
office-col-share = 가장 잦은 것과의 비율
office-col-last = 마지막
office-col-one = 예시
office-col-category = 분류
office-col-layer = 검사
office-col-rule = 규칙
office-col-time = 시각
office-col-after = 경과
office-col-what = 구분
office-col-happened = 내용
office-col-account = 계정
office-col-by = 처리자
office-col-memo = 메모

# A picture's story
office-a-picture = 그림 한 장
office-state-accepted = 접수됨
office-state-cleared = 대기 중
office-state-submitting = 요청 중
office-state-rendering = 그리는 중
office-state-finished = 완성
office-state-refused = 거절됨
office-state-failed = 실패
office-state-withheld = 보류됨
office-state-cancelled = 취소됨
office-service-said = 서비스나 검사가 한 말:
office-private = (비공개: 주인만 볼 수 있어요)
office-price = 가격
office-price-line = { $credits } 크레딧, { $images ->
    [1] 1장
   *[other] { $images }장
}
office-by-list = 가격표 기준 { $usd }
office-doubtful = 그래도 서비스가 요금을 청구했을 수 있어요
office-operation = 서비스의 작업 번호
office-parent = 원래 그림
office-id = ID
office-message = 메시지 보기
office-story = 전체 기록
office-story-gone = 중간 단계는 프롬프트와 함께 지워졌거나, 이전 버전에서 그린 그림이에요
office-step-accepted = 접수: { $model }, { $images ->
    [1] 1장
   *[other] { $images }장
}
office-step-cleared = { $provider } 대기열에서 기다림: { $model }
office-step-submitting = { $provider }에 요청: { $model }, { $attempt }번째 시도
office-step-rendering = { $provider }에서 접수함
office-step-finished = 완성
office-look = 확인: { $said }
office-said-pending = 아직 준비되지 않음
office-said-finished = 준비됨
office-said-failed = 그림 없이 끝남
office-said-busy = 서비스가 바쁨
office-said-broken = 응답 실패
office-said-key = 키를 거절함
office-said-balance = 서비스 계정 잔액 없음
office-said-order = 질문을 받지 않음
office-said-model-closed = 사용할 수 없는 모델
office-edit-shown = 메시지에 버전 { $version } 표시
office-edit-later = 메시지를 표시하지 못해 다시 시도함
office-edit-refused = 플랫폼이 표시를 거절함
office-edit-lost = 아무도 볼 수 없어 크레딧을 돌려줌
office-edit-given-up = 더는 알릴 수 없음
office-event = 운영진에게 알림: { $kind }
office-event-report = 신고
office-event-withheld = 그림이 보류됨
office-event-paused = 이용이 잠시 멈춤
office-event-appeal = 이의 제기
office-settled = 처리됨
office-unsettled = 아직 처리되지 않음
office-by = 처리: { $name }
office-act-verdict = 검사 결과
office-act-undelivered = 아무에게도 보여 주지 못함
office-act-refund = 환불
office-act-report = 신고됨
office-act-hide = 운영진이 숨김
office-act-release = 운영진이 공개함
office-act-discard = 운영진이 버림
office-act-end = 운영자가 종료함
office-kind-move = 작업
office-kind-service = 서비스
office-kind-books = 장부
office-kind-message = 메시지
office-kind-check = 감사
office-kind-event = 운영진
office-went-held = 끝날 때까지 { $held } 크레딧을 잡아 두고 있어요.
office-went-free = 크레딧이 들지 않았어요.
office-went-back = 한 푼도 쓰지 않았어요. 잡아 둔 { $held } 크레딧이 모두 돌아왔어요.
office-went-taken = { $taken } 크레딧을 썼어요.
office-went-partly = { $held } 크레딧 중 { $taken } 크레딧을 쓰고 나머지는 돌아왔어요.
office-went-refunded = 그중 { $back } 크레딧은 나중에 환불됐어요.
office-do-failed-key = 이 서비스의 api_key를 바르게 설정해 주세요. `easel check`로 확인할 수 있어요.
office-do-failed-balance = 이 서비스의 계정을 충전해 주세요.
office-do-failed-model-closed = 서비스에 이 모델을 신청하거나 설정에서 빼 주세요.
office-do-failed-uncertain = 서비스가 같은 요청을 한 번만 처리하거나, 실패보다 중복 지불이 낫다면 [worker] uncertain = "retry"로 설정해 주세요.
office-do-failed-deadline = 원래 느린 모델이라면 [worker] deadline_s로 더 오래 기다리게 할 수 있어요.
office-do-failed-unseen = 주문한 곳에 글을 쓸 권한을 Easel에 주세요. 어떤 권한인지는 플랫폼 문서에 있어요.

# Books
office-books = 장부 기록
office-book-grant = { $amount } 지급
office-book-hold = { $amount } 잡아 둠
office-book-capture = { $amount } 사용
office-book-release = { $amount } 돌아옴
office-book-refund = { $amount } 환불
office-book-revoke = { $amount } 회수
office-book-redeem = 코드로 { $amount }
office-book-gift = 선물 { $amount }
office-book-expire = { $amount } 기한 만료
office-movement-grant = 지급
office-movement-hold = 잡아 둠
office-movement-capture = 사용
office-movement-release = 돌아옴
office-movement-refund = 환불
office-movement-revoke = 회수
office-movement-redeem = 코드
office-movement-gift = 선물
office-movement-expire = 기한 만료
office-book-purchase = 구매 { $amount }
office-book-chargeback = 결제 취소로 { $amount } 회수
office-movement-purchase = 구매
office-movement-chargeback = 결제 취소로 회수
office-no-movements = 아직 기록이 없어요.
office-no-jobs = 아직 그림이 없어요.
office-available = 쓸 수 있는 크레딧
office-of-allowance = 기본 제공량에서
office-of-granted = 받은 크레딧에서
office-held = 잡아 둔 크레딧
office-allowance-about = 역할은 주문할 때만 알 수 있어요. 역할로 늘어난 제공량은 그때부터 여기에 보여요.
office-give-take = 지급과 회수
office-amount = 크레딧
office-for-days = 쓸 수 있는 날수 (비우면 무기한)
office-memo = 메모 (받는 사람에게 보여요)
office-do-grant = 지급하기
office-do-take = 회수하기
office-refund = { $amount } 크레딧 환불하기
office-done-granted = 지급했어요. 장부의 가장 최근 기록에서 확인할 수 있어요.
office-done-taken = 회수했어요. 얼마인지는 장부의 가장 최근 기록에 있어요.
office-done-refunded = 환불했어요. 장부의 마지막 기록에서 확인할 수 있어요.
office-done-nothing = 바뀐 것이 없어요. 남은 것이 없거나 이미 처리됐어요.
