"""The API's published description, and a page to browse it: all made of the table."""

from .assets import Assets as Assets
from .document import document as document
from .routes import Published as Published
