# Everything Easel says, in English. Short, warm, exact; every refusal says what to do next.
# Facts that weren't given arrive as "none". { $bot } is the bot's name.

## Spans of time
span-seconds = { $n } s
span-minutes = { $n } min
span-hours = { $n } h
span-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
in-span = in { $span }

## Refusals: the text can't be read
refused = That isn't possible here. Please ask for something else.
prompt-empty = Say what to draw, for example: /imagine a red fox in the snow
prompt-too-long = That is { $length } characters; I can read { $limit }. Please shorten it.
flag-unknown = I don't know { $flag }. { $nearest ->
    [none] /easel help lists the flags.
   *[other] Did you mean { $nearest }?
}
flag-needs-value = { $flag } needs a value behind it, or leave it out.
flag-value = { $flag } can't be “{ $value }”. It takes { $values }.{ $nearest ->
    [none] {""}
   *[other] {" "}The nearest is { $nearest }.
}
aspect-or-size = { $model } takes either --ar or --size, not both. Leave one out.
parameter-not-taken = { $model } doesn't take { $flag }. It takes { $taken }.
images-range = { $most ->
    [one] { $model } draws one image at once, not { $images }. Leave --n out.
   *[other] { $model } draws { $least } to { $most } images at once, not { $images }. Choose a number between.
}
style-none = No styles are set up here. Leave --style out and describe the look in words.

## Refusals: models
model-unknown = I know no model “{ $typed }”. { $nearest ->
    [none] /easel models lists them all.
   *[other] Did you mean { $nearest }?
}
model-closed = { $model } isn't open to this bot at present. { $nearest ->
    [none] Please try again later, or ask the administrator to enable it.
   *[other] Try { $nearest }, or ask the administrator to enable it.
}
model-not-allowed = { $model } isn't allowed in this community. { $nearest ->
    [none] /easel models shows what is.
   *[other] Try { $nearest } instead.
}
inputs-not-taken = { $model } takes no pictures. { $takers ->
    [none] /easel models shows what each takes.
   *[other] These do: { $takers }.
}
inputs-too-many = { $model } takes { $most ->
    [one] one picture
   *[other] { $most } pictures
} at most, and { $given } were given.{ $takers ->
    [none] {" "}Give fewer.
   *[other] {" "}These take as many: { $takers }.
}
inputs-needed = { $model } changes pictures and draws none by itself. Give it { $least ->
    [one] a picture
   *[other] { $least } pictures
}.
mask-needed = { $model } paints only where a mask shows it, and none was given. Another model changes pictures by words alone.{ $takers ->
    [none] {""}
   *[other] {" "}These do: { $takers }.
}
inputs-nowhere = { $given ->
    [none] No model that is open here takes pictures.
    [one] No model that is open here takes a picture.
   *[other] No model that is open here takes { $given } pictures.
}{ $most ->
    [none] {""}
    [0] {""}
    [one] {" "}One is the most.
   *[other] {" "}{ $most } is the most.
}
upscale-nowhere = No model that is open here makes pictures larger. Edit may do: ask for more detail.
input-not-there = One of the pictures that this would begin with isn't there any more, or isn't yours to use. Choose another, or describe it in words.
inputs-own-only = Here pictures can begin with { $bot }'s own pictures only. Use Edit on one of them, or reply to it; whoever runs { $bot } can open it for other pictures. Nothing was charged.
uploads-full = Too many pictures are waiting to be used just now. Please try again later.
given-picture = { $given ->
    [none] The picture that you gave
    [0] The picture that you gave
    [one] The picture that you gave
   *[other] Picture { $picture } of those that you gave
}
input-gone = { given-picture } can't be fetched any more. Give it again, or another one.
input-not-a-picture = { given-picture } is no PNG, JPEG or WebP, or it isn't whole. Save it as one of these and give it again.
input-animated = { given-picture } is animated. Give a still picture.
input-too-large = { given-picture } is too large: up to 20 MB and 40 megapixels are taken. Make it smaller and give it again.
input-no-right = { given-picture } can't be read: { $bot } isn't allowed to see files there. Whoever runs { $bot } can give it that right.
address-not-taken = I don't fetch pictures from addresses: { $address }. Attach the picture, reply to it, or use one of ours. If the name of a site shall be written on the picture, put it in quotation marks. Nothing was drawn.
mask-alone = A mask shows which part of a picture shall change, and no picture came with it. Add the picture. Nothing was drawn.
masks-too-many = { $given } masks came along, and only the first picture can have one. Take the others away. Nothing was drawn.
ref-nothing-here = { $name } is no picture that came with your words: { $given ->
    [none] there is none
    [0] there is none
    [one] there is one
   *[other] there are { $given }
}. Attach one, or reply to a picture.
ref-unknown = I know no picture “{ $name }”. It can be a picture's number (✉️ on the picture tells it), an attachment (image2), this one, or the name of a favourite{ $values ->
    [none] {""}
   *[other] : { $values }
}.
edit-empty = Say what shall change in the picture, for example: make it night
no-picture-there = There is no picture in that message that I can see.
favourites-full = You keep { $limit } pictures, which is the most. Take one away first: /easel favourites remove NAME
no-models-open = No image model is open at present. Please tell whoever runs this bot.

