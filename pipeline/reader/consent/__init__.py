"""Columns that may say who must not be texted: recognised by their headers and cells, in nine languages."""

from pipeline.reader.consent._beside import has_letters, without_opt_outs
from pipeline.reader.consent._columns import judge_columns
from pipeline.reader.consent._gate import (
    column_key,
    judge_later,
    judge_unmapped,
    refuse_new,
    refuse_unanswered,
    suggested_lines,
    unanswered,
)
from pipeline.reader.consent._judge import judge, says_consent
from pipeline.reader.consent._verdict import IGNORE, OPTED_OUT, Kind, Suggestion, Verdict
from pipeline.reader.consent._watch import ConsentWatch

__all__ = [
    "IGNORE",
    "OPTED_OUT",
    "ConsentWatch",
    "Kind",
    "Suggestion",
    "Verdict",
    "column_key",
    "has_letters",
    "judge",
    "judge_columns",
    "judge_later",
    "judge_unmapped",
    "refuse_new",
    "refuse_unanswered",
    "says_consent",
    "suggested_lines",
    "unanswered",
    "without_opt_outs",
]
