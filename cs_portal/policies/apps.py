from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "cs_portal.policies"
    label = "policies"
