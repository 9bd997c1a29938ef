"""Pages of the clinic."""

from flask import Blueprint

blueprint = Blueprint("clinic", __name__, url_prefix="/clinic")
