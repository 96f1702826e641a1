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
<context>
    <name>SimilarSection</name>
    <message numerus="yes">
        <source>nearest in the network&apos;s state, of %n course(s)</source>
        <translation>
            <numerusform>nearest in the network&apos;s state, of %n course</numerusform>
            <numerusform>nearest in the network&apos;s state, of %n courses</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SinceLast</name>
    <message numerus="yes">
        <source>%n more value(s) beyond expectation</source>
        <translation>
            <numerusform>%n more value beyond expectation</numerusform>
            <numerusform>%n more values beyond expectation</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n other value(s) as expected</source>
        <translation>
            <numerusform>%n other value as expected</numerusform>
            <numerusform>%n other values as expected</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n value(s), all inside the 90% interval of the forecast before</source>
        <translation>
            <numerusform>%n value, inside the 90% interval of the forecast before</numerusform>
            <numerusform>%n values, all inside the 90% interval of the forecast before</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StateSection</name>
    <message numerus="yes">
        <source>%n neuron(s) along time</source>
        <translation>
            <numerusform>%n neuron along time</numerusform>
            <numerusform>%n neurons along time</numerusform>
        </translation>
    </message>
</context>
</TS>
