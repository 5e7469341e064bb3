# What only Discord needs, in English. Names of commands and options are a contract: here they repeat the code.
discord-show = Show one of them again
discord-press-picture = That works only on pictures that I made.
discord-not-taken = Discord did not take the file. Please try again in a moment.
discord-smaller =
    Picture { $number } is { $size } MB, and Discord takes { $limit } MB here: this is a smaller copy. { $way ->
        [linked] The link leads to the untouched file.
       *[alone] A server with more boosts takes larger files; or whoever runs Easel can set a public address for links.
    }

discord-name-imagine = imagine
discord-name-easel = easel
discord-name-easel-admin = easel-admin
discord-name-credits = credits
discord-name-history = history
discord-name-models = models
discord-name-defaults = defaults
discord-name-forget = forget
discord-name-help = help
discord-name-settings = settings
discord-name-grant = grant
discord-name-take = take
discord-name-refund = refund
discord-name-books = books
discord-name-allowance = allowance
discord-name-budget = budget
discord-name-channels = channels
discord-name-block = block
discord-name-unblock = unblock
discord-name-blocked = blocked
discord-name-held = held
discord-name-release = release
discord-name-discard = discard
discord-name-usage = usage
discord-name-audit = audit

discord-name-prompt = prompt
discord-name-model = model
discord-name-aspect = aspect
discord-name-images = images
discord-name-style = style
discord-name-quality = quality
discord-name-size = size
discord-name-negative = negative
discord-name-private = private
discord-name-clear = clear
discord-name-person = person
discord-name-amount = amount
discord-name-memo = memo
discord-name-job = job
discord-name-period = period
discord-name-name = name
discord-name-value = value
discord-name-time = time
discord-name-why = why
discord-name-days = days

discord-about-imagine = Make a picture
discord-about-imagine-prompt = What you want to see; flags such as --ar 16:9 may stand behind it
discord-about-imagine-model = Another model; the list shows what an image costs
discord-about-imagine-aspect = The shape, such as 16:9
discord-about-imagine-images = Several images at once, 1 to 4
discord-about-imagine-style = A look
discord-about-imagine-quality = Where the model has several
discord-about-imagine-size = Where the model has several
discord-about-imagine-negative = What to avoid, such as text, watermark
discord-about-imagine-private = Only you see it
discord-about-easel = Your credits, pictures and defaults
discord-about-credits = What you have left
discord-about-history = Your last pictures
discord-about-models = The models and what an image costs
discord-about-forget = Erase your prompts and pictures for good
discord-about-help = How it works
discord-about-defaults = Your own default model, shape and privacy
discord-about-defaults-model = The model when you name none
discord-about-defaults-aspect = The shape when you name none
discord-about-defaults-style = The look when you name none
discord-about-defaults-quality = The quality when you name none
discord-about-defaults-size = The size when you name none
discord-about-defaults-private = Whether only you see your pictures
discord-about-defaults-clear = Forget all of them
discord-about-easel-admin = Run this community
discord-about-option-person = Who
discord-about-option-amount = How many credits
discord-about-option-memo = Why; it stands in the books
discord-about-option-job = The letters under the picture
discord-about-option-period = How often it is renewed
discord-about-option-name = Which setting
discord-about-option-value = The new value; leave it out to go back to the default
discord-about-option-time = How long, such as 30m, 2h, 7d; until unblocked when left out
discord-about-option-why = Why; the person is told
discord-about-option-days = How many days back
discord-about-option-channels = Channels, such as #art #pictures, or: all
discord-about-option-models = Models with commas between, or: all

discord-choice-day = a day
discord-choice-week = a week
discord-choice-month = a month
