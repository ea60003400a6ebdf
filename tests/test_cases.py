"""The small files that failed once, each a sample of a kind: what they are read as today.

The files are not part of this repository; where they do not stand beside the checkout the tests are skipped, and CI
requires them. Files without settings of their own are proposed for under the region that a person would answer.
"""

import json
from pathlib import Path

import pytest

from tests.cli.commands import hmpipe

FILES = Path(__file__).parents[2] / "shared" / "cases" / "files"

READ_AS: list[tuple[str, str, int, dict[str, int], list[str]]] = [
    (
        "01_consent_sfdc_status.csv",
        "US",
        0,
        {},
        [
            '14155550150 Ann {"is_opted_out": true}',
            '14155550151 Bob {"is_opted_out": false}',
            '14155550152 Cy {"is_opted_out": true}',
            '14155550153 Dee {"is_opted_out": false}',
        ],
    ),
    (
        "01b_consent_sms_status.csv",
        "US",
        0,
        {},
        [
            '14155551000 A0 B0 {"is_opted_out": true}',
            '14155551001 A1 B1 {"is_opted_out": false}',
            '14155551002 A2 B2 {"is_opted_out": false}',
            '14155551003 A3 B3 {"is_opted_out": true}',
        ],
    ),
    (
        "01c_optin_blank_is_textable.csv",
        "US",
        0,
        {},
        [
            "14155551000 A0 B0",
            "14155551001 A1 B1",
            "14155551002 A2 B2",
            "14155551003 A3 B3",
            "14155551004 A4 B4",
            "14155551005 A5 B5",
            "14155551006 A6 B6",
        ],
    ),
    (
        "01d_consent_mapped_to_phone.csv",
        "US",
        0,
        {},
        [
            '14155551000 A0 B0 {"is_opted_out": false}',
            '14155551001 A1 B1 {"is_opted_out": true}',
            '14155551002 A2 B2 {"is_opted_out": false}',
            '14155551003 A3 B3 {"is_opted_out": true}',
        ],
    ),
    (
        "02_base.csv",
        "US",
        0,
        {},
        [
            '14155550160 Ann Lee {"email": "a@example.com", "is_opted_out": false}',
            '14155550161 Bob Ray {"email": "b@example.com", "is_opted_out": false}',
            '14155550162 Cy Fox {"is_opted_out": false}',
        ],
    ),
    (
        "02_optout_on_rejected_row.csv",
        "US",
        3,
        {"bad_boolean": 1, "bad_email": 1},
        ['14155550161 Bob Ray {"email": "b@example.com", "is_opted_out": true}'],
    ),
    (
        "02b_base.csv",
        "US",
        0,
        {},
        [
            '14155550170 A {"is_opted_out": false}',
            '14155550171 B {"is_opted_out": false}',
            '14155550172 C {"is_opted_out": false}',
            '14155550173 D {"is_opted_out": false}',
        ],
    ),
    (
        "02b_optout_bad_date_unknown_tag.csv",
        "US",
        3,
        {"bad_date": 1, "ragged_row": 1},
        ['14155550171 B {"is_opted_out": true}', '14155550173 D {"is_opted_out": true}'],
    ),
    (
        "03_channel_ignores_country.csv",
        "US",
        0,
        {},
        [
            '5511987654321 Ann {"contact_channels": [{"channel_type": "phone", "channel_id": "552123456789"}]}',
            '525512345678 Bob {"contact_channels": [{"channel_type": "phone", "channel_id": "525587654321"}]}',
            '442079460018 Cy {"contact_channels": [{"channel_type": "phone", "channel_id": "442079460019"}]}',
        ],
    ),
    (
        "03b_channel_ignores_two_numbers.csv",
        "US",
        0,
        {},
        [
            '14155550132 Ann {"contact_channels": [{"channel_type": "phone", "channel_id": "14155550133"}]}',
            '14155550135 Bob {"contact_channels": [{"channel_type": "phone", "channel_id": "18003569377"}]}',
        ],
    ),
    (
        "04_alpha3_country.csv",
        "US",
        0,
        {"duplicate_in_file": 2},
        ["552123456789 Cy", "525512345678 Dee", "442079460018 Eve"],
    ),
    (
        "04b_alpha3_init.csv",
        "US",
        0,
        {},
        [
            "552123006789 A0",
            "552123016789 A1",
            "552123026789 A2",
            "552123036789 A3",
            "552123046789 A4",
            "552123056789 A5",
            "552123066789 A6",
            "552123076789 A7",
            "552123086789 A8",
            "552123096789 A9",
        ],
    ),
    (
        "04c_country_column_ignored_mx.csv",
        "US",
        0,
        {},
        [
            "525512345000 A0",
            "525512345001 A1",
            "525512345002 A2",
            "525512345003 A3",
            "525512345004 A4",
            "525512345005 A5",
            "525512345006 A6",
            "525512345007 A7",
        ],
    ),
    (
        "04d_country_column_ignored_br.csv",
        "US",
        0,
        {},
        [
            "552123455000 A0",
            "552123455001 A1",
            "552123455002 A2",
            "552123455003 A3",
            "552123455004 A4",
            "552123455005 A5",
            "552123455006 A6",
            "552123455007 A7",
        ],
    ),
    (
        "04e_country_ignored_mixed.csv",
        "US",
        0,
        {},
        ["14155550132 A", "12125550133 B", "525512345678 C", "552123456789 D"],
    ),
    (
        "04f_country_ignored_all_become_indian.csv",
        "US",
        0,
        {},
        ["14155550132 A", "12125550133 B", "525512345678 C", "552123456789 D", "442079460018 E"],
    ),
    (
        "05_calling_code_column_mx.csv",
        "US",
        0,
        {},
        [
            "525512345000 A0",
            "525512345001 A1",
            "525512345002 A2",
            "525512345003 A3",
            "525512345004 A4",
            "525512345005 A5",
            "525512345006 A6",
            "525512345007 A7",
            "525512345008 A8",
            "525512345009 A9",
        ],
    ),
    (
        "05b_calling_code_column_br.csv",
        "US",
        0,
        {},
        [
            "552123450000 A0",
            "552123450001 A1",
            "552123450002 A2",
            "552123450003 A3",
            "552123450004 A4",
            "552123450005 A5",
            "552123450006 A6",
            "552123450007 A7",
            "552123450008 A8",
            "552123450009 A9",
        ],
    ),
    (
        "05c_calling_code_column_in.csv",
        "US",
        0,
        {},
        [
            "919876543210 A0",
            "919876543211 A1",
            "919876543212 A2",
            "919876543213 A3",
            "919876543214 A4",
            "919876543215 A5",
            "919876543216 A6",
            "919876543217 A7",
            "919876543218 A8",
            "919876543219 A9",
        ],
    ),
    ("06_slash_at.csv", "AT", 3, {"two_numbers": 2}, ["4312345678 Cy"]),
    ("06_slash_de.csv", "DE", 3, {"two_numbers": 3}, ["49301234567 Cy"]),
    ("06_slash_fi.csv", "FI", 3, {"two_numbers": 2}, []),
    ("06_slash_id.csv", "ID", 3, {"two_numbers": 1}, []),
    ("07_bs_quote.csv", "US", 0, {}, ['14155550132 Ann "Annie" Lee', "14155550133 Bob Ray"]),
    ("07_mysql_esc.csv", "US", 0, {}, ["14155550132 Ann Lee, Jr", "14155550133 Bob", '14155550134 Cy Fo"x']),
    ("07_single_quoted.csv", "US", 0, {}, ["14155550132 Ann Lee", "14155550133 Bob Ray"]),
    ("07_smartq.csv", "US", 0, {}, ["14155550132 Ann Lee", "14155550133 Bob Ray, Jr"]),
    ("07_space_quote.csv", "US", 0, {}, ["14155550132 Ann Lee", "14155550133 Bob Ray"]),
    (
        "08_enc_cp1250.csv",
        "US",
        0,
        {},
        ["14155550130 Łukasz Wójcik", "14155550131 Jiří Dvořák", "14155550132 Zoltán Erdős"],
    ),
    (
        "08_enc_cp1250pl.csv",
        "US",
        0,
        {},
        ["14155550130 Łukasz Żak", "14155550131 Ewa Śliwa", "14155550132 Agnieszka Dąbrowska"],
    ),
    ("08_enc_cp1251.csv", "US", 0, {}, ["14155550130 Иван Петров", "14155550131 Анна Иванова"]),
    ("08_enc_cp1254.csv", "US", 0, {}, ["14155550130 Ayşe Yılmaz", "14155550131 İbrahim Çağlar"]),
    ("08_enc_cp1257.csv", "US", 0, {}, ["14155550130 Jānis Bērziņš"]),
    ("08_enc_cp437.csv", "US", 0, {}, ["14155550130 José Peña", "14155550131 Zoë Müller", "14155550132 Jürgen Weiß"]),
    ("08_enc_cp850.csv", "US", 0, {}, ["14155550130 José Peña", "14155550131 Zoë Müller", "14155550132 Renée Côté"]),
    ("08_enc_gbk.csv", "US", 0, {}, ["14155550130 伟 王", "14155550131 芳 李"]),
    ("08_enc_macroman.csv", "US", 0, {}, ["14155550130 José Peña", "14155550131 Zoë Müller", "14155550132 Renée Côté"]),
    ("08_enc_sjis.csv", "US", 0, {}, ["14155550130 太郎 山田", "14155550131 花子 鈴木"]),
    (
        "09_excel_errors.xlsx",
        "US",
        3,
        {"formula_without_value": 1, "invalid": 1},
        ["14155550132 Ann", "14155550133  Ray"],
    ),
    ("09b_excel_errors.csv", "US", 0, {}, ['14155550133 {"custom": {"Note": "null"}}']),
    (
        "10_base.csv",
        "US",
        0,
        {},
        [
            '14155550132 Ann Lee {"custom": {"Note": "hello", "Plan": "Gold"}}',
            '14155550133 Bob Ray {"custom": {"Note": "x", "Plan": "Silver"}}',
        ],
    ),
    ("10_invisible_only.csv", "US", 0, {}, ["14155550132", "14155550133 Bob Ray"]),
    ("11_hidden_first_sheet.xlsx", "US", 0, {}, ["14155550132 Ann Lee"]),
    ("11b_veryhidden_lists.xlsx", "US", 0, {}, ["14155550132 Ann Lee"]),
    ("11c_cover_sheet.xlsx", "US", 0, {}, ["14155550132 Ann Lee"]),
    (
        "12_last_comma_first.csv",
        "US",
        0,
        {},
        ["14155550132 Ann Lee", "14155550133 Bob J. Ray", "14155550134 Mary Jane O'Neil"],
    ),
    (
        "12b_titles_suffixes.csv",
        "US",
        0,
        {},
        [
            "14155550132 Ann Lee",
            "14155550133 Bob J. Ray",
            "14155550134 María José García López",
            "14155550135 Ludwig van Beethoven",
            "14155550136 Acme Plumbing Supply Co",
            "14155550137 Cher",
        ],
    ),
    (
        "13_number_formats.xlsx",
        "US",
        0,
        {},
        [
            '14155550132 Ann {"custom": {"100": "02134", "101": "0000123", "102": "15%", "103": "2023-04-01", "104": "09:30:00", "105": "2023-04-01 09:30:00", "106": "1234567890123456", "107": "1234.5"}}'
        ],
    ),
    ("14_x000d.xlsx", "US", 0, {}, ['14155550132 Ann Lee {"custom": {"100": "Line 1\\r\\nLine 2"}}']),
    ("15_short_rows.csv", "US", 3, {"ragged_row": 2}, ["14155550132 Ann Lee"]),
    ("15b_outlook_short.csv", "US", 0, {}, ["14155550132 Ann Lee", "14155550133 Bob Ray"]),
    (
        "16_group_header.xlsx",
        "US",
        0,
        {},
        ['14155550132 Ann Lee {"email": "a@example.com"}', '14155550133 Bob Ray {"email": "b@example.com"}'],
    ),
    (
        "16b_group_header.csv",
        "US",
        0,
        {},
        ['14155550132 Ann Lee {"email": "a@example.com"}', '14155550133 Bob Ray {"email": "b@example.com"}'],
    ),
    ("17_html.xls", "US", 2, {}, []),
    ("17b_array.json", "US", 2, {}, []),
    ("17c.jsonl", "US", 0, {}, ["14155550132 Ann", "14155550133 Bob"]),
    ("17d_rows_in_quotes.csv", "US", 2, {}, []),
    ("17e_colon.csv", "US", 2, {}, []),
    ("17f_tilde.csv", "US", 2, {}, []),
    ("18_vanity_advice_de.csv", "DE", 0, {"duplicate_in_file": 1}, ["49301234567 Bob"]),
    (
        "19_null_words.csv",
        "US",
        0,
        {},
        [
            '14155550132 null {"custom": {"100": "nan"}}',
            '14155550133 None undefined {"custom": {"100": "(null)"}}',
            '14155550134 NaN n/a {"custom": {"100": "\\\\N"}}',
            '14155550135 - <null> {"custom": {"100": "NA"}}',
            "14155550136",
            "14155550137",
            "14155550138",
        ],
    ),
    ("20_ctrl_z.csv", "US", 0, {}, ["14155550132 Ann Lee", "14155550133 Bob Ray"]),
    ("20b_ctrl_z_glued.csv", "US", 0, {}, ["14155550132 Ann Lee", "14155550133 Bob Ray"]),
    ("20c_bom_line.csv", "US", 0, {}, ["14155550132 Ann Lee"]),
    ("21_mexico.csv", "MX", 0, {"duplicate_in_file": 2}, ["525512345678 Cy"]),
    (
        "22_dup_email_headers.csv",
        "US",
        0,
        {},
        ['14155550132 Ann Lee {"email": "a@example.com"}', '14155550133 Bob Ray {"email": "b@example.com"}'],
    ),
    (
        "23_html_entities.csv",
        "US",
        0,
        {},
        ["14155550132 O&#039;Brien Smith &amp; Co", "14155550133 Jos&eacute; &quot;Bo&quot;"],
    ),
    ("24_region_cn_becomes_at.csv", "CN", 0, {}, ["8613800138000 A", "8613912345678 B", "8618612345678 C"]),
    ("24_region_kr_becomes_it.csv", "KR", 0, {}, ["821023456789 A", "821034567890 B", "821045678901 C"]),
    ("24_region_ru_becomes_de.csv", "RU", 0, {}, ["79123456789 A", "79121234567 B", "79122234567 C"]),
    ("24_region_tr_becomes_it.csv", "TR", 0, {}, ["905012345196 A", "905322345197 B", "905422345198 C"]),
    (
        "24_region_us_becomes_br.csv",
        "US",
        3,
        {"invalid": 1},
        ["14155550132 Ann Lee", "12125550133 Bob Ray", "13125550134 Cy Fox"],
    ),
]
"""A file, its region, the exit code of `check`, the codes, and what is read of each person."""


