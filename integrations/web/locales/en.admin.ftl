# What the operator's place at /admin says.
office-place = for the operator
office-places = Places
office-skip = Skip to the page
office-title-now = Now
office-title-pace = Pictures
office-title-money = Money
office-title-trouble = Failures
office-title-find = Found
office-title-job = A picture's story
office-title-person = Somebody's books
office-title-notice = That didn't work
office-find = Search
office-find-hint = Picture's id, message link, or person
office-find-go = Find
office-find-nothing = Nothing here is called “{ $typed }”.
office-find-about = A picture is found by its id or by the link of its message; a person by their id on the platform, or by a part of the name under which they asked lately.
office-leave = Sign out
office-busy = That takes too long just now. Try again in a moment, or choose a shorter time.
office-broke = Something went wrong; the log says what.
office-bad-input = One of the fields can't be so: an amount is a whole number from 1 to 1,000,000,000, days go from 0 to 3,660, and a memo holds 200 characters.
office-no-person = A person has a surface, a community and an id.
office-nowhere = There is no such page.
office-span = How far back
office-hours = { $n ->
    [24] 24 hours
    [72] 3 days
    [168] 7 days
   *[other] { $n } hours
}
office-days = { $n ->
    [1] 1 day
   *[other] { $n } days
}
office-seconds = { $n } s
office-unit = s
office-as-table = As a table
office-not-whole = More has happened than one look reads: these are the newest of it.
office-others = all others

# Now
office-pause = Hold still
office-go-on = Go on
office-offline = Easel does not answer; this is as it was.
office-as-of = As of { $at }, and again every few seconds.
office-painting = In flight
office-waiting = Waiting
office-oldest = Oldest waits since
office-telling = Done, not told yet
office-lag-hour = Longest lag, last hour
office-services = Image services
office-surfaces = Surfaces of this process
office-hears = hears people
office-oldest-jobs = Under way, the oldest first
office-nothing-under-way = Nothing is under way.
office-which = which
office-fares-well = open
office-fares-doubtful = doubtful: others go first
office-fares-out = kept out by its breaker
office-fares-ended = ended
office-fares-closed = closed to our key

# Pictures
office-pictures-per-hour = What ended, hour by hour
office-finished = pictures
office-bad = without a picture
office-how-long = How long a picture took
office-how-long-about = From the order to the picture. Half came within the lower line, 95 of a hundred within the upper.
office-half = half
office-most = 95 of 100
office-lag = Lag of this process
office-lag-about = How late its event loop woke at worst, minute by minute. What blocks it holds up everybody who talks to this process.
office-lag-worst = worst lag

# Money
office-money-about = By the day on which a picture ended. A credit is worth ${ $worth } by [quotas] usd_a_credit; allowances are credits, too, so the margin says what was used, not what was sold.
office-by-day = Credits by day and model
office-by-model = By model
office-by-community = By community

# Failures
office-causes = Why no picture came
office-no-causes = Every picture came.
office-verdicts = Refused by moderation before an order
office-no-verdicts = Moderation refused nothing.
office-refused = Refused by this process, for every reason
office-refused-about = Since it was started; other processes count their own.
office-no-refusals = Nothing was refused.
office-newest-bad = The last without a picture
office-look-at = one of them

# Tables
office-jobs = Pictures
office-col-when = Asked at
office-col-state = State
office-col-why = Why
office-col-who = Who
office-col-model = Model
office-col-took = Took
office-col-credits = Credits
office-col-prompt = Prompt
office-col-service = Service
office-col-models = Models
office-col-left = Left there
office-col-hour = Hour
office-col-minute = Minute
office-col-jobs = Orders
office-col-pictures = Pictures
office-col-worth = Worth
office-col-cost = Cost
office-col-margin = Margin
office-col-day = Day
office-col-community = Community
office-col-times = Times
office-col-share = Share of the most frequent
office-col-last = Last
office-col-one = Example
office-col-category = Category
office-col-layer = Layer
office-col-rule = Rule
office-col-time = Time
office-col-after = After
office-col-what = What
office-col-happened = What happened
office-col-account = Account
office-col-by = By
office-col-memo = Note

