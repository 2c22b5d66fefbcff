"""What the verifier asks GitHub, in GraphQL.

`GATE` is the one question of a verification. It reads `deploy.yml` at the head of the
default branch, never at the ref that it rules, and it takes the ref by its full name,
so that a branch and a tag of one name can't be mixed up; it also asks whether there
are both. The other two ask on where that answer ended.
"""

from typing import Final

#: So many contexts, and as many suites, come at once. GitHub gives out no more.
PAGE: Final = 100

_REPORTED: Final = """
fragment Reported on Commit {
  checkSuites(first: 100, after: $suites) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      status
      app { name }
      workflowRun { event }
      checkRuns(first: 1) { totalCount }
    }
  }
  statusCheckRollup {
    contexts(first: 100, after: $contexts) {
      pageInfo { hasNextPage endCursor }
      nodes {
        __typename
        ... on CheckRun {
          name status conclusion startedAt
          checkSuite { id workflowRun { event } }
        }
        ... on StatusContext { context state }
      }
    }
  }
}
"""

GATE: Final = (
    """
query DeployGate(
  $owner: String!, $name: String!, $ref: String!, $byId: Boolean!, $head: String!,
  $branch: String!, $tag: String!, $path: String!, $suites: String, $contexts: String
) {
  repository(owner: $owner, name: $name, followRenames: true) {
    databaseId nameWithOwner url
    defaultBranchRef {
      name
      target {
        oid
        ... on Commit {
          file(path: $path) { object { ... on Blob { isBinary isTruncated text } } }
        }
      }
      compare(headRef: $head) { behindBy aheadBy headTarget { oid } }
    }
    named: ref(qualifiedName: $ref) @skip(if: $byId) { target { ...Target } }
    direct: object(expression: $ref) @include(if: $byId) { ...Target }
    branch: ref(qualifiedName: $branch) { name }
    tag: ref(qualifiedName: $tag) { name }
  }
}
fragment Target on GitObject {
  __typename oid
  ...Made
  ...Reported
  ... on Tag { target { __typename oid ...Made ...Reported } }
}
fragment Made on Commit { committedDate author { name user { login } } }
"""
    + _REPORTED
)

#: A commit, or a tag that is peeled further, by its id.
OBJECT: Final = (
    """
query DeployGateObject(
  $owner: String!, $name: String!, $oid: GitObjectID!,
  $suites: String, $contexts: String
) {
  repository(owner: $owner, name: $name, followRenames: true) {
    databaseId nameWithOwner
    object(oid: $oid) {
      __typename oid
      ...Reported
      ... on Tag { target { __typename oid ...Reported } }
    }
  }
}
"""
    + _REPORTED
)

COMPARE: Final = """
query DeployGateCompare($owner: String!, $name: String!, $head: String!) {
  repository(owner: $owner, name: $name, followRenames: true) {
    databaseId nameWithOwner
    defaultBranchRef { compare(headRef: $head) { behindBy aheadBy headTarget { oid } } }
  }
}
"""