## Refusals: moderation
category-says = { $category ->
    [sexual] sexual content isn't allowed here. Leave out nudity and what is erotic, or say what people wear.
    [minors] sexual content with minors isn't allowed anywhere. { category-else }
    [violence] graphic violence isn't allowed here. Leave out blood, wounds and killing.
    [hate] hate isn't allowed here. Leave out the insult or the symbol.
    [self_harm] self-harm isn't drawn here. If you are struggling, please talk to someone you trust.
    [illegal] illegal things aren't drawn here. { category-else }
    [real_person] pictures of real people aren't allowed here. Describe a person instead of naming one.
    [own] there is a word in it that this community doesn't want. Please put it in other words.
   *[other] this subject isn't allowed here. { category-else }
}
category-else = Please ask for something else.
prompt-refused = { $category ->
    [unavailable] A safety check can't be reached just now, so nothing was drawn. Please try again in a minute.
   *[other] I can't draw that: { category-says }
}
paused-strikes = Several of your prompts were refused, so you are paused{ $until ->
    [none] {""}
   *[other] {" "}for another { $until }
}. Please come back with something else then.
blocked = You can't make pictures here{ $until ->
    [none] {""}
   *[other] {" "}for another { $until }
}.{ $why ->
    [none] {""}
   *[other] {" "}Reason: { $why }.
} The moderators can help.

## Refusals: credits and limits
credits-missing = This costs { $price ->
    [one] 1 credit
   *[other] { $price } credits
} and you have { $available }: { $missing ->
    [one] 1 is missing
   *[other] { $missing } are missing
}.{ $renews ->
    [none] {""}
   *[other] {" "}Your credits renew { $renews }.
}{ $cheaper ->
    [none] {" "}The moderators can grant more.
   *[other] {" "}{ $cheaper } would still fit.
}
too-fast = One moment: you can order again in { $seconds } s.
too-many = Too many pictures are under way. Please wait until one is finished.
too-many-mine = You have { $limit ->
    [one] a picture
   *[other] { $limit } pictures
} under way, which is the limit. Wait until one is finished, or cancel one.
too-many-community = This community has { $limit } pictures under way, which is the limit. Please try again in a minute.
budget-spent = This community's budget is spent.{ $renews ->
    [none] {" "}The moderators can raise it.
   *[other] {" "}It renews { $renews }.
}
money-stop = This bot has reached its spending limit for this month. Please tell whoever runs it.{ $renews ->
    [none] {""}
   *[other] {" "}It renews { $renews }.
}
unnamed-spent = This community has used what it can try for free in a day. It goes on { $renews }; whoever runs this bot can name the community to lift that.
unnamed-spent-together = All that can be tried for free today is used. It goes on { $renews }; whoever runs this bot can name this community to lift that.
price-too-high = A picture of this model costs { $price } credits; here it may cost { $limit } at most. Choose a cheaper model.
size-not-allowed = Size { $size } isn't allowed here. { $values ->
    [none] Leave --size out.
   *[other] Choose one of: { $values }.
}
style-not-allowed = Style { $style } isn't allowed here. { $values ->
    [none] Leave --style out.
   *[other] Choose one of: { $values }.
}
images-not-allowed = Here one order may make { $limit ->
    [one] one picture
   *[other] { $limit } pictures
}. Please ask for fewer.
waiting-newcomer = Welcome! New members wait a while before they make pictures{ $until ->
    [none] {""}
   *[other] ; you can in { $until }
}.
channel-closed = I don't draw in this channel. { $channels ->
    [none] Please try another one.
   *[other] Try { $channels }.
}

## Refusals: rights and things that are gone
not-allowed = You aren't allowed to do that here. The moderators can help.
not-yours = Only the person who asked for it, or a moderator, can do that.
not-moderator = Only this community's moderators can do that.
press-picture = That works only on pictures that I made.
not-there = That picture isn't there any more.
not-finished = That picture isn't finished yet. One moment.
words-gone = The words of this picture were erased after a while, as is promised here: I can't draw it again from them. Type it anew, and it is as good as ever.
not-stranded = Job { $job } can be read, and is carried like any other. To stop it: easel jobs cancel { $job }
already-over = That picture is already over; there is nothing to stop.
user-unknown = I don't know that person here yet.
setting-unknown = I know no setting “{ $name }”. { $nearest ->
    [none] The settings are: { $values }.
   *[other] Did you mean { $nearest }?
}
setting-value = { $name } can't be “{ $value }”.
setting-long = { $name } can't be so long: it takes { $limit } letters at most, for each of them.
setting-many = { $name } can't have so many: { $limit } at most.
setting-unreadable = { $name } can't have “{ $value }”: nothing is in it, or what nobody can see. Write it anew.
setting-words = { $name } can't be “{ $value }”. Write words, with commas between several.
amount-bad = The amount must be a whole number above 0{ $limit ->
    [none] {""}
   *[other] {" "}and at most { $limit }
}.
shutting-down = I'm restarting. Please try again in half a minute.
busy = I'm very busy. Please try again in a moment.
trouble = Something went wrong on my side, and nothing was charged. Please try again.

## Cards: headlines
headline-waiting = { $place ->
    [none] Waiting for a free brush …
    [0] Waiting for a free brush …
   *[other] Waiting: number { $place } in line
}
headline-painting = { $usual ->
    [none] Painting …
   *[other] Painting … usually { $usual }
}
headline-unanswered = The image service doesn't answer or is busy. Yours is the first in line.
headline-steps = Painting … step { $step } of { $steps }
headline-queued = Painting … number { $place } in the service's line
headline-finished = { $seconds ->
    [none] Done
   *[other] Done in { $seconds } s
}
headline-failed = It didn't work out
headline-refused = Not drawn
headline-withheld = Not shown
headline-cancelled = Cancelled
headline-deleted = Deleted

