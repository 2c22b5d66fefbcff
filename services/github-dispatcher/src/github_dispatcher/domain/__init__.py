"""What the dispatcher knows and decides. No clock, no I/O.

`facts` are what only the dispatcher tells itself, `answers` what GitHub said.
`dispatch` files both for one deployment; `steps` says what is still to be done,
`verdicts` what is recorded once it was done, `wording` how. `hook` is the same for a
repository's webhook, in one file; `posting` and `statuses` for statuses that people
want.
"""
