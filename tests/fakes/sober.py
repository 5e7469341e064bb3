"""What programs that tests start are spared, wherever they run."""

# Who has installed the extra nsfw tests the same as who has not: its model looks 60 ms at each picture of a burst.
SOBER = {"EASEL__MODERATION__CHECKS": "[]"}