## Cards: how it ended
credits-back = Your credits are back.
failed = Something went wrong. { credits-back } Please try again.
failed-provider = The image service failed. { credits-back } Please try again.
failed-deadline = It took too long, so I stopped waiting. { credits-back } Try again, or choose another model.
failed-uncertain = I lost touch with the image service and didn't ask twice. { credits-back } Please try again.
failed-images = The picture that came back couldn't be used. { credits-back } Please try again.
failed-model-closed = This model isn't open to this bot any more. { credits-back } Choose another; the administrator can enable it.
failed-balance = The image service's account is empty. { credits-back } Whoever runs this bot has been told; try another model or later.
failed-key = { $bot } isn't set up right with this image service. { credits-back } Whoever runs it has been told; try another model.
failed-order = The image service didn't take this order. { credits-back } Change the prompt or the flags, or choose another model.
failed-unseen = I couldn't show it to you there, so I stopped before it was drawn. { credits-back } Try another channel, or ask whoever runs the place to let me in.
undelivered = “{ $prompt }” is finished, but I couldn't show it to you there. { credits-back } It waits in your history, and I go on trying.
unshown = “{ $prompt }”: { $sentence }
told-finished = “{ $prompt }” is finished.
refused-sexual = Sexual content isn't allowed here. { credits-back } Leave out nudity and what is erotic, or say what people wear.
refused-minors = I don't draw that. { credits-back } { category-else }
refused-violence = Graphic violence isn't allowed here. { credits-back } Leave out blood, wounds and killing.
refused-hate = Hate isn't allowed here. { credits-back } Leave out the insult or the symbol.
refused-self_harm = I don't draw self-harm. { credits-back } If you are struggling, please talk to someone you trust.
refused-illegal = I can't help with illegal things. { credits-back } { category-else }
refused-real_person = Pictures of real people aren't allowed here. { credits-back } Describe a person instead of naming one.
refused-own = This community doesn't want that subject. { credits-back } Please put it in other words.
refused-unavailable = A safety check couldn't be reached, so nothing was drawn. { credits-back } Please try again in a minute.
refused-input = { $category ->
    [unavailable] A safety check couldn't be reached, so the picture that you gave wasn't used. { credits-back } Please try again in a minute.
   *[other] { given-picture } can't be used like this: { category-says } { credits-back }
}
refused-provider = The image service declined this prompt. { credits-back } Change the words and try again.
withheld = The picture didn't pass the safety check, so it isn't shown. { credits-back } Change the words and try again.
withheld-quarantine = The picture is held for the moderators to look at. { credits-back } Change the words and try again.
cancelled = { credits-back } Try again whenever you like.
deleted = This picture was deleted.
partial = { $made } of { $asked } pictures came out; you paid only for { $made ->
    [one] that one
   *[other] those
}.
spoiler-note = Hidden until you click: it may not be for everyone.

## Cards: labels and buttons
label-model = Model
good-for-photo = photoreal
good-for-text = text in the picture
good-for-quick = quick and cheap
good-for-edit = editing
good-for-art = art styles
good-for-own = your own workflow
label-shape = Shape
label-size = Size
label-style = Style
label-quality = Quality
label-meant = Instead of
label-ref = From a picture
label-sref = Style of a picture
label-oref = Somebody or something of a picture
label-source-picture = Made from
label-source-style = Style from
label-source-subject = With who or what is on
label-source-mask = Changed where
source-ours = { $pictures ->
    [one] a picture of { $bot }'s
   *[other] { $pictures } pictures of { $bot }'s
}
source-given = { $pictures ->
    [one] a picture that was given
   *[other] { $pictures } pictures that were given
}
label-credits = Credits
label-seconds = Time
label-images = Images
label-negative = Without
label-private = Private
label-background = Background
label-seed = Seed
label-spoiler = Spoiler
label-tell = When it is done
tell-value = I tell you privately
tell-done = I tell you privately when it is done.
label-prompt = Prompt
label-edit = What shall change
label-which = Which picture
label-pictures = Pictures to begin with
picture-number = Picture { $index }
seconds-value = { $seconds } s
credits-value = { $credits ->
    [one] 1 credit
   *[other] { $credits } credits
}
credits-range = { $least } to { $most } credits
credits-held = { $credits } held
alt-text = Picture: { $prompt }
button-cancel = Cancel
button-reroll = Re-roll
button-reroll-for = Re-roll ({ $credits })
button-remix = Remix
button-pick = { $index }
button-original = Original
button-delete = Delete
button-tell = Tell me when it is done
button-report = Report
button-retry = Try again
button-show = Show it to me
button-edit = Edit
button-vary = Vary
button-vary-of = Vary { $index }
button-upscale = Upscale
button-favourite = Keep as a favourite
button-send = Send it to me
button-create = Create a picture
cancel-done = Cancelled; your credits are back.
delete-done = Deleted.
report-done = Thank you. The moderators have it in their room now.
reroll-title = Re-roll
remix-title = Remix
edit-title = Edit
create-title = Create a picture
invite-me = I'm not in this channel. Type /invite @{ $bot } and try again.

