"""What the codes of notes mean, in the words of a report."""

NOTES = {
    "assignee_not_checked": "owners are given by name; whether the team has them is only known online",
    "avatar_unverifiable": "pictures were given before; the service shows its own copy, so they are not sent again",
    "channel_not_written": "further phones or addresses were NOT written (not available in this version)",
    "extension_dropped": "phones had an extension, which was left out",
    "float_suffix": "phones had a decimal suffix (.0) from a spreadsheet and were recovered",
    "international_digits": "phones were international digits without a plus",
    "list_added": "contacts were added to lists",
    "list_unverifiable": "contacts were added to lists by an earlier import, which cannot be read and is not repeated",
    "newest_of_several": "phones belong to several contacts; the newest of them was taken (import.on_conflict)",
    "nul_removed": "texts held a zero byte, which was taken out",
    "opt_in_refused": "rows would opt a contact back in; refused (see --allow-opt-in)",
    "opt_out_assumed": "opt-outs were set, because it was not saved whether these contacts were opted out",
    "opt_out_in_rejected": "contacts are opted out because a rejected or skipped row with their phone says so",
    "opt_out_kept": "opt-outs of superseded duplicates were kept",
    "opt_out_not_applied": "opt-outs were NOT applied, because on_existing is skip",
    "opt_out_unverifiable": "contacts were opted out by an earlier import, which cannot be read; they are unedited",
    "opt_out_stays": "opt-outs that the run set stay: an undo relaxes none",
    "recreated": "contacts are made anew: under a new ID, without their conversation history",
    "sci_notation_recovered": "phones were in scientific notation and were recovered without loss",
    "tags_cut": "rows have more than 5 tags; only the first 5 are taken (import.too_many_tags)",
    "tags_not_checked": "rows have tags by name; whether the account has them is only known online",
    "tags_not_saved": "tags are not restored, because this account does not show a contact's tags",
    "tags_unreadable": "rows have tags that were not written, because this account does not show a contact's tags",
    "unwrapped": "phones were wrapped for a spreadsheet and were unwrapped",
}
"""What was recovered, recognised or left out."""

WARNINGS = {
    "country_unknown": "countries were not recognised; the default region was used",
    "date_like": "phones are written like a date",
    "first_of_two": "cells held two phones; the first was taken (import.two_numbers)",
    "list_refused": "contacts were NOT added to lists: the service refused; look at the list IDs",
    "list_unknown": "contacts may or may not be on their lists: an answer was lost, and it is not sent twice",
    "region_assumed": "phones had no country code; the region was assumed",
    "repeated_country_code": "phones repeat the country code; libphonenumber reads them all the same",
    "shared_phone": "phones stand on so many rows that they may be placeholders (import.shared_phone_rows)",
}
"""What is valid and doubtful; import.reject_doubtful turns each of them into a reject."""

CODES = {
    "absent": "not there",
    "bad_boolean": "neither yes nor no",
    "bad_date": "not a date as the mapping expects it",
    "bad_email": "not an e-mail address",
    "bad_number": "not a number",
    "bad_status": "not a status that can be set",
    "bad_url": "not a web address",
    "blank_row": "blank row",
    "created": "the run created it; --delete-created deletes it",
    "duplicate_in_file": "another row has the same phone and counts",
    "invalid": "no such phone number exists",
    "missing": "no phone number",
    "older_than_run": "it was there before the run",
    "phone_changed": "the run gave it another phone",
    "ragged_row": "too few or too many cells",
    "repeated_header": "the header again",
    "sci_notation_lossy": "a spreadsheet rounded the phone number",
    "shared_phone": "one phone on too many rows",
    "skip_where": "left out by the settings",
    "stale": "edited since",
    "suspicious_multiline": "a cell over many lines: a stray quote",
    "text_too_long": "text too long",
    "too_long": "phone number too long",
    "too_many_tags": "more than 5 tags",
    "too_short": "phone number too short",
    "totals_row": "a line of totals",
    "two_numbers": "two phone numbers in one cell",
    "undecodable": "bytes that are not of the file's encoding",
    "unknown_member": "nobody of that name in the team",
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
