"""Material requirements planning: from order lines to work orders, planned orders and pegs."""

from domain.mrp.explosion import Explosion, explode
from domain.mrp.replace import mrp_changes

__all__ = ["Explosion", "explode", "mrp_changes"]
