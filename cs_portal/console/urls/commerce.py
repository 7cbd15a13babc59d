"""Products, orders, shoppers and imports."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from cs_portal.console.views.commerce import acting, cards, imports, orders, products, shoppers

urlpatterns: list[URLPattern | URLResolver] = [
    path("cards/<uuid:conversation_id>/", cards.cards_found, name="cards_found"),
    path("products/", products.products, name="products"),
    path("products/<uuid:product_id>/", products.product, name="product"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("orders/<uuid:order_id>/actions/", acting.order_actions, name="order_actions"),
    path("orders/<uuid:order_id>/act/<slug:action_kind>/", acting.order_act, name="order_act"),
    path("orders/actions/<uuid:action_id>/approve/", acting.order_action_approve, name="order_action_approve"),
    path("orders/actions/<uuid:action_id>/withdraw/", acting.order_action_withdraw, name="order_action_withdraw"),
    path("orders/actions/<uuid:action_id>/check/", acting.order_action_check, name="order_action_check"),
    path("orders/exchanges/<uuid:exchange_id>/ended/", acting.exchange_ended, name="exchange_ended"),
    path("orders/returns/<uuid:return_id>/closed/", acting.return_closed, name="return_closed"),
    path("orders/returns/<uuid:return_id>/received/", acting.return_received, name="return_received"),
    path("shoppers/", shoppers.shoppers, name="shoppers"),
    path("shoppers/<uuid:shopper_id>/", shoppers.shopper, name="shopper"),
    path("imports/", imports.imports, name="imports"),
    path("imports/templates/<slug:import_kind>.csv", imports.import_template, name="import_template"),
    path("imports/<uuid:import_id>/", imports.import_run, name="import"),
    path("imports/<uuid:import_id>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<uuid:import_id>/read-as/", imports.import_read_as, name="import_read_as"),
    path("imports/<uuid:import_id>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<uuid:import_id>/undo/", imports.import_undo, name="import_undo"),
    path("export/<slug:import_kind>/", imports.export, name="export"),
    path("imports/<uuid:import_id>/discard/", imports.import_discard, name="import_discard"),
    path("imports/<uuid:import_id>/problems.csv", imports.import_problems, name="import_problems"),
]
