"""The command `gitploy`.

`main` has all `commands`, each in the file of its group. Most ask a gateway: by
`asking` they get the options that all of these have, a `client` of the gateway that
`reaching` finds, and an `output` for people and programs. Operators' commands
(`operating`) work on the broker and the databases instead, `doctoring` looks at an
installation from outside, and `local` is a whole Gitploy on this machine, for `demo`
and `up`.
"""
