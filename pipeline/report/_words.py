"""What codes, notes and field names mean, in words that a person reads."""

from collections.abc import Mapping

from pipeline.showing import quoted

NOTES = {
    "assignee_not_checked": "owners are given by name; whether the team has them is only known online",
    "avatar_unverifiable": "pictures were given before; the service shows its own copy, so they are not sent again",
    "cells_restored": "rejects were taken with cells as they were before a spreadsheet converted them; to have a row"
    " taken as it stands, empty its _seal",
    "channel_added": "further phones or addresses were added",
    "channel_ignored": "further phones or addresses were answered as added and are NOT there: look at these contacts",
    "channel_invalid": "further phones or addresses are none and were left out",
    "channel_refused": "further phones or addresses were refused by the service",
    "channel_removed": "further phones or addresses were added by an earlier import and removed by somebody since; they"
    " are not added again",
    "channel_unproved": "further phones or addresses were sent, and the service does not show whether they are there",
    "channel_unknown": "further phones or addresses got no answer; it is not known whether they are there",
    "extension_dropped": "phones had an extension, which was left out",
    "field_gone": "values were NOT restored, because the account has no such custom field any more",
    "float_suffix": "phones had a decimal suffix (.0) from a spreadsheet and were recovered",
    "international_digits": "phones were international digits without a plus",
    "list_added": "contacts were added to lists",
    "list_unverifiable": "contacts were added to lists by an earlier import, which cannot be read and is not repeated",
    "block_failed": "contacts were to be blocked and are NOT: block them in the web app",
    "block_unproved": "contacts were to be blocked, and the service does not show whether they are",
    "blocked": "contacts were blocked",
    "unblocked": "contacts were unblocked",
    "unblock_failed": "contacts were to be unblocked and are still blocked",
    "unblock_refused": "rows would unblock a contact; refused (see --allow-unblock)",
    "unblock_unproved": "contacts were to be unblocked, and the service does not show whether they are",
    "channels_stay": "further phones or addresses stay: they cannot be seen, or do not go; look at these contacts",
    "channels_taken_back": "contacts lost the further phones and addresses that the run had given them",
    "came_back_kept": "contacts may be texted although an older no is known; accepted (import.came_back)",
    "came_back_opted_out": "contacts may have been texted although an older no is known; opted out (import.came_back)",
    "matched_by_channel": "contacts without a phone were deleted and made anew since; they were found by an address",
    "matched_by_email": "rows were matched by e-mail; their phone becomes a further one of the contact",
    "matched_by_phone": "contacts were deleted and made anew since; they were found by their phone, under a new ID",
    "needs_uuid": "further phones or addresses could not be added, because the service did not show the contact's UUID",
    "newer_unreadable": "contacts may be texted although a newer snapshot, which may know better, cannot be read",
    "newest_of_several": "phones belong to several contacts; the newest of them was taken (import.on_conflict)",
    "nul_removed": "texts held a zero byte, which was taken out",
    "opt_in_refused": "rows would opt a contact back in; refused (see --allow-opt-in)",
    "opt_out_assumed": "opt-outs were set, because it was not saved whether these contacts were opted out",
    "opt_out_in_rejected": "contacts are opted out because a rejected or skipped row with their phone says so",
    "opt_out_in_phone": "phone cells say that the person wants no texts ('DO NOT TEXT'); these contacts are opted out",
    "opt_out_kept": "opt-outs of superseded duplicates were kept",
    "opt_out_not_applied": "opt-outs of rows that are not imported were NOT applied: look at these contacts by hand",
    "opt_out_recalled": "contacts were made opted out, because an older no is known (hmpipe consent list)",
    "opted_out_again": "contacts may have been texted and are opted out again; some may have come back by themselves",
    "opted_out_by_list": "contacts are opted out, because they stand on a do-not-contact list (hmpipe consent add)",
    "opt_out_remembered": "people said opted out and have no contact yet; one that is imported later is opted out",
    "opt_out_unsure": "rows MAY say opted out (not understood, or under a wrong heading): look at each person by hand",
    "opted_out_of_rejected_row": "contacts were opted out, because a rejected or skipped row says so",
    "rejected_says_opted_out": "rejected rows say opted out, which counts all the same where their phone has a contact",
    "skipped_says_opted_out": "rows that skip_where leaves out say opted out (see import.skipped_opt_outs)",
    "opt_out_unverifiable": "contacts were opted out by an earlier import, which cannot be read; they are unedited",
    "opt_out_stays": "opt-outs that the run set stay: an undo relaxes none",
    "opted_out_since": "opt-outs were set, because a newer snapshot knows these contacts as opted out",
    "phone_stays": "contacts have another phone now, which stays; everything else of them was put back",
    "owner_gone": "owners were NOT restored, because they are not in the team any more",
    "recreated": "contacts are made anew: under a new ID, without their conversation history",
    "sci_notation_recovered": "phones were in scientific notation and were recovered without loss",
    "tag_gone": "tags were NOT restored, because the account does not have them any more",
    "tags_cut": "rows have more than 5 tags; only the first 5 are taken (import.too_many_tags)",
    "tags_not_checked": "rows have tags by name; whether the account has them is only known online",
    "tags_not_saved": "tags are not restored, because this account does not show a contact's tags",
    "tags_unreadable": "rows have tags that were not written, because this account does not show a contact's tags",
    "label_dropped": "phones had a word such as (home) beside them; it is no part of the number",
    "old_prefix_dropped": "Mexican phones had a prefix that is no longer dialled (1, 01, 044, 045); it was left out",
    "unwrapped": "phones were wrapped for a spreadsheet and were unwrapped",
}
"""What was recovered, recognised or left out."""

