# What is said at a terminal in place of the text of the same name: its commands are others.
terminal-prompt-empty = Say what to draw, for example: easel imagine a red fox in the snow
terminal-flag-unknown = I don't know { $flag }. { $nearest ->
    [none] Flags are such as --model, --ar, --n, --no, --style, --quality and --size; easel models shows what each model takes.
   *[other] Did you mean { $nearest }?
}
terminal-model-unknown = I know no model “{ $typed }”. { $nearest ->
    [none] easel models lists them all.
   *[other] Did you mean { $nearest }?
}
terminal-model-not-allowed = { $model } isn't allowed in this community. { $nearest ->
    [none] easel community set models changes what is.
   *[other] Try { $nearest } instead, or change it: easel community set models
}
terminal-inputs-not-taken = { $model } takes no pictures. { $takers ->
    [none] easel models shows what each takes.
   *[other] These do: { $takers }.
}
terminal-ref-unknown = I know no picture “{ $name }”. It can be a picture's number (easel jobs list tells it), a file behind --image (image2), this one, or the name of a favourite{ $values ->
    [none] {""}
   *[other] : { $values }
}.
terminal-foreign-version = { $flag } chooses a version of Midjourney. Here --model chooses who draws; easel models lists them.
terminal-foreign-cheap = { $flag } draws cheaply at Midjourney. Here a cheaper model does; easel models tells the prices.
terminal-foreign-fine = { $flag } asks for a finer picture. Here --size or --quality does, where a model has it; easel models tells what that costs.
terminal-foreign-help = easel imagine --help tells what I understand.
terminal-setting-json = { $name } can't be “{ $value }”. Easier: easel community role and easel community channel set it part by part. Else write it as JSON.
terminal-setting-part = { $name } can't have “{ $part }”. Write it like easel community role ID allowance:1000.
# Behind a refusal: the order as it could be sent.
terminal-again = Without that it is: { $again }
