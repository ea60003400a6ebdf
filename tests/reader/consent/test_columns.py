"""Columns on consent judged together: few questions, and none less than is needed."""

import statistics

import pytest

from pipeline.reader.consent import Kind, judge_columns
from pipeline.reader.proposal import propose

PHONE = "+1 415 555 0132"

LAYOUTS = {
    "Salesforce contacts": (
        "Id,FirstName,LastName,AccountId,OwnerId,MobilePhone,Email,HasOptedOutOfEmail,HasOptedOutOfFax,DoNotCall,LeadSource",
        "003,Ann,Lee,001,005,{phone},a@x.com,false,false,true,Web",
    ),
    "Salesforce with SMS": (
        "FirstName,LastName,AccountId,OwnerId,MobilePhone,SMS_Opt_Out__c,et4ae5__HasOptedOutOfMobile__c,DoNotCall,Status__c",
        "Ann,Lee,001,005,{phone},true,false,false,Active",
    ),
    "HubSpot": (
        "Record ID,First Name,Last Name,Phone Number,Mobile Phone Number,Lifecycle Stage,Lead Status,Contact owner,"
        "Marketing contact status,Unsubscribed from all email,Opted out of email: Marketing Information,Legal basis",
        "1,Ann,Lee,{phone},,Customer,New,Bob,Marketing contact,true,,Legitimate interest",
    ),
    "Google": ("First Name,Last Name,Notes,Labels,Phone 1 - Label,Phone 1 - Value", "Ann,Lee,hello,vip,Mobile,{phone}"),
    "Outlook": (
        "First Name,Last Name,Business Phone,Home Phone,Mobile Phone,Telex,Sensitivity,Private,Priority",
        "Ann,Lee,,,{phone},,Normal,False,Normal",
    ),
    "Zoho": (
        "Record Id,Contact Owner,First Name,Last Name,Mobile,Email Opt Out,Unsubscribed Mode,Unsubscribed Time,Tag",
        "1,Bob,Ann,Lee,{phone},false,,,vip",
    ),
    "Pipedrive": (
        "Person - Name,Person - Phone,Person - Email,Person - Marketing status,Person - Label",
        "Ann Lee,{phone},a@x.com,no_consent,Hot lead",
    ),
    "Mailchimp": (
        "Email Address,First Name,Last Name,Phone Number,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LAST_CHANGED",
        "a@x.com,Ann,Lee,{phone},2,,,2024-01-01 10:00:00,10.0.0.1,2024-02-02 10:00:00",
    ),
    "Mailchimp unsubscribed": (
        "Email Address,First Name,Phone Number,MEMBER_RATING,OPTIN_TIME,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON",
        "a@x.com,Ann,{phone},2,2024-01-01 10:00:00,2024-02-01 10:00:00,Spring,NORMAL",
    ),
    "Shopify": (
        "First Name,Last Name,Email,Accepts Email Marketing,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Tags,Note",
        "Ann,Lee,a@x.com,yes,{phone},no,10.00,1,vip,",
    ),
    "Klaviyo": (
        "Email,First Name,Last Name,Phone Number,Email Marketing Consent,SMS Marketing Consent,SMS Consent Timestamp",
        "a@x.com,Ann,Lee,{phone},SUBSCRIBED,NEVER_SUBSCRIBED,",
    ),
    "ActiveCampaign": (
        "Email,First Name,Phone,Status,Date Created,Score",
        "a@x.com,Ann,{phone},Unsubscribed,2024-01-01,3",
    ),
    "Dynamics": (
        "First Name,Last Name,Mobile Phone,Do not allow Emails,Do not allow Bulk Emails,Do not allow Phone Calls,"
        "Do not allow Faxes,Do not allow Mails,Status Reason",
        "Ann,Lee,{phone},Allow,Allow,Do Not Allow,Allow,Allow,Active",
    ),
    "HighLevel": (
        "Contact Id,First Name,Phone,Email,DND,Tags,Last Activity",
        "1,Ann,{phone},a@x.com,false,vip,2024-01-01",
    ),
}


def questions(header: str, row: str) -> list[str]:
    found = propose(header.split(","), [row.format(phone=PHONE).split(",")] * 3)
    return [column.header for column in found.questions]


def test_usual_exports_ask_little() -> None:
    asked = {name: questions(*layout) for name, layout in LAYOUTS.items()}
    counts = [len(each) for each in asked.values()]
    assert statistics.median(counts) <= 1, asked
    assert max(counts) <= 3, asked


@pytest.mark.parametrize(
    ("layout", "header"),
    [("Shopify", "Accepts SMS Marketing"), ("HighLevel", "DND"), ("Mailchimp unsubscribed", "UNSUB_TIME")],
)
def test_what_they_say_of_texts_is_mapped(layout: str, header: str) -> None:
    headers, row = LAYOUTS[layout]
    found = propose(headers.split(","), [row.format(phone=PHONE).split(",")] * 3)
    [column] = [column for column in found.columns if column.header == header]
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
