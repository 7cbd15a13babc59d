"""Files into rows: ``reading``, ``records`` (shaping), ``checks``, ``writing``.

Every kind of file ends in canonical documents; CSV is their flat form, JSON Lines holds them as they are.
"""