@pytest.mark.parametrize(("name", "region", "code", "codes", "people"), READ_AS, ids=[row[0] for row in READ_AS])
def test_each_file_is_read_as_it_was_meant(
    tmp_path: Path, name: str, region: str, code: int, codes: dict[str, int], people: list[str]
) -> None:
    file = FILES / name
    if not file.exists():
        pytest.skip(f"{file} is not beside this checkout")
    own = [file.with_suffix(".toml"), FILES / f"{name.split('_', maxsplit=1)[0]}.toml"]
    settings = next((each.read_text() for each in own if each.exists()), None)
    if settings is None:
        proposed = hmpipe(tmp_path, "init", file, "--region", region)
        assert proposed.code == (2 if code == 2 else 0), proposed.err
        assert code != 2 or "Traceback" not in proposed.err
        if code == 2:
            return
    else:
        (tmp_path / "hmpipe.toml").write_text(settings)
    checked = hmpipe(tmp_path, "check", file, "--json", "--output", "read.jsonl")
    assert (checked.code, checked.json["codes"]) == (code, codes)
    assert [shown(line) for line in (tmp_path / "read.jsonl").read_text().splitlines()] == people


def shown(line: str) -> str:
    contact = json.loads(line)
    del contact["_row"]
    who = " ".join([contact.pop("phone"), contact.pop("first", ""), contact.pop("last", "")]).strip()
    return f"{who} {json.dumps(contact, ensure_ascii=False)}" if contact else who


def test_whose_permission_is_blank_is_asked_about(tmp_path: Path) -> None:
    file = FILES / "01c_optin_blank_is_textable.csv"
    if not file.exists():
        pytest.skip(f"{file} is not beside this checkout")
    hmpipe(tmp_path, "init", file, "--region", "US")
    assert 'consent_question = ["SMS Opt In"]' in (tmp_path / "hmpipe.toml").read_text()
    refused = hmpipe(tmp_path, "import", file, "--json")
    assert (refused.code, "consent_question" in refused.err) == (2, True)
