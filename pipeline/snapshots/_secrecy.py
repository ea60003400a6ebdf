"""Encrypted contacts are not copied to plain files."""

from pipeline.errors import SettingsError
from pipeline.snapshots._compose import chain_of
from pipeline.snapshots._publish import SnapshotFormat
from pipeline.snapshots._snapshot import Snapshot


def refuse_plain_copy(snapshot: Snapshot, form: SnapshotFormat, way_out: str = "") -> None:
    """Raise SettingsError where contacts of an encrypted snapshot, or of one that it builds on, would lie in plain.

    `form` is how the copy is to be written; `way_out` is a sentence that says how else it could be done. Raises
    InputError for a chain that is damaged.
    """
    if form.encryptor:
        return
    for link in chain_of(snapshot):
        if link.manifest.encryption != "none":
            raise SettingsError(
                f"{link.where} is encrypted, and export.encryption is not set: its contacts would lie there in plain."
                " Nothing was written.",
                advice=f'Set export.encryption to "age" (--set export.encryption=age). {way_out}'.strip(),
            )
