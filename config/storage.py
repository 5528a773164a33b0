"""Static files under hashed names, so that browsers may keep them for good."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModulesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports inside our ES modules to hashed names; else a new release would mix with a kept old module."""

    support_js_module_import_aggregation = True
