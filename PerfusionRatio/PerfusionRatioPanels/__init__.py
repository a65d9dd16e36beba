"""The panels of the module: one file each, with a ``.ui`` of the same name in ``Resources/UI``. No arithmetic here."""