## One's own things
credits-left = You have { $available ->
    [one] 1 credit
   *[other] { $available } credits
}.
credits-held-line = { $held } more are held for pictures under way.
credits-renew = Your allowance of { $allowance } renews { $renews }.
credits-granted = { $granted } of them were granted and don't lapse.
credits-movements = Lately:
movement-capture = −{ $amount } { $what }
movement-hold = ({ $amount } held) { $what }
movement-release = +{ $amount } given back: { $what }
movement-refund = +{ $amount } refunded: { $what }
movement-grant = +{ $amount } granted{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-allowance = +{ $amount } allowance
movement-revoke = −{ $amount } taken back{ $what ->
    [none] {""}
   *[other] : { $what }
}
history-title = Your last pictures
history-empty = No pictures yet. Try /imagine a red fox in the snow
history-line = { $prompt } · { $model } · { $credits ->
    [one] 1 credit
   *[other] { $credits } credits
}
favourites-title = Your favourites
favourites-empty = Nothing yet. ⭐ on a picture keeps it here, for you alone.
favourite-line = { $name } · { $picture ->
    [none] {""}
   *[other] { $picture }{" "}·{" "}
}{ $prompt } · { $model }
favourites-how = Use one with --ref, --sref or --oref and its name. /easel favourites rename OLD to NEW, /easel favourites remove NAME
favourite-kept = Kept as “{ $name }”, for you alone. /easel favourites shows it; --ref "{ $name }" begins with it.
favourite-dropped = “{ $name }” is no favourite any more.
sent = “{ $prompt }” · { $job }
models-title = Models and what an image costs
models-line = { $model }: { $price }{ $takes ->
    [none] {""}
   *[other] {" "}({ $takes })
}
models-pictures = { $most ->
    [one] a picture
   *[other] up to { $most } pictures
}
models-default = { $model } is used when you name none.
defaults-title = Your defaults
defaults-line = { $name }: { $value }
defaults-none = You have no defaults of your own; the community's are used.
defaults-saved = Saved. I'll use that from now on.
defaults-cleared = Your defaults are cleared.
defaults-how = Like this: /easel defaults --model flux --ar 16:9 --private. A name alone unsets it; clear unsets all.
mydata-here = This is everything I keep of you here: your prompts, pictures, credits, defaults, and what the log says of you. Nobody else sees it.
mydata-too-much = That is more than fits into a chat. Please ask whoever runs this bot: `easel export` hands all of it over.
mydata-not-sent = I couldn't send you the file. Please try again in a moment.
forget-ask = This erases your prompts and pictures for good. Are you sure?
forget-done = Done: your prompts and pictures are erased. The books keep the numbers only.
forget-button = Erase everything
## Words of other bots
label-asked-shape = Asked for
asked-shape = { $shape }; this is the nearest
foreign-version = { $flag } chooses a version of Midjourney. Here --model chooses who draws; /easel models lists them.
foreign-anime = { $flag } is Midjourney's model for anime. { $nearest ->
    [none] Here say “anime” in words.
   *[other] Here { $nearest } does that, with any model.
}
foreign-variety = { $flag } sets how far Midjourney strays. No model here has such a dial: say it in words, such as “strange” or “unexpected”.
foreign-stylize = { $flag } sets how freely Midjourney paints. Here a style does that, by its name behind --style, or words do.
foreign-weight = { $flag } sets how much a given picture counts. Here words do: “stay close to the picture”, “only its colours”.
foreign-profile = { $flag } is your own taste as Midjourney has learned it; nobody else has it. Here --sref with a picture of yours gives its style.
foreign-stop = { $flag } stops Midjourney half-way. Here say “rough” or “unfinished” in words.
foreign-film = { $flag } makes films. I draw pictures only.
foreign-speed = { $flag } chooses how soon Midjourney draws. Here pictures take their turn, by what this community has set.
foreign-cheap = { $flag } draws cheaply at Midjourney. Here a cheaper model does; /easel models tells the prices.
foreign-fine = { $flag } asks for a finer picture. Here --size or --quality does, where a model has it; /easel models tells what that costs.
foreign-tile = { $flag } makes edges meet. Here say “seamless repeating pattern” in words.
foreign-repeat = { $flag } orders several times. { $images ->
    [none] One order for { $model } draws { $most } { $most ->
        [one] picture
       *[other] pictures
    } at most.
   *[other] Here that is --n { $images }: { $images } pictures of one order{ $credits ->
        [none] {""}
       *[other] , { $credits } credits in all
    }.
}
foreign-upscale = { $flag } makes a picture larger. Here Upscale does, beneath a finished one.
foreign-raw = { $flag } leaves the words as they are. So they are here, where no --style is named.
foreign-dial = { $flag } came from Stable Diffusion; { $model } has nothing like it.
foreign-addon = { $flag } is an add-on of Stable Diffusion that can't be loaded here. A style behind --style, or a picture behind --sref, may do.
foreign-pixels = { $flag } is no size that I know: it takes both --w and --h in pixels; --ar 16:9 gives a shape.
foreign-format = { $flag } asks for a kind of file. Original hands you the file as it was made.
foreign-picture = { $flag } gives a picture. Here attach it, reply to one, or name one of ours with --ref.
foreign-safety = { $flag } changes nothing here: this community's rules hold.
foreign-look = { $flag } is a look of another service. Here say it in words, or with --style.
foreign-help = /easel help tells what I understand.
foreign-quality = { $flag } is Midjourney's. { $values ->
    [none] { $model } has one quality only.
   *[other] Here it is --quality with one of { $values }, and more may cost more.
}
foreign-code = { $name } is a style code that only Midjourney knows. Here --sref takes a picture: attach it, or name one of ours.
foreign-weights = “{ $words }” gives a word its weight elsewhere; here it would be painted. Say in words what matters more, or put lettering in quotation marks.
foreign-choices = Braces make several orders elsewhere; here it would be { $pictures } pictures{ $credits ->
    [none] {""}
   *[other] { " " }of { $credits } credits each
}: { $words }. Please send the ones that you want one by one, or put lettering in quotation marks.

