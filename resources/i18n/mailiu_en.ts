<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_GB" sourcelanguage="en">
<context>
    <name>CaseHeader</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DraftDialog</name>
    <message numerus="yes">
        <source>%n correction(s) fit the vocabulary of today no more and are left out.</source>
        <translation>
            <numerusform>%n correction fits the vocabulary of today no more and is left out.</numerusform>
            <numerusform>%n corrections fit the vocabulary of today no more and are left out.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ImportDialog</name>
    <message numerus="yes">
        <source>%n unknown term(s)…</source>
        <translation>
            <numerusform>%n unknown term…</numerusform>
            <numerusform>%n unknown terms…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PatientRowDelegate</name>
    <message numerus="yes">
        <source>%n visit(s), no dates</source>
        <translation>
            <numerusform>%n visit, no date</numerusform>
            <numerusform>%n visits, no dates</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PhotoStrip</name>
    <message numerus="yes">
        <source>%n picture(s) of the tongue</source>
        <translation>
            <numerusform>%n picture of the tongue</numerusform>
            <numerusform>%n pictures of the tongue</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%n minute</numerusform>
            <numerusform>%n minutes</numerusform>
        </translation>
    </message>
</context>
</TS>
