from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class CoreConfig(AppConfig):
    name = "cs_portal.core"
    label = "core"

    def ready(self) -> None:
        from cs_portal.core.lookups import register
        from cs_portal.core.triggers import drop_triggers, install_triggers

        register()
        pre_migrate.connect(drop_triggers, sender=self, dispatch_uid="core.drop_triggers")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="core.install_triggers")

        # Every app's tasks register their job handlers, in web processes, too: enqueueing looks the queue up there.
        from django.utils.module_loading import autodiscover_modules

        autodiscover_modules("tasks")
