"""What a column can be, and the headers by which each is known, Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from app.domain.records import Position, Side
from app.i18n import t


class Role(StrEnum):
    PATIENT = "patient"
    NAME = "name"
    SEX = "sex"
    AGE = "age"
    BIRTH_DATE = "birth_date"
    DATE = "date"  # civil date of the visit
    TIME = "time"  # number on a clock of the patient, in Mapping.time_unit
    VISIT = "visit"  # order of the visit
    VARIABLE = "variable"  # long tables
    VALUE = "value"
    UNIT = "unit"
    CHIEF = "chief"
    DISEASE = "disease"
    WESTERN = "western"
    SYNDROME = "syndrome"
    TONGUE = "tongue"
    PULSE = "pulse"  # both hands as a whole
    LEFT_CUN = "pulse_left_cun"
    LEFT_GUAN = "pulse_left_guan"
    LEFT_CHI = "pulse_left_chi"
    RIGHT_CUN = "pulse_right_cun"
    RIGHT_GUAN = "pulse_right_guan"
    RIGHT_CHI = "pulse_right_chi"
    LEFT = "pulse_left"
    RIGHT = "pulse_right"
    FORMULA = "formula"
    PRESCRIPTION = "prescription"
    DOSES = "doses"
    OUTCOME = "outcome"
    TEXT = "text"  # free text that is coded: 现病史, 刻诊
    NOTE = "note"
    OBSERVATION = "observation"
    STATIC = "static"  # a fact of the patient that does not change
    IGNORE = "ignore"


PULSE_PLACES: dict[Role, tuple[Side, Position]] = {
    Role.PULSE: (Side.BOTH, Position.WHOLE),
    Role.LEFT: (Side.LEFT, Position.WHOLE),
    Role.RIGHT: (Side.RIGHT, Position.WHOLE),
    Role.LEFT_CUN: (Side.LEFT, Position.CUN),
    Role.LEFT_GUAN: (Side.LEFT, Position.GUAN),
    Role.LEFT_CHI: (Side.LEFT, Position.CHI),
    Role.RIGHT_CUN: (Side.RIGHT, Position.CUN),
    Role.RIGHT_GUAN: (Side.RIGHT, Position.GUAN),
    Role.RIGHT_CHI: (Side.RIGHT, Position.CHI),
}

# roles that several columns may share; every other role is one column's
SHARED = frozenset({Role.TONGUE, Role.TEXT, Role.NOTE, Role.OBSERVATION, Role.STATIC, Role.IGNORE, Role.WESTERN})

_HEADERS: dict[Role, str] = {
    Role.PATIENT: (
        "病历号 病案号 病例号 编号 患者编号 患者号 患者id 病人编号 病人号 门诊号 住院号 登记号 "
        "就诊卡号 卡号 受试者编号 受试者 "
        "patient patientid patientno patientnumber patientcode patientuniqueid id pid subject subjectid subj "
        "recordid mrn case caseid"
    ),
    Role.NAME: "姓名 患者姓名 病人姓名 患者 病人 name patientname fullname",
    Role.SEX: "性别 sex gender",
    Role.AGE: "年龄 age ageyears",
    Role.BIRTH_DATE: "出生日期 出生年月 生日 出生年月日 birthdate dateofbirth dob birthday",
    Role.DATE: (
        "就诊日期 日期 就诊时间 诊疗日期 门诊日期 复诊日期 检查日期 访视日期 "
        "date visitdate encounterdate dateofvisit datetime"
    ),
    Role.TIME: "时间 天数 天 第几天 病程天数 日数 time day days t hour hours week weeks month months",
    Role.VISIT: (
        "诊次 就诊次数 访视 访视号 次数 第几诊 初复诊 visit visitno visitnumber visits visittimes visitid "
        "visitorder encounter"
    ),
    Role.VARIABLE: (
        "变量 变量名 指标 指标名称 项目 项目名称 检验项目 名称 variable item parameter measure test "
        "analyte testname variablename"
    ),
    Role.VALUE: "值 结果 数值 测量值 检验结果 value result measurement val",
    Role.UNIT: "单位 计量单位 unit units",
    Role.CHIEF: "主诉 主症 chief chiefcomplaint complaint",
    Role.DISEASE: "诊断 中医诊断 主病 疾病 病名 中医病名 中医疾病诊断 diagnosis disease",
    Role.WESTERN: "西医诊断 西医病名 westerndiagnosis icd icd10",
    Role.SYNDROME: "证型 证候 中医证型 中医证候 辨证 证候诊断 辨证分型 syndrome pattern tcmsyndrome",
    Role.TONGUE: (
        "舌象 舌质 舌苔 舌 舌色 舌形 舌体 苔 苔质 苔色 舌诊 舌质色 舌态 舌下络脉 tongue tonguebody "
        "tonguecoat tonguecoating coating"
    ),
    Role.PULSE: "脉象 脉 脉诊 pulse",
    Role.LEFT: "左脉 左手脉 左手脉象 leftpulse pulseleft",
    Role.RIGHT: "右脉 右手脉 右手脉象 rightpulse pulseright",
    Role.LEFT_CUN: "左寸 左寸脉 leftcun lcun pulseleftcun",
    Role.LEFT_GUAN: "左关 左关脉 leftguan lguan pulseleftguan",
    Role.LEFT_CHI: "左尺 左尺脉 leftchi lchi pulseleftchi",
    Role.RIGHT_CUN: "右寸 右寸脉 rightcun rcun pulserightcun",
    Role.RIGHT_GUAN: "右关 右关脉 rightguan rguan pulserightguan",
    Role.RIGHT_CHI: "右尺 右尺脉 rightchi rchi pulserightchi",
    Role.FORMULA: "方名 方剂 方剂名 方剂名称 主方 formula formulaname",
    Role.PRESCRIPTION: "处方 方药 药物 中药处方 中药 处方内容 标准化处方 药味 组成 prescription herbs rx",
    Role.DOSES: "剂数 付数 帖数 贴数 服药天数 处方天数 剂量数 doses dosesdispensed prescriptiondays",
    Role.OUTCOME: "疗效 转归 疗效评价 结局 outcome effect efficacy",
    Role.TEXT: "现病史 刻诊 刻下 刻下症 症状 四诊 病情 复诊记录 症状描述 临床表现 presentillness symptoms findings",
    Role.NOTE: "备注 按语 医嘱 说明 note notes remark remarks comment comments",
    Role.IGNORE: "序号 行号 rownames rowname unnamed0 index",
}  # fmt: skip

_BY_HEADER: dict[str, Role] = {word: role for role, words in _HEADERS.items() for word in words.split()}
_BRACKETED = re.compile(r"[\(\[【〔]([^)\]】〕]{1,20})[\)\]】〕]\s*$")


def split_unit(header: str) -> tuple[str, str]:
    """'体重(kg)' -> ('体重', 'kg')."""
    text = unicodedata.normalize("NFKC", header).strip()
    found = _BRACKETED.search(text)
    return (text[: found.start()].strip(), found[1].strip()) if found and found.start() else (text, "")


def key(header: str) -> str:
    """A header as it is compared: folded, without blanks, dots, underscores and a unit in brackets."""
    return re.sub(r"[\s_.:\-]", "", split_unit(header)[0].casefold())


def role_of(header: str) -> Role | None:
    """The role a header is known by, None where it says nothing."""
    return _BY_HEADER.get(key(header))


def label(role: Role) -> str:
    """A role in the user's words."""
    return _labels()[role]


