# 디스코드에서만 쓰는 말입니다. 명령어와 옵션의 이름은 소문자로, 띄어쓰기 없이 적습니다.
discord-show = 다시 볼 그림 고르기
discord-press-picture = 제가 그린 그림에서만 쓸 수 있어요.
discord-not-taken = 디스코드가 파일을 받지 않았어요. 잠시 뒤에 다시 눌러 주세요.
discord-smaller =
    그림 { $number }번은 { $size } MB인데 디스코드는 여기서 { $limit } MB까지만 받아서, 이건 줄인 사본이에요. { $way ->
        [linked] 링크를 누르면 원본이 나와요.
       *[alone] 부스트가 더 많은 서버는 더 큰 파일을 받아요. 운영자가 공개 주소를 정하면 원본 링크도 드릴 수 있어요.
    }

discord-name-imagine = 그림
discord-name-easel = 이젤
discord-name-easel-admin = 이젤-관리
discord-name-credits = 크레딧
discord-name-history = 기록
discord-name-models = 모델
discord-name-defaults = 기본값
discord-name-forget = 지우기
discord-name-help = 도움말
discord-name-settings = 설정
discord-name-grant = 주기
discord-name-take = 회수
discord-name-refund = 환불
discord-name-books = 장부
discord-name-allowance = 기본크레딧
discord-name-budget = 예산
discord-name-channels = 채널
discord-name-block = 차단
discord-name-unblock = 차단해제
discord-name-blocked = 차단목록
discord-name-held = 보류목록
discord-name-release = 공개
discord-name-discard = 폐기
discord-name-usage = 사용량
discord-name-audit = 감사기록

discord-name-prompt = 글
discord-name-model = 모델
discord-name-aspect = 비율
discord-name-images = 장수
discord-name-style = 스타일
discord-name-quality = 품질
discord-name-size = 크기
discord-name-negative = 제외
discord-name-private = 비공개
discord-name-clear = 초기화
discord-name-person = 사람
discord-name-amount = 수량
discord-name-memo = 메모
discord-name-job = 작업
discord-name-period = 주기
discord-name-name = 이름
discord-name-value = 값
discord-name-time = 기간
discord-name-why = 이유
discord-name-days = 일수

discord-about-imagine = 그림 만들기
discord-about-imagine-prompt = 보고 싶은 것. 뒤에 --ar 16:9 같은 옵션을 붙여도 돼요
discord-about-imagine-model = 다른 모델. 목록에 한 장 값이 보여요
discord-about-imagine-aspect = 화면 비율, 예: 16:9
discord-about-imagine-images = 한 번에 여러 장, 1~4
discord-about-imagine-style = 스타일
discord-about-imagine-quality = 모델에 여러 품질이 있을 때
discord-about-imagine-size = 모델에 여러 크기가 있을 때
discord-about-imagine-negative = 빼고 싶은 것, 예: 글자, 워터마크
discord-about-imagine-private = 나만 보기
discord-about-easel = 내 크레딧, 그림, 기본값
discord-about-credits = 남은 크레딧
discord-about-history = 최근 그림
discord-about-models = 모델과 한 장 값
discord-about-forget = 내 글과 그림을 영영 지우기
discord-about-help = 사용법
discord-about-defaults = 나의 기본 모델, 비율, 공개 여부
discord-about-defaults-model = 모델을 적지 않았을 때 쓸 모델
discord-about-defaults-aspect = 비율을 적지 않았을 때 쓸 비율
discord-about-defaults-style = 스타일을 적지 않았을 때 쓸 스타일
discord-about-defaults-quality = 품질을 적지 않았을 때 쓸 품질
discord-about-defaults-size = 크기를 적지 않았을 때 쓸 크기
discord-about-defaults-private = 내 그림을 나만 볼지
discord-about-defaults-clear = 모두 초기화
discord-about-easel-admin = 커뮤니티 운영
discord-about-option-person = 누구
discord-about-option-amount = 크레딧 수
discord-about-option-memo = 이유. 장부에 남아요
discord-about-option-job = 그림 아래에 적힌 글자
discord-about-option-period = 얼마나 자주 다시 채울지
discord-about-option-name = 어떤 설정
discord-about-option-value = 새 값. 비우면 기본값으로 돌아가요
discord-about-option-time = 기간, 예: 30m, 2h, 7d. 비우면 해제할 때까지
discord-about-option-why = 이유. 그 사람에게 보여요
discord-about-option-days = 며칠 전까지
discord-about-option-channels = 채널, 예: #그림 #작업실, 또는 all
discord-about-option-models = 쉼표로 나눈 모델, 또는 all

discord-choice-day = 하루
discord-choice-week = 한 주
discord-choice-month = 한 달
