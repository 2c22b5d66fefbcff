"""What may be wrong with an installation, looked at from outside."""

from gitploy.doctoring.finding import Finding as Finding
from gitploy.doctoring.gateway import of_gateway as of_gateway
from gitploy.doctoring.gateway import of_repository as of_repository
from gitploy.doctoring.github import of_github as of_github