def _labels() -> dict[Role, str]:
    pulse = t("pulse")
    return {
        Role.PATIENT: t("patient number"),
        Role.NAME: t("name"),
        Role.SEX: t("sex"),
        Role.AGE: t("age"),
        Role.BIRTH_DATE: t("date of birth"),
        Role.DATE: t("date of the visit"),
        Role.TIME: t("time"),
        Role.VISIT: t("order of the visit"),
        Role.VARIABLE: t("variable"),
        Role.VALUE: t("value"),
        Role.UNIT: t("unit"),
        Role.CHIEF: t("chief complaint"),
        Role.DISEASE: t("disease"),
        Role.WESTERN: t("western diagnosis"),
        Role.SYNDROME: t("syndrome"),
        Role.TONGUE: t("tongue"),
        Role.PULSE: pulse,
        Role.LEFT: f"{pulse} 左",
        Role.RIGHT: f"{pulse} 右",
        Role.LEFT_CUN: f"{pulse} 左寸",
        Role.LEFT_GUAN: f"{pulse} 左关",
        Role.LEFT_CHI: f"{pulse} 左尺",
        Role.RIGHT_CUN: f"{pulse} 右寸",
        Role.RIGHT_GUAN: f"{pulse} 右关",
        Role.RIGHT_CHI: f"{pulse} 右尺",
        Role.FORMULA: t("name of the formula"),
        Role.PRESCRIPTION: t("prescription"),
        Role.DOSES: t("number of doses"),
        Role.OUTCOME: t("outcome"),
        Role.TEXT: t("free text, coded"),
        Role.NOTE: t("note"),
        Role.OBSERVATION: t("observation"),
        Role.STATIC: t("fact of the patient"),
        Role.IGNORE: t("not imported"),
    }