AUTOMATIONS = "Creating a contact can start automations of the account; the API has no switch for that."
"""Said wherever contacts are made. Source: docs/api.md, section Automations and other writers."""

WARNINGS = {
    "consent_column": "columns may say who must not be texted and are not read (CONSENT, above)",
    "came_back": "contacts may be texted although an older no is known: decide (came_back.csv, import.came_back)",
    "country_unknown": "countries were not recognised; these phones say their own",
    "html_entities": "texts hold HTML (&amp; or &#039;) and are written as they stand; html_unescape mends them",
    "mojibake": "texts look like Jos\u00c3\u00a9 for Jos\u00e9: they were spoilt before this file was made, and are"
    " written as they stand; the transform fix_text mends them",
    "error_value": "cells held the error of a spreadsheet's formula (#NAME?, #REF!, ####) and count as blank; mend"
    " the sheet",
    "existed_meanwhile": "contacts were made by somebody else meanwhile and were updated; an undo keeps them",
    "field_left_out": "cells were wrong and were left out of their contacts (import.on_bad_field); an import lists them"
    " in warnings.csv",
    "null_word": "cells hold a word such as null, None or - that may mean blank; if it does, add it to"
    " import.null_values",
    "row_padded": "rows had fewer cells than the header; the missing ones at their end count as blank"
    " (import.short_rows)",
    "date_like": "phones are written like a date",
    "duplicate_names_differ": "phones stand on several rows that name different people; one of them counts"
    " (import.duplicates; results.csv names the others)",
    "first_of_two": "cells held two phones; the first was taken (import.two_numbers)",
    "list_refused": "contacts were NOT added to lists: the service refused; look at the list IDs",
    "list_unknown": "contacts may or may not be on their lists: an answer was lost, and it is not sent twice",
    "region_assumed": "phones had no country code and no country beside them; import.default_region was assumed",
    "repeated_country_code": "phones repeat the country code; libphonenumber reads them all the same",
    "seal_unreadable": "rejects have a _seal that was damaged; they were taken as they stand, so look whether a"
    " spreadsheet changed their numbers or dates",
    "shared_phone": "phones stand on so many rows that they may be placeholders (import.shared_phone_rows)",
}
"""What is valid and doubtful; import.reject_doubtful turns each that is about phones into a reject."""

