"""Products, orders, shoppers and imports."""
