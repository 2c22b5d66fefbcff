"""A whole Gitploy on this machine: what `gitploy demo` and `gitploy up` run.

`stage` is what stands around the services: the sandbox, the deployment tool, the page
for the terminal. `embedded` and `separate` are the two ways to run the services: in
this process, or each in its own on the servers of `backing`. What is kept from start to
start is in a directory, the `place`; `system` finds it again for other commands.
"""
