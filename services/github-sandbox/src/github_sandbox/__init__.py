"""GitHub for people who have no network, over a real local git repository.

Read in this order: `settings`, `records` and `store` (what is kept, and how),
`git` (what git itself answers), `shapes` (how GitHub words it), `routes` (its REST
API), `graph` (its GraphQL API), `webhooks` and `deliveries` (what it tells others),
`faults` and `control` (how tests make it misbehave), `bootstrap` (how it is wired).
"""
