"""How the merchant works: what owners and admins configure."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from cs_portal.console.views.settings import connection, incoming, index, own, pairs, profile, storefronts, team

_storefront: list[URLPattern] = [
    path("", storefronts.storefront, name="storefront"),
    path("install/", storefronts.storefront_install, name="storefront_install"),
    path("switch/", storefronts.storefront_switch, name="storefront_switch"),
    path("secret/", storefronts.show_secret, name="storefront_secret"),
    path("rotate-secret/", storefronts.rotate_secret, name="storefront_rotate_secret"),
]

_member: list[URLPattern] = [
    path("role/", team.member_role, name="member_role"),
    path("remove/", team.member_remove, name="member_remove"),
    path("restore/", team.member_restore, name="member_restore"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", index.settings, name="settings"),
    path("profile/", profile.profile, name="profile"),
    path("hours/", profile.hours, name="hours"),
    path("hours/holidays/", profile.holidays_add, name="holidays_add"),
    path("hours/holidays/restore/", profile.holiday_restore, name="holiday_restore"),
    path("hours/holidays/<uuid:holiday_id>/remove/", profile.holiday_remove, name="holiday_remove"),
    path("storefronts/", storefronts.storefront_list, name="storefronts"),
    path("storefronts/new/", storefronts.storefront_new, name="storefront_new"),
    path("storefronts/<uuid:storefront_id>/", include(_storefront)),
    path("team/", team.team, name="team"),
    path("team/invite/", team.member_invite, name="member_invite"),
    path("team/invitations/<uuid:invitation_id>/resend/", team.invitation_resend, name="invitation_resend"),
    path("team/invitations/<uuid:invitation_id>/revoke/", team.invitation_revoke, name="invitation_revoke"),
    path("team/<uuid:member_id>/", include(_member)),
    path("notifications/", own.notifications, name="notifications"),
    path("notifications/save/", own.notifications_save, name="notifications_save"),
    path("shop/", connection.shop_connection, name="shop_connection"),
    path("shop/webhook/", connection.shop_connect_webhook, name="shop_connect_webhook"),
    path("shop/shopify/", connection.shop_connect_shopify, name="shop_connect_shopify"),
    path("shop/disconnect/", connection.shop_disconnect, name="shop_disconnect"),
    path("shop/try/", connection.shop_try, name="shop_try"),
    path("incoming/", incoming.shop_incoming, name="shop_incoming"),
    path("incoming/<uuid:sender_id>/stop/", incoming.shop_incoming_stop, name="shop_incoming_stop"),
    path("second-approval/", pairs.pairs, name="pairs"),
    path("second-approval/lift/", pairs.pair_lift, name="pair_lift"),
    path("two-step/", own.two_step, name="two_step"),
    path("two-step/require/", own.two_step_require, name="two_step_require"),
]
