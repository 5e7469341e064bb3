"""The words of English and Korean, the rules that they break, and what is made of what was found."""