# A picture's story
office-a-picture = A picture
office-state-accepted = Accepted
office-state-cleared = Waiting
office-state-submitting = Being asked for
office-state-rendering = In flight
office-state-finished = Finished
office-state-refused = Refused
office-state-failed = Failed
office-state-withheld = Withheld
office-state-cancelled = Cancelled
office-service-said = What the service or the check said:
office-private = (private: its owner's alone)
office-price = Price
office-price-line = { $credits } credits for { $images ->
    [1] one image
   *[other] { $images } images
}
office-by-list = { $usd } by the price table
office-doubtful = the service may have billed it all the same
office-operation = At the service
office-parent = Made from
office-id = Id
office-message = its message
office-story = The whole story
office-story-gone = the steps between went with the words, or an older version drew it
office-step-accepted = Accepted: { $images ->
    [1] one image
   *[other] { $images } images
} of { $model }
office-step-cleared = In line for { $provider }, { $model }
office-step-submitting = { $provider } is asked for { $model }, attempt { $attempt }
office-step-rendering = { $provider } has taken it
office-step-finished = Finished
office-look = Looked: { $said }
office-said-pending = not ready yet
office-said-finished = ready
office-said-failed = over without a picture
office-said-busy = it was busy
office-said-broken = it failed to answer
office-said-key = it refused our key
office-said-balance = our account there is empty
office-said-order = it didn't take the question
office-said-model-closed = the model isn't open to us
office-edit-shown = The message says version { $version }
office-edit-later = The message could not be shown; it is tried again
office-edit-refused = The platform refused to show it
office-edit-lost = Nobody can see it; what was paid goes back
office-edit-given-up = Nobody can be told there any more
office-event = Moderators were told: { $kind }
office-event-report = a report
office-event-withheld = a picture was withheld
office-event-paused = somebody is paused
office-event-appeal = an appeal
office-settled = settled
office-unsettled = not settled yet
office-by = by { $name }
office-act-verdict = A check's verdict
office-act-undelivered = Nobody could be shown it
office-act-refund = Refunded
office-act-report = Reported
office-act-hide = Hidden by a moderator
office-act-release = Released by a moderator
office-act-discard = Thrown away by a moderator
office-act-end = Ended by the operator
office-kind-move = job
office-kind-service = service
office-kind-books = books
office-kind-message = message
office-kind-check = audit
office-kind-event = room
office-went-held = { $held } credits are set aside until it ends.
office-went-free = It cost nothing.
office-went-back = Nothing was taken: all { $held } credits that were set aside are free again.
office-went-taken = { $taken } credits were taken.
office-went-partly = { $taken } of { $held } credits were taken, the rest is free again.
office-went-refunded = { $back } of them were refunded later.
office-do-failed-key = Set the right api_key of this service; `easel check` tells when it is right.
office-do-failed-balance = Top up the account at this service.
office-do-failed-model-closed = Ask the service for this model, or take it out of the configuration.
office-do-failed-uncertain = If the service honours keys of repetition, or you would rather pay twice than fail: [worker] uncertain = "retry".
office-do-failed-deadline = If that model is slow by nature, people may wait longer by [worker] deadline_s.
office-do-failed-unseen = Give Easel the right to post where it was asked; the platform's page in the documents says which.

# Books
office-books = Rows of the books
office-book-grant = { $amount } granted
office-book-hold = { $amount } set aside
office-book-capture = { $amount } taken
office-book-release = { $amount } free again
office-book-refund = { $amount } refunded
office-book-revoke = { $amount } taken back
office-book-redeem = { $amount } by a code
office-book-gift = { $amount } as a gift
office-book-expire = { $amount } lapsed
office-movement-grant = granted
office-movement-hold = set aside
office-movement-capture = taken
office-movement-release = free again
office-movement-refund = refunded
office-movement-revoke = taken back
office-movement-redeem = by a code
office-movement-gift = gift
office-movement-expire = lapsed
office-book-purchase = { $amount } bought
office-book-chargeback = { $amount } taken back: the money went back
office-movement-purchase = bought
office-movement-chargeback = taken back: the money went back
office-no-movements = No movements yet.
office-no-jobs = No pictures yet.
office-available = Available
office-of-allowance = of the allowance
office-of-granted = of granted credits
office-held = Set aside
office-allowance-about = Roles are known only when somebody asks: an allowance that a role raises shows here from then on.
office-give-take = Give and take back
office-amount = Credits
office-for-days = Days they can be spent; empty: for good
office-memo = Note; the person sees it
office-do-grant = Grant
office-do-take = Take back
office-refund = Refund { $amount } credits
office-done-granted = Granted: the newest row of the books says it.
office-done-taken = Taken back: the newest row of the books says how much.
office-done-refunded = Refunded: the last row of the books says it.
office-done-nothing = Nothing was changed: there was nothing left, or it was done before.
