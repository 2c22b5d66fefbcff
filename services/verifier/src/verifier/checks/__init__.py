"""Every check of a deployment: from facts to an answer, without asking anybody.

`codes.ORDER` is the list. Each check is answered, also after another has failed:
people fix everything in one go. Each answer is a sentence for somebody who is called
at night and knows neither the repository nor Gitploy: what is wrong, where, and what
to do. `verifier.domain.judgement` puts the answers together.
"""

from .codes import AUTO_DEPLOY as AUTO_DEPLOY
from .codes import COMMIT_CHECKS as COMMIT_CHECKS
from .codes import CONFIG as CONFIG
from .codes import DEPLOYABLE_REF as DEPLOYABLE_REF
from .codes import DEPLOYERS as DEPLOYERS
from .codes import ENVIRONMENT as ENVIRONMENT
from .codes import FROZEN as FROZEN
from .codes import LOCKED as LOCKED
from .codes import NEEDS as NEEDS
from .codes import ORDER as ORDER
from .codes import OVERRIDABLE as OVERRIDABLE
from .codes import PAYLOAD as PAYLOAD
from .codes import REF as REF
from .codes import REVIEW as REVIEW
from .codes import RUNNING as RUNNING
from .codes import SUPERSEDED as SUPERSEDED
from .codes import UP_TO_DATE as UP_TO_DATE
from .commits import commit_checks as commit_checks
from .commits import commit_gone as commit_gone
from .commits import not_awaited as not_awaited
from .commits import unfinished as unfinished
from .configuration import NoRules as NoRules
from .configuration import config as config
from .configuration import environment as environment
from .configuration import no_repository as no_repository
from .configuration import place as place
from .configuration import read_rules as read_rules
from .moments import frozen as frozen
from .moments import needs as needs
from .overriding import overridden as overridden
from .overriding import refuses as refuses
from .overriding import why_not as why_not
from .payloads import payload as payload
from .payloads import payload_to_come as payload_to_come
from .people import deployers as deployers
from .places import held as held
from .places import locked as locked
from .places import running as running
from .places import superseded as superseded
from .refs import deployable_ref as deployable_ref
from .refs import ref as ref
from .refs import up_to_date as up_to_date
from .reviews import dead_end as dead_end
from .reviews import other_commit as other_commit
from .reviews import review as review
from .wording import skipped as skipped
