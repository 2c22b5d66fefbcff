"""Every metric that all services have, in one place."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

messages_handled = Counter(
    "gitploy_messages_handled_total",
    "Deliveries, by event and what became of them (done, later, back, dead; dropped).",
    ["event", "outcome"],
)
message_seconds = Histogram(
    "gitploy_message_handling_seconds",
    "How long a handler took.",
    ["event"],
    buckets=SECONDS,
)
messages_unreadable = Counter(
    "gitploy_messages_unreadable_total",
    "Deliveries that could not be read; events among them are dead letters.",
    ["service"],
)
questions_asked = Counter(
    "gitploy_questions_asked_total",
    "Questions, by what became of them (answered, unanswered, unavailable).",
    ["question", "outcome"],
)
question_seconds = Histogram(
    "gitploy_question_seconds",
    "How long an answer took to come.",
    ["question"],
    buckets=SECONDS,
)
hints_lost = Counter(
    "gitploy_hints_lost_total",
    "Hints that the bus did not carry; what they hint at is found later.",
    ["hint"],
)
events_relayed = Counter(
    "gitploy_events_relayed_total",
    "Events that the broker has confirmed.",
    ["service"],
)
outbox_age_seconds = Gauge(
    "gitploy_outbox_age_seconds",
    "Age of the oldest event that the broker has not confirmed yet.",
    ["service"],
)
github_call_seconds = Histogram(
    "gitploy_github_call_seconds",
    "Calls to GitHub, by method, route and status (0: no answer).",
    ["method", "route", "status"],
    buckets=SECONDS,
)
extra_deployments = Counter(
    "gitploy_extra_deployments_total",
    "GitHub's deployments with our marker that were one too many, set to error.",
)
