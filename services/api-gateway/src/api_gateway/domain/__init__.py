"""What the gateway decides: requests, numbers, activations and deadlines. Pure.

`standing` is all that is known of a deployment, `deployment` files it, and `phase` says
where it stands. What people want of one: `requests`, `again`, `reviews` (`approvals`
counts them), `confirming`, and for the rest `decisions`. What is due when an answer
stays out: `deadlines`, by `limits` and `patience`, and `reasons` tells people of it.
Streams of their own are a `repository`, a `lock`, a `hold`, a `remote_status`, whose
`commands` other services answer, by their `command_deadlines`; and an `authorization`.
`access` says who may use Gitploy, `delivery` how well a team delivers.
"""