## Styles that Easel comes with
style-anime = Anime
style-watercolor = Watercolor
style-oil = Oil painting
style-ink = Ink drawing
style-pixel = Pixel art
style-comic = Comic book
style-clay = Clay figures
style-film = Film photograph

## Finding again
history-found = Your pictures with “{ $words }”
history-none = No picture of yours has “{ $words }” in its words. /easel history alone shows the newest.
history-page = { $title } · page { $page }
history-newer = ← Newer
history-older = Older →
show-unknown = I can't show that picture: type its number, such as /easel show 01m7za57f5evfned4t7d0apt9v (✉️ on the picture tells it). In /easel history you choose without one.
verb-show = A picture again, with its buttons, by its number
own-history = Your pictures, page by page; with words, those that have them
usage-chart = Credits by day and model over { $days ->
    [one] one day
   *[other] { $days } days
}, and who spent them; the same stands in the lines.

## Small talk: it draws nothing and costs nothing
small-hello = Hi! Tell me what to draw, for example: a red fox in the snow. “help” tells what else I can do.
small-thanks = You are welcome! Nothing was drawn, nothing was charged.
small-praise = I'm glad you like it. ⭐ keeps it as a favourite; say what to change (“make it night”), and I go on from it.
small-help = Say what you want to see, and I draw it: a red fox in the snow --ar 16:9. Reply to a picture to change it: make it night. “credits” and “models” tell what you have and what it costs; “help” tells the rest.
small-fine = All right. Nothing was drawn. Tell me what you want to see whenever you like.
small-bare = Yes? Tell me what to draw, for example: a red fox in the snow. “help” tells what else I can do.
yes = yes
no = no
help-text =
    Type /imagine and what you want to see:
    /imagine a red fox in the snow --ar 16:9

    Flags, anywhere behind the first words:
    --ar 16:9 the shape
    --model NAME another model (-m)
    --n 4 several images, 1 to 4
    --no text, watermark what to avoid
    --style NAME a look (-s)
    --quality high (-q) and --size 2K, where the model has them
    --private only you see it
    --tell a private word when it is done
    --spoiler hidden until clicked
    --seed 7 the same chance again, where the model has one
    --ref, --sref, --oref PICTURE takes it along, its style, or who is on it:
    a picture's number (✉️ tells it), an attachment (image2, this one) or a favourite

    On a picture: 🔁 draws it anew, ❌ deletes it, ⭐ keeps it, ✉️ sends it to you. Who presses pays.
    Edit, or a reply such as “make it night”, changes it.
    /easel credits, history, favourites, models, defaults, mydata, forget

## For moderators
admin-granted = { $amount ->
    [one] 1 credit
   *[other] { $amount } credits
} granted to { $name }{ $until ->
    [none] {""}
   *[other] , to be spent within { $until }
}; now { $available }.
admin-taken = { $amount ->
    [one] 1 credit
   *[other] { $amount } credits
} taken from { $name }; now { $available }.
admin-taken-less = Only { $amount } of { $asked } could be taken from { $name }; now { $available }.
admin-refunded = { $amount ->
    [one] 1 credit
   *[other] { $amount } credits
} refunded to { $name }.
admin-refunded-already = That picture was refunded before.
admin-refund-nothing = Nothing was charged for that picture.
admin-allowance = The allowance is now { $amount } credits a { $period ->
    [daily] day
    [weekly] week
   *[other] month
}.
admin-budget = { $amount ->
    [none] This community has no budget limit now.
   *[other] The budget is now { $amount } credits a { $period ->
        [daily] day
        [weekly] week
       *[other] month
    }.
}
admin-budget-warning = { $percent } % of this community's budget is spent ({ $spent } of { $budget }).
admin-blocked = { $name } can't make pictures here now{ $until ->
    [none] {""}
   *[other] , for { $until }
}.
admin-unblocked = { $name } can make pictures again.
admin-saved = Saved: { $name } is now { $value }.
admin-settings-title = Settings of this community
admin-setting-line = { $name } = { $value }
admin-held-back = That is as far as whoever runs this bot lets { $name } go here.
admin-left-out = { $name } is kept in a way that I can't read, so I go on without it. Please set it anew.
admin-models = Allowed models: { $values ->
    [none] all
   *[other] { $values }
}.
admin-channels = I answer in: { $values ->
    [none] all channels
   *[other] { $values }
}.
admin-books-title = Books of { $name }
admin-books-line = { $available } available, { $held } held
admin-usage-title = { $days ->
    [one] Usage in the last day
   *[other] Usage in the last { $days } days
}
admin-usage-line = { $day } · { $model } · { $pictures ->
    [one] 1 picture
   *[other] { $pictures } pictures
} · { $credits ->
    [one] 1 credit
   *[other] { $credits } credits
} · { $money }
admin-usage-total = Together { $pictures ->
    [one] 1 picture
   *[other] { $pictures } pictures
}, { $credits } credits, { $money }; { $refused } refused, { $failed } failed.
admin-usage-undelivered = { $pictures ->
    [one] 1 finished picture
   *[other] { $pictures } finished pictures
} could not be shown to anyone; { $credits } credits went back.
admin-usage-empty = No pictures in that time.
admin-audit-title = The last events
admin-audit-empty = Nothing in the audit yet.

