# What only Slack needs, in Korean.
slack-no-picture = 그림은 완성됐지만 이 워크스페이스에는 여기에 올릴 수 없어요. 원본 버튼을 누르면 보내 드리고, 기록에도 남아 있어요.
slack-restricted = 이 채널에는 글을 올릴 수 없어요. 워크스페이스 관리자가 바꿀 수 있어요.
slack-private-note = 다이렉트 메시지에서 혼자만 볼 수 있게 그리고 있어요.
slack-sent = 다이렉트 메시지에 올려 두었어요.
slack-sure = 그림과 링크, 기록이 모두 사라져요. 크레딧은 돌아오지 않아요.
slack-keep = 그대로 두기
slack-form-late = 시간이 조금 지났어요. 양식을 다시 열어 주세요.
slack-form-hint = 무엇을 보고 싶나요?
slack-home-hint = 제가 있는 채널에서 /imagine 뒤에 보고 싶은 것을 써 보세요. /easel help에 모든 옵션이 있어요.
slack-original-link = 원본 { $index }
slack-picture-later = 그림은 완성됐어요. Slack이 아직 받는 중이라 곧 여기에 보일 거예요. 원본 버튼을 누르면 지금 보내 드려요.
slack-waiting = 차례를 기다리고 있어요. Slack은 한 채널에 1초에 한 개 정도만 받아요. 약 { $seconds }초 뒤에 나오니 그대로 두면 돼요.
slack-no-direct = 다이렉트 메시지를 보낼 수 없어서 비공개로 그릴 수 없어요. --private 없이 다시 해 보세요.
slack-rights-unknown = 지금은 관리자인지 Slack이 알려 주지 않아요. 잠시 뒤에 다시 해 보세요.
slack-original-off = 이 워크스페이스는 파일을 받지 않아 원본을 보낼 수 없어요: { $width } × { $height }, { $kind }, { $size } MB. 원본은 보관되어 있고, 관리자나 운영자가 파일을 켤 수 있어요.
slack-original-later = 지금은 Slack이 원본을 받지 않아요({ $width } × { $height }, { $kind }, { $size } MB). 원본은 보관되어 있으니 잠시 뒤에 버튼을 다시 눌러 주세요.
slack-already-there = 이미 있어요: { $link }
