"""Rulesets, their versions and the tester."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from cs_portal.console.views.policies import editor, overview, publish, rule, simulation, tester, whole

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="policies"),
    path("test/", tester.tester, name="policy_test"),
    path("templates/", whole.templates, name="rule_templates"),
    path("simulations/", simulation.simulation_list, name="simulations"),
    path("simulations/<uuid:simulation_id>/", simulation.simulation, name="simulation"),
    path("simulations/<uuid:simulation_id>/cancel/", simulation.cancel, name="simulation_cancel"),
    path("simulations/<uuid:simulation_id>/export/", simulation.export, name="simulation_export"),
    path("versions/", overview.version_list, name="ruleset_versions"),
    path("versions/compare/", overview.comparison, name="ruleset_compare"),
    path("versions/<uuid:version_id>/", overview.version, name="ruleset"),
    path("versions/<uuid:version_id>/export/", overview.export, name="ruleset_export"),
    path("versions/<uuid:version_id>/restore/", publish.restore, name="ruleset_restore"),
    path("draft/", editor.editor, name="working_copy"),
    path("draft/begin/", editor.begin, name="working_copy_begin"),
    path("draft/rule/", rule.rule, name="working_copy_rule"),
    path("draft/arrange/", editor.arrange, name="working_copy_arrange"),
    path("draft/place/", editor.place, name="working_copy_place"),
    path("draft/whole/", whole.whole, name="working_copy_whole"),
    path("draft/reword/", editor.reword, name="working_copy_reword"),
    path("draft/touched/", editor.touched, name="working_copy_touched"),
    path("draft/undo/", editor.undo, name="working_copy_undo"),
    path("draft/discard/", editor.discard, name="working_copy_discard"),
    path("draft/import/", editor.import_page, name="working_copy_import"),
    path("draft/export/", overview.export_working_copy, name="working_copy_export"),
    path("draft/publish/", publish.publish, name="working_copy_publish"),
]
