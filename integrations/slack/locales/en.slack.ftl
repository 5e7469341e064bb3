# What only Slack needs, in English.
slack-no-picture = The picture is finished, but this workspace doesn't take it here. Original sends it to you, and it is in your history.
slack-restricted = I'm not allowed to post in this channel. A workspace admin can change that.
slack-private-note = I'm painting it in our direct messages, for you alone.
slack-sent = It is in our direct messages now.
slack-sure = The picture, its links and its place in the history will be gone. Credits don't come back.
slack-keep = Keep it
slack-form-late = That took a moment too long. Please open the form again.
slack-form-hint = What do you want to see?
slack-press-picture = That works on a finished picture of mine.
slack-home-hint = Type /imagine and what you want to see, in any channel that I'm in. /easel help lists the flags.
slack-original-link = Original { $index }
slack-picture-later = The picture is finished. Slack is still taking it in; it will stand here soon. Original sends it to you now.
slack-waiting = Your picture is in line: Slack takes about one message a second here. It comes in about { $seconds } s, without your doing anything.
slack-no-direct = I can't write to you directly, so I can't paint privately for you. Try it without --private.
