"""How GitHub words what it answers: records and git's facts in, JSON out."""

from github_sandbox.shapes.deployments import deployment as deployment
from github_sandbox.shapes.deployments import deployment_status as deployment_status
from github_sandbox.shapes.hooks import hook as hook
from github_sandbox.shapes.hooks import hook_config as hook_config
from github_sandbox.shapes.links import Links as Links
from github_sandbox.shapes.links import node_id as node_id
from github_sandbox.shapes.repository import full_repository as full_repository
from github_sandbox.shapes.repository import own_repository as own_repository
from github_sandbox.shapes.repository import repository as repository
from github_sandbox.shapes.users import collaboration as collaboration
from github_sandbox.shapes.users import organization as organization
from github_sandbox.shapes.users import permissions as permissions
from github_sandbox.shapes.users import profile as profile
from github_sandbox.shapes.users import user as user
from github_sandbox.shapes.workflows import workflow_of as workflow_of
