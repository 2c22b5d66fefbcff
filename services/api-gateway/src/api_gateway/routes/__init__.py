"""The HTTP API: one file per resource, all routes of a resource at its foot.

The other files are what the resources share:

- `operation`: the table of all that can be done, made of the resources' own;
- what each request passes: `edge`; then `admission`, whether they may, by
  `requirements` and from which of the `sites`, which asks `auth` who they are, where
  `strangers` are counted; then `repeating`, where a request may be sent again;
- what is asked: `reading`, from the models in `queries`, `bodies`, `lock_bodies` and
  `people_bodies`, which are made of `texts` and `times`; `lookup` finds what the path
  names, `rules` and `ruled` what `deploy.yml` says of it, `visible` what somebody may
  see; `intake` takes requests for deployments, `commanding` commands;
- what is answered: `answering`, with the models in `answers`; `browsing` (what GitHub
  tells) and `people` make documents of things, `paging` tells where a list goes on;
  `errors` are the codes of refusals, `pages` are for who comes by signing in;
- the live events of `stream`: a `connection` for each client, all of them `listening`.
"""