## Why credits came back
back-failed = the picture failed
back-failed-provider = the provider failed
back-failed-uncertain = the provider's answer was lost
back-failed-deadline = it took too long
back-failed-images = the picture couldn't be used
back-failed-model-closed = the model isn't open
back-failed-balance = the provider's account is empty
back-failed-key = the provider isn't set up right
back-failed-order = the provider didn't take the order
back-partial = not all pictures came out
back-refused = the picture was refused
back-withheld = the picture was withheld
back-cancelled = cancelled
blocked-by-operator = Whoever runs this bot has blocked this person here. Only they can change that.
grant-ceiling = The operator's monthly limit on grants is reached here. Ask whoever runs this bot, or give less.
admin-top-title = Most credits:
admin-top-line = { $name }: { $credits ->
    [one] 1 credit
   *[other] { $credits } credits
}, { $jobs ->
    [one] 1 order
   *[other] { $jobs } orders
}
admin-history-line = { $when } · version { $version } · { $who }
admin-blocked-list = Blocked: nobody. Nobody is paused either.
admin-not-blocked = { $name } wasn't blocked.
admin-usage = Try: { $usage }
admin-person-unknown = I don't know “{ $value }”. Name a person, for example with @.
expired = This picture was kept for a while and is gone now. Re-roll draws it anew.
movement-a-picture = a picture
budget-ceiling = This community has reached the limit that the operator set for a month.{ $renews ->
    [none] {""}
   *[other] {" "}It renews { $renews }.
}
setting-range = { $name } can't be { $value }. It must be at least { $least }{ $limit ->
    [none] {""}
   *[other] {" "}and at most { $limit }
}.
setting-choice = { $name } can't be “{ $value }”. Choose one of: { $values }.
setting-number = { $name } can't be “{ $value }”. Write a number, for example 30.
setting-pairs = { $name } can't be “{ $value }”. Write it as name=value, another=value.
setting-json = { $name } can't be “{ $value }”. Easier: /easel-admin role and /easel-admin channel set it part by part. Else write it as JSON.
setting-zone = I know no time zone “{ $value }”. Write one like Europe/Berlin or Asia/Seoul.
setting-strikes = { $name } can't be { $value }: one refusal may be a misreading, and pauses nobody. Write { $least } or more, or 0 for never.
setting-misread = { $name } takes nothing new: a phrase comes there when a moderator presses “This was wrong” for a refusal. Write those that shall stay.
setting-floor = { $name } can't be { $value } here: whoever runs this bot has set { $limit }, and a community may only be stricter. They can allow it with may_loosen in their configuration.
setting-word = { $name } can't have “{ $value }”: I would find it in every prompt, or in none. Write a word of at least two letters.
setting-no-role = There is no role “{ $value }” here, or two of that name. Write its id, or its name as it stands.
setting-no-channel = There is no channel “{ $value }” here, or two of that name. Write its id, or its name as it stands.
setting-role-twice = Two of these are the same role. Write each once.
setting-part = { $name } can't have “{ $part }”. Write it like /easel-admin role @booster allowance:1000.
admin-history-empty = Nothing has been changed here yet.

## Withheld pictures, for moderators
admin-held-title = Withheld pictures, oldest first:
admin-held-line = { $job } · { $name } · { $prompt ->
    [none] a private picture
   *[other] { $prompt }
}
admin-held-empty = No withheld pictures are waiting.
admin-released = Released: the picture is delivered, free of charge.
admin-discarded = Thrown away.

## What each moderators' verb does
verb-settings = See the settings, or change one
verb-grant = Give somebody credits
verb-take = Take granted credits back
verb-refund = Give back what a picture cost
verb-books = Somebody's credits and movements
verb-allowance = What everybody gets in a period
verb-budget = What the whole community may spend
verb-models = Which models may be used
verb-channels = Where I answer
verb-block = Somebody can't make pictures for a while
verb-unblock = Somebody can make pictures again
verb-blocked = Who is blocked
verb-held = Pictures that a check withheld, for you to judge
verb-release = Show a withheld picture after all, for free
verb-discard = Throw a withheld picture away
verb-usage = What was used
verb-audit = The last events
verb-history = Earlier versions of the settings

## The moderators' room