CODES = {
    "absent": "not there",
    "bad_object": "no vCard, or no JSON object",
    "bad_boolean": "neither yes nor no",
    "bad_date": "not a date as the mapping expects it",
    "bad_email": "not an e-mail address",
    "bad_number": "not a number",
    "bad_status": "not a status that can be set",
    "came_back": "contacts may be texted although an older no is known: decide (came_back.csv, import.came_back)",
    "erased": "the person was forgotten (hmpipe find --forget)",
    "country_unknown": "the country beside the phone is not understood",
    "bad_url": "not a web address",
    "blank_row": "blank row",
    "control_characters": "control characters, as of a wrong encoding",
    "created": "the run created it; --delete-created deletes it",
    "duplicate_in_file": "another row has the same phone and counts",
    "footer_row": "below the table: a copyright, a count, who made the report",
    "invalid": "not a phone number that exists",
    "missing": "no phone number",
    "not_in_snapshot": "asked for, and not in the snapshot",
    "older_than_run": "it was there before the run",
    "bad_uuid": "not a UUID",
    "id_unsure": "named by an ID alone, and that contact has other names",
    "unknown_id": "the account has no contact with this ID",
    "channel_of_another": "it has no phone, and another contact has an address of its",
    "without_channel": "it had no phone, no address and nothing else to make it from",
    "phone_changed": "the run gave it another phone",
    "phone_moved": "it has another phone, and somebody else has its old one",
    "phone_of_another": "it is gone, and another contact of the snapshot has its phone",
    "phone_removed": "it is still there, without a phone",
    "phone_reused": "it is gone, and a contact of other names has its phone (--match-phone)",
    "ragged_row": "too few or too many cells",
    "repeated_header": "the header again",
    "sci_notation_lossy": "a spreadsheet rounded the phone number",
    "shared_phone": "one phone on too many rows",
    "skip_where": "left out by the settings",
    "region_unknown": "no country code, and no region is known for the phone (import.default_region)",
    "stale": "edited since",
    "stray_quote": "a backslash beside a quote",
    "suspicious_multiline": "a cell over many lines: a stray quote",
    "text_too_long": "text too long",
    "too_long": "phone number too long",
    "too_many_tags": "more than 5 tags",
    "too_short": "phone number too short",
    "totals_row": "a line of totals",
    "two_numbers": "two phone numbers in one cell",
    "undecodable": "bytes that are not of the file's encoding",
    "unknown_member": "nobody of that name in the team",
    "value_unmapped": "a word that the map of its column does not name",
    "unknown_tag": "no such tag in the account",
    "vanity_letters": "letters in the phone number",
}
"""Why a row was rejected or skipped, in a few words."""

FIELDS = {
    "assignee_id": "Owner",
    "avatar": "Picture",
    "display_name": "Display name",
    "email": "E-mail",
    "first": "First name",
    "is_opted_out": "Opted out",
    "last": "Last name",
    "tags": "Tags",
}
"""What a person calls the standard fields."""


def note_text(note: str) -> str:
    """Return what a note means."""
    name, _, detail = note.partition(":")
    if name == "phone_from":
        return f"phones came from the column {quoted(detail)}, because those before it had no valid one [phone_from]"
    if name == "email_from":
        return (
            f"addresses came from the column {quoted(detail)}, because those before it had no correct one [email_from]"
        )
    text = {**NOTES, **WARNINGS}.get(name, _spelled(name))
    return f"{text} [{name}]"


def code_text(code: str) -> str:
    """Return why a row was rejected or skipped, in a few words."""
    return CODES.get(code, _spelled(code))


def split_codes(codes: Mapping[str, int], skipped: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the counts of rows that were not taken, and of those that were skipped; `codes` counts both."""
    left = {code: count - skipped.get(code, 0) for code, count in codes.items()}
    return {code: count for code, count in left.items() if count > 0}, dict(skipped)


def delimiter_name(delimiter: str) -> str:
    """Return what a person calls a delimiter."""
    return {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(delimiter, quoted(delimiter))


def _spelled(name: str) -> str:
    return name.replace("_", " ")
