"""Who keeps the place: moderators and the operator, what they see and what they may do."""
