# What only Slack needs, in English.
slack-no-picture = The picture is finished, but this workspace doesn't take it here. Original sends it to you, and it is in your history.
slack-restricted = I'm not allowed to post in this channel. A workspace admin can change that.
slack-private-note = I'm painting it in our direct messages, for you alone.
slack-sent = It is in our direct messages now.
slack-sure = The picture, its links and its place in the history will be gone. Credits don't come back.
slack-keep = Keep it
slack-form-late = That took a moment too long. Please open the form again.
slack-form-hint = What do you want to see?
slack-home-hint = Type /imagine and what you want to see, in any channel that I'm in. /easel help lists the flags.
slack-original-link = Original { $index }
slack-picture-later = The picture is finished. Slack is still taking it in; it will stand here soon. Original sends it to you now.
slack-waiting = Your picture is in line: Slack takes about one message a second here. It comes in about { $seconds } s, without your doing anything.
slack-no-direct = I can't write to you directly, so I can't paint privately for you. Try it without --private.
slack-rights-unknown = Slack doesn't tell me just now whether you are an admin here. Please try again in a minute.
slack-original-off = This workspace doesn't take files, so I can't send the original here: { $width } × { $height }, { $kind }, { $size } MB. It is kept, and an admin or the operator can switch files on.
slack-original-later = Slack doesn't take the original just now ({ $width } × { $height }, { $kind }, { $size } MB). It is kept: press the button again in a minute.
slack-already-there = It is there already: { $link }
