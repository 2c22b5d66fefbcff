"""What the verifier knows and concludes: pure functions of what was said.

What GitHub has answered is `found`, what that means for a request `resolution`. A
`verification` is one deployment, an `environment` all that goes on in one. `judgement`
answers every check about both, in a `case` at one moment; `verdict` decides what
follows, and `conclusion` says it. Before that a `push` becomes requests, in a
repository that we are `following`; a `commit` knows who waits for its checks.
"""