button-appeal = Appeal
button-open = Open
button-hide = Hide
button-release = Release
button-discard = Discard
button-refund = Refund
button-block = Block for a day
button-wrong = This was wrong
button-dismiss = Dismiss
event-of = { $bot } for the moderators
event-message = To the message
event-person = Person
event-reporter = Reported by
event-job = Job
event-until = Paused until
event-renews = Renews
event-report = A picture was reported
event-report-says = Somebody asks you to look at it.
event-withheld = A picture was withheld
event-withheld-says = A check didn't let it pass. It isn't kept.
event-withheld-some = A check held back some of its pictures; the others are shown.
event-withheld-released = A check had held it back; a moderator has shown it.
minors-stay = This stays withheld: a check says that it may show minors. You can discard it.
event-withheld-kept = A check didn't let it pass. It is kept for you: release it, for free, or discard it.
event-paused = Somebody is paused
event-paused-says = { $strikes ->
    [one] One of their prompts was refused.
   *[other] { $strikes } of their prompts were refused in a short time.
} The last one stands here. If it was wrong, say so: it doesn't count then.
event-appeal = Somebody finds a refusal wrong
event-appeal-says = If it was, say so: it doesn't count then, and a phrase that was misread is allowed from now on.
event-budget-80 = 80 % of the budget is spent
event-budget-100 = The budget is spent
event-budget-says = { $spent } of { $budget } credits of this period.
event-service-trouble = Trouble at an image service
event-service-trouble-says = { $provider }: { $trouble ->
    [open] { $model } keeps failing. Others draw meanwhile where they can; it is tried again by itself.
    [model-closed] { $model } isn't open to our key. Whoever runs this bot must look.
    [balance] its account is empty. Whoever runs this bot must top it up.
    [key] it refuses our key. Whoever runs this bot must look.
   *[other] something is wrong there.
}
event-model-ends = A model ends
event-model-ends-says = { $how ->
    [ended] { $model } of { $provider } ended on { $ends }.
    [by-maker] The maker of { $model } ended it on { $ends }; { $provider } goes on with it, and may stop at any time.
   *[soon] { $model } of { $provider } ends on { $ends }.
}{ $instead ->
    [none] {""}
   *[other] {" "}{ $instead } takes its place.
}
event-chargeback = A payment was taken back
event-chargeback-says = { $wanted } credits of “{ $product }” had to go ({ $shop }); { $taken } were left, and were taken back.
event-hidden = It is hidden now.
event-deleted = It was deleted meanwhile.
event-did-open = Opened by { $name }
event-did-hide = Hidden by { $name }
event-did-release = Released by { $name }
event-did-discard = Discarded by { $name }
event-did-refund = Refunded by { $name }
event-did-block = Blocked for a day by { $name }
event-did-wrong = Called wrong by { $name }
event-did-dismiss = Dismissed by { $name }
event-done = That isn't possible any more: somebody has done it, or it has changed meanwhile.
event-over = That was too long ago to be changed here.
already-refunded = That was refunded already.
not-owner = Only whoever runs this community can do that.
not-in-own-matter = Nobody judges in their own matter: ask another moderator.
appealed-already = The moderators have this already.
appeals-wait = The moderators have several appeals of yours that they have not looked at yet. Please wait for them.
room-hidden = It is out of the chat, and its links lead nowhere. Release shows it again.
room-dismissed = Done.
room-wrong = It doesn't count any more, and the person is told.{ $what ->
    [none] {""}
   *[other] {" "}From now on “{ $what }” is allowed here.
}{ $missing ->
    [none] {""}
    [leave] {" "}The same words are still refused: only whoever runs this bot can let moderators allow them, with allowed_words in may_loosen of their configuration.
    [minors] {" "}The same words are still refused: nothing is allowed past the rule on minors.
    [own] {" "}The same words are still refused: one of them is among your own blocked_words.
    [private] {" "}The same words may still be refused: they are private, and nothing is allowed that nobody here has read.
   *[words] {" "}The same words may still be refused: there is no phrase in them that could be allowed.
}
refusal-was-wrong = A moderator has looked at what was refused{ $prompt ->
    [none] {""}
   *[other] {" "}(“{ $prompt }”)
}: it was wrong, and doesn't count. { $again ->
    [yes] Please try again.
   *[no] The same words may still be refused, so please put it in other words.
}
report-kept = Thank you. It is kept for the moderators, who have no room for reports here yet: please tell one of them.
appeal-how = If that is a mistake, press “{ button-appeal }”: the moderators look at it.
appeal-done = The moderators have it now, with your words. You hear from me when they find it wrong.
appeal-unread = The moderators have it now, without your words, as these are private: please tell them yourself what you asked for.
appeal-kept = It is kept for the moderators, who have no room for this here yet: please tell one of them.
room-how = { $what ->
    [none] Something waits for the moderators
   *[other] Something waits for the moderators of your community ({ $what })
}, and there is no room for it. Name a channel that only they can read: /easel-admin room #mods (in Slack: /easel admin room #mods).
admin-room = { $value ->
    [none] The moderators have no room yet. Reports and withheld pictures wait until you name one.
   *[other] The moderators are told in: { $value }
}
admin-moderators = Named as moderators: { $values ->
    [none] nobody
   *[other] { $values }
}.
admin-moderators-may = They handle what the room is told of, refund, block and delete; they change no settings and give no credits. Where the platform hides the moderators' commands from them, allow it for their role there.
admin-blocked-title = Who can't make pictures now
admin-blocked-line = { $name } · blocked{ $when ->
    [none] {""}
   *[other] {" "}until { $when }
}{ $why ->
    [none] {""}
   *[other] {" "}· { $why }
}
admin-paused-line = { $name } · paused by refusals until { $when }{ $why ->
    [none] {""}
   *[other] {" "}· { $why }
}
admin-audit-by = by { $name }
admin-audit-job = job { $job }
admin-audit-private = private
hidden = A moderator has taken this picture out of the chat.
setting-no-person = There is nobody “{ $value }” here, and no role of that name. Mention them, or write an id.
verb-room = Where you are told of reports, withheld pictures and troubles
verb-moderators = Who else moderates: people, roles, user groups
back-hidden = a moderator has hidden the picture
note-until = Until:

