"""A proposal as a commented settings file that can be used as it is, and as a person reads it on a terminal."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pipeline.reader._toml import toml
from pipeline.reader.consent import suggested_lines
from pipeline.reader.proposal._proposal import ColumnProposal, Proposal
from pipeline.showing import quoted

_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def settings_text(proposal: Proposal, *, source_name: str, read: Mapping[str, object]) -> str:
    """Return the text of a settings file. `read` are reading options that must be said ("encoding", "header", ...)."""
    what = f" ({proposal.layout})" if proposal.layout else ""
    lines = [
        f"# Made by 'hmpipe init' from {_comment(source_name)}{_comment(what)}. Look it over, then:",
        "#   hmpipe check FILE   hmpipe plan FILE   hmpipe import FILE",
        "",
        "[account]",
        'name = "main"                        # a name of your choice for this account',
        'base_url = "https://api.heymarket.com"',
        "",
        "[limits]",
        "requests_per_minute = 450            # below the service's limit of 500",
        "concurrency = 8                      # requests in flight at once",
        "",
        "[import]",
        'on_existing = "merge"                # skip | fill | merge | overwrite: what is done to contacts that exist',
        *_region_lines(proposal),
        'duplicates = "last"                  # last | first | merge | reject: rows that share a phone',
        "max_reject_rate = 0.5                # refuse the file when more of it is rejected; nothing is sent then",
    ]
    lines += [f"{key} = {toml(value)}" for key, value in {**proposal.read, **read}.items()]
    if proposal.country_column:
        lines.append(f"country_column = {toml(proposal.country_column)}   # the country of each row's phones")
    if proposal.skip_where:
        lines.append(f"skip_where = {toml(proposal.skip_where)}   # these rows are not to be imported")
    lines.append(_questions_line(proposal))
    lines += ["", "[import.columns]                     # column = target; the first valid phone wins, in this order"]
    lines += _question_lines(proposal)
    lines += [_mapping_line(column) for column in proposal.columns if column.target is not None]
    lines += _left_out(proposal.columns)
    lines += ["", "[paths]", 'runs = "runs"', 'snapshots = "snapshots"', ""]
    return "\n".join(lines)


def _region_lines(proposal: Proposal) -> list[str]:
    asked = [f"# {_comment(proposal.region_question)}"] if proposal.region_question else []
    return [*asked, f"default_region = {toml(proposal.region):<18} # {_comment(proposal.region_reason)}"]


def _questions_line(proposal: Proposal) -> str:
    asked = toml([column.key for column in proposal.questions])
    said = "no import begins until each has a line in [import.columns]" if proposal.questions else "nothing is asked"
    return f"consent_question = {asked}   # columns that may say who must not be texted: {said}"


def _question_lines(proposal: Proposal) -> list[str]:
    lines = []
    for column in proposal.questions:
        lines.append(f"# {_comment(column.key)}: {_comment(column.reason)} Take the # away from ONE of these lines:")
        lines += [f"# {line}" for line in _answers(column)]
    return [*lines, ""] if lines else []


def _answers(column: ColumnProposal) -> Iterator[str]:
    if column.verdict:
        yield from map(_comment, suggested_lines(column.key, column.verdict))


def _left_out(columns: Sequence[ColumnProposal]) -> list[str]:
    custom = [column for column in columns if column.custom]
    other = [column for column in columns if column.target is None and not column.custom and not column.asks]
    lines = []
    if custom:
        lines += ["", "# Columns for custom fields. Take the # away where the account has a field of that title:"]
        lines += [
            f"# {toml(column.key)} = {toml({'custom': ' '.join(_comment(column.header).split())})}" for column in custom
        ]
    if other:
        lines += ["", "# Not imported:"]
        lines += [f"# {toml(column.key)}: {_comment(column.reason)}" for column in other]
    return lines


def _mapping_line(column: ColumnProposal) -> str:
    mapping = f"{toml(column.key)} = {toml(column.target)}"
    return f"{mapping:<36} # {column.confidence}: {_comment(column.reason)}"


def _comment(text: str) -> str:
    """A text that can stand in a comment of TOML, or in the name of a field."""
    return _CONTROL.sub("?", text)


def proposal_text(proposal: Proposal, source_name: str, settings_path: str = "") -> str:
    """Return what was recognised, for a person."""
    what = proposal.layout or "no layout that is known; its columns were judged by name and by what they hold"
    lines = [f"{source_name}: {what}"]
    for column in proposal.questions:
        lines.append(f"LOOK AT THIS FIRST: {quoted(column.key)}: {column.reason}")
        lines += [f"    {line}" for line in _answers(column)]
    if proposal.questions:
        where = settings_path or "the settings"
        lines.append(f"  Choose one of the lines for each, in {where}: no import begins before that.")
    shown = [column for column in proposal.columns if column.target is not None]
    width = min(max((len(column.key) for column in shown), default=0), 32)
    for column in shown:
        examples = f"   e.g. {', '.join(column.examples)}" if column.examples else ""
        goes = f"{column.key[:32]:<{width}} -> {_target_text(column.target):<14}"
        lines.append(f"  {goes} {column.confidence:<6} {column.reason}{examples}")
    fields = proposal.custom_fields
    if fields:
        named = ", ".join(fields[:8]) + (f" and {len(fields) - 8} more" if len(fields) > 8 else "")
        lines.append(f"  Could go to custom fields, if the account has them: {named}")
    left = [
        column.key for column in proposal.columns if column.target is None and not column.custom and not column.asks
    ]
    if left:
        named = ", ".join(left[:8]) + (f" and {len(left) - 8} more" if len(left) > 8 else "")
        lines.append(f"  Not imported: {named}")
    lines.append(
        f"LOOK AT THIS FIRST: {proposal.region_question}"
        if proposal.region_question
        else f"Default region {proposal.region or 'none'}: {proposal.region_reason}."
    )
    if proposal.country_column:
        lines.append(f"The country of each row is read from {quoted(proposal.country_column)}.")
    if settings_path:
        lines.append(f"Settings: {settings_path}. Look them over, then run 'hmpipe check' with the same file.")
    return "\n".join(lines)


def _target_text(target: object) -> str:
    if isinstance(target, Mapping):
        return str(target.get("to") or next(iter(target)))
    if isinstance(target, list):
        return " + ".join(_target_text(item) for item in target)
    return str(target)
