"""Columns on consent judged together: few questions, and none less than is needed."""

import statistics

import pytest

from pipeline.reader.consent import Kind, judge_columns
from pipeline.reader.proposal import Proposal, propose

PHONE = "+1 415 555 0132"

LAYOUTS = {
    "Salesforce contacts": """
        Id = 003
        FirstName = Ann
        LastName = Lee
        AccountId = 001
        OwnerId = 005
        MobilePhone = {phone}
        Email = a@x.com
        HasOptedOutOfEmail = false
        HasOptedOutOfFax = false
        DoNotCall = true
        LeadSource = Web
    """,
    "Salesforce with SMS": """
        FirstName = Ann
        LastName = Lee
        AccountId = 001
        OwnerId = 005
        MobilePhone = {phone}
        SMS_Opt_Out__c = true
        et4ae5__HasOptedOutOfMobile__c = false
        DoNotCall = false
        Status__c = Active
    """,
    "HubSpot": """
        Record ID = 1
        First Name = Ann
        Last Name = Lee
        Phone Number = {phone}
        Mobile Phone Number =
        Lifecycle Stage = Customer
        Lead Status = New
        Contact owner = Bob
        Marketing contact status = Marketing contact
        Unsubscribed from all email = true
        Opted out of email: Marketing Information =
        Legal basis = Legitimate interest
    """,
    "Google": """
        First Name = Ann
        Last Name = Lee
        Notes = hello
        Labels = vip
        Phone 1 - Label = Mobile
        Phone 1 - Value = {phone}
    """,
    "Outlook": """
        First Name = Ann
        Last Name = Lee
        Business Phone =
        Home Phone =
        Mobile Phone = {phone}
        Telex =
        Sensitivity = Normal
        Private = False
        Priority = Normal
    """,
    "Zoho": """
        Record Id = 1
        Contact Owner = Bob
        First Name = Ann
        Last Name = Lee
        Mobile = {phone}
        Email Opt Out = false
        Unsubscribed Mode =
        Unsubscribed Time =
        Tag = vip
    """,
    "Pipedrive": """
        Person - Name = Ann Lee
        Person - Phone = {phone}
        Person - Email = a@x.com
        Person - Marketing status = no_consent
        Person - Label = Hot lead
    """,
    "Mailchimp": """
        Email Address = a@x.com
        First Name = Ann
        Last Name = Lee
        Phone Number = {phone}
        MEMBER_RATING = 2
        OPTIN_TIME =
        OPTIN_IP =
        CONFIRM_TIME = 2024-01-01 10:00:00
        CONFIRM_IP = 10.0.0.1
        LAST_CHANGED = 2024-02-02 10:00:00
    """,
    "Mailchimp unsubscribed": """
        Email Address = a@x.com
        First Name = Ann
        Phone Number = {phone}
        MEMBER_RATING = 2
        OPTIN_TIME = 2024-01-01 10:00:00
        UNSUB_TIME = 2024-02-01 10:00:00
        UNSUB_CAMPAIGN_TITLE = Spring
        UNSUB_REASON = NORMAL
    """,
    "Shopify": """
        First Name = Ann
        Last Name = Lee
        Email = a@x.com
        Accepts Email Marketing = yes
        Phone = {phone}
        Accepts SMS Marketing = no
        Total Spent = 10.00
        Total Orders = 1
        Tags = vip
        Note =
    """,
    "Klaviyo": """
        Email = a@x.com
        First Name = Ann
        Last Name = Lee
        Phone Number = {phone}
        Email Marketing Consent = SUBSCRIBED
        SMS Marketing Consent = NEVER_SUBSCRIBED
        SMS Consent Timestamp =
    """,
    "ActiveCampaign": """
        Email = a@x.com
        First Name = Ann
        Phone = {phone}
        Status = Unsubscribed
        Date Created = 2024-01-01
        Score = 3
    """,
    "Dynamics": """
        First Name = Ann
        Last Name = Lee
        Mobile Phone = {phone}
        Do not allow Emails = Allow
        Do not allow Bulk Emails = Allow
        Do not allow Phone Calls = Do Not Allow
        Do not allow Faxes = Allow
        Do not allow Mails = Allow
        Status Reason = Active
    """,
    "HighLevel": """
        Contact Id = 1
        First Name = Ann
        Phone = {phone}
        Email = a@x.com
        DND = false
        Tags = vip
        Last Activity = 2024-01-01
    """,
}
"""Usual exports: each header, and a cell of it."""


def proposed(layout: str) -> Proposal:
    lines = [line.split(" =", 1) for line in LAYOUTS[layout].splitlines() if line.strip()]
    row = [cell.strip().format(phone=PHONE) for _, cell in lines]
    return propose([header.strip() for header, _ in lines], [row] * 3)


def test_usual_exports_ask_little() -> None:
    asked = {name: [column.header for column in proposed(name).questions] for name in LAYOUTS}
    counts = [len(each) for each in asked.values()]
    assert statistics.median(counts) <= 1, asked
    assert max(counts) <= 3, asked


@pytest.mark.parametrize(
    ("layout", "header"),
    [("Shopify", "Accepts SMS Marketing"), ("HighLevel", "DND"), ("Mailchimp unsubscribed", "UNSUB_TIME")],
)
def test_what_they_say_of_texts_is_mapped(layout: str, header: str) -> None:
    [column] = [column for column in proposed(layout).columns if column.header == header]
    assert column.target not in (None, "ignore")


def test_the_dates_of_what_another_column_says_are_left() -> None:
    rows = [["yes", "2024-01-01"], ["no", ""], ["yes", "2024-01-02"]]
    found = judge_columns({0: "SMS Opt In", 1: "SMS Opt In Date"}, rows)
    assert [found[0].kind, found[1].kind] == [Kind.MAPPED, Kind.LEFT]


def test_the_dates_of_an_opt_in_are_asked_where_only_opt_outs_stand_beside_them() -> None:
    rows = [["yes", ""], ["no", "2024-01-02"], ["no", ""]]
    found = judge_columns({0: "Opt Out", 1: "Opt In Date"}, rows)
    assert [found[0].kind, found[1].kind] == [Kind.MAPPED, Kind.QUESTION]


def test_the_reason_of_an_opt_out_is_asked_where_it_says_more() -> None:
    headers = {0: "Unsubscribed", 1: "Unsubscribe Reason"}
    told = judge_columns(headers, [["yes", "too many"], ["no", ""]])
    assert told[1].kind is Kind.LEFT
    more = judge_columns(headers, [["yes", "too many"], ["no", "moved"]])
    assert more[1].kind is Kind.QUESTION