## Ways to get credits
verb-redeem = Turn a code into credits
verb-gift = Give somebody some of your credits
code-redeemed = { $amount ->
    [one] 1 credit is yours
   *[other] { $amount } credits are yours
}{ $until ->
    [none] {""}
   *[other], to be spent within { $until }
}. You have { $available } now.
code-again = You have redeemed this code before: { $amount ->
    [one] 1 credit
   *[other] { $amount } credits
}. You have { $available } now.
code-unknown = I don't know this code. It looks like EASEL-7K2M-93QX-H4TD-0VBN; please check its letters.
code-used = This code was redeemed already, by somebody else.
code-void = This code isn't valid any more. Whoever gave it to you knows why.
code-over = This code's time is over: it can't be redeemed any more.
code-elsewhere = This code is for another community. Redeem it there.
code-enough = You have redeemed as many of these codes as one person may.
code-too-often = Those were many codes for one hour. Please try again { $renews }.
codes-batch-taken = There are codes called “{ $name }” already. Take another name.
gift-given = { $amount ->
    [one] One of your credits is { $name }'s now.
   *[other] { $amount } of your credits are { $name }'s now.
} You have { $available } left.
gift-to-oneself = These credits are yours already. Name somebody else.
gift-too-much = That is more than one person may give away in a day here. You can give again { $renews }.
gift-too-little = Only credits that were given to you can be given on, and not a period's allowance: you have { $available } of those.
gifts-off = Credits can't be given to others here. Whoever runs this community can allow it: settings gifts 100, behind /easel-admin (in Slack: /easel admin)
credits-lapse = { $amount } of them can be spent for { $until } more.
movement-redeem = +{ $amount } by a code{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-gift = +{ $amount } as a gift{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-gift-given = −{ $amount } given away{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-expire = −{ $amount } lapsed: their time was over

## Rules by role and by channel
admin-part = { $name }: { $value ->
    [none] nothing of its own; what holds for everyone holds here.
   *[other] { $value }
}
admin-parts-title = Rules by role and by channel. Of several roles the most generous wins; of a channel and what it is part of, the nearest.
admin-parts-empty = No role and no channel has rules of its own. Set one: role @booster allowance:1000, or: channel #art level:strict
verb-role = What one role may do
verb-roles = The rules by role and by channel
verb-channel = What holds in one channel, its threads, or a category
setting-part-unknown = I know no “{ $part }” here. There is: { $values }.
button-reword = Edit and try again
draft-gone = What you typed isn't kept any more: it was, for a day. Please type it anew.

## What is bought, and what people are told unasked
movement-purchase = +{ $amount } bought{ $what ->
    [none] {""}
   *[other] : { $what }
}
movement-chargeback = −{ $amount } taken back with the payment{ $what ->
    [none] {""}
   *[other] : { $what }
}
purchase-told = Thank you! { $amount ->
    [one] 1 credit is
   *[other] { $amount } credits are
} yours ({ $what }). /easel credits shows them.
asked-in-vain = { $bot } was stopped before it could take your request, and nothing was charged. Please ask once more{ $asked ->
    [none] .
   *[other] : { $asked }
}
chargeback-told = The payment for “{ $what }” went back to you, so { $amount ->
    [one] 1 credit was
   *[other] { $amount } credits were
} taken back.
gift-got = { $name } has given you { $amount ->
    [one] a credit
   *[other] { $amount } credits
}{ $what ->
    [none] .
   *[other] : “{ $what }”.
} What you have: /easel credits
verb-buy = Buy credits
verb-purchases = What was bought for money, and what went back
buy-title = Buy credits
buy-intro = What you buy is for you, in this community. You pay at the shop, and nobody here sees how.
buy-row = { $title } · { $amount } credits{ $monthly ->
    [yes] {" "}every month
   *[no] {""}
}{ $days ->
    [none] {""}
   *[other] {", "}to be spent within { $days ->
        [one] a day
       *[other] { $days } days
    }
}
buy-by-link = Pay by a link: /easel buy { $name }
buy-here = Buy it in the app’s shop
buy-pay = Pay for { $title }
buy-link = This link is for you alone, for { $title }. The credits are yours as soon as the payment is confirmed; I tell you then.
buy-off = Nothing is sold here. Ask a moderator for credits, or use your allowance.
buy-unknown = I don't sell “{ $value }”. There is: { $values }. /easel buy shows all.
buy-away = The shop can't be reached now, and nothing was charged. Please try again in some minutes.
buy-arrived = { $count ->
    [one] One purchase of yours was waiting, and is in your account now.
   *[other] { $count } purchases of yours were waiting, and are in your account now.
}
admin-purchases-empty = Nothing was bought here yet.
admin-purchase = { $at } · { $name } · { $product } · +{ $amount }{ $reversed ->
    [0] {""}
   *[other] {" "}· went back: { $reversed }, of these taken: { $taken }
}{ $test ->
    [yes] {" "}· a test
   *[no] {""}
}{ $placed ->
    [yes] {""}
   *[no] {" "}· waits for its buyer
}
admin-purchases-month = { $month }: { $purchases ->
    [one] 1 purchase
   *[other] { $purchases } purchases
}, { $amount ->
    [one] 1 credit
   *[other] { $amount } credits
}; { $reversed } went back
