"""How case texts say it beyond the vocabulary's synonyms, and words that say something else in certain company.

Pure data; ``classical.py`` applies it. A well-being that comes back by degrees is not there yet (胃纳稍起), as 咳减 is
still a cough.
"""

from __future__ import annotations

import re


def _lists(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {code: tuple(words.split()) for code, words in table.items()}


# code -> words; one behind "-" says that the complaint is not there
READINGS = _lists(
    {
        "sym.acid_regurgitation": "酸涎上涌 酸涎上泛",
        "sym.blood_in_stool": "圊后带红 圊后见红 便后带红",
        "sym.bleeding": "血色渐淡",
        "sym.chest_oppression": "窒闷",
        "sym.chills": "畏冷 恶冷 微寒",
        "sym.coma": (
            "神志稍清 神识稍清 神识略清 神志渐清 神识渐清 神情渐清 神志摸糊 神志模糊 神识摸糊 心气昏糊 昏糊 "
            "迷沉 神昧 卒厥 暴厥"
        ),
        "sym.constipation": (
            "下后仍未行 大便旬余不行 -大便即解 -大便已解 -大便得解 -大便既解 -大便已能自解 -得大便 -得快便"
        ),
        "sym.convulsion": "柔痉 刚痉 螈",
        "sym.dark_face": "气色尚滞 气色晦滞",
        "sym.deafness": "渐聋 耳无所闻",
        "sym.diarrhoea": "痛泻 痛泄 时泻时止 昼夜十数下 日夜十数次",
        "sym.dizziness": "冒眩 飘浮之意",
        "sym.dysentery": "痢成休息 其痢辄发",
        "sym.dysphagia": "不下咽",
        "sym.dyspnoea": "气从上冲 不能着枕",
        "sym.dysuria": "小便涓滴 小溲涓滴 小溲全无 小溲不行 小便不能通",
        "sym.early_menses": "一月数至",
        "sym.emaciation": "骨立无肉 瘦夺",
        "sym.facial_paralysis": "口大歪",
        "sym.genital_pain": "茎管痛",
        "sym.globus": "上阻咽 气阻咽 咽喉气结",
        "sym.goitre": "颈项结核 颈间结核",
        "sym.haematemesis": "大吐狂血",
        "sym.hoarseness": "音声稍爽 音塞稍开 音塞较开 音稍开",
        "sym.hot_flush": "轰热",
        "sym.insomnia": (
            "无寐 不易酣寐 难得安寐 未能成寐 不得安寐 寐略安 寐亦略安 寐渐安 寐亦渐安 -连宵得寐 -寐稍安稳 "
            "-寐得酣沉 -寐酣"
        ),
        "sym.irritability": "神烦 懊烦 烦懊",
        "sym.jaundice": "黄未解 黄未退",
        "sym.joint_pain": "太阳痹 寒湿痹 风湿痹",
        "sym.joint_stiffness": "臂不举 臂不能举",
        "sym.limb_numbness": "肌麻",
        "sym.limb_weakness": "步履疲软",
        "sym.listlessness": (
            "神情稍振 精神稍振 神气稍振 神情渐振 精神渐振 神气渐复 精神渐复 -精神倍昔 -精神大长 -神气已旺 "
            "-神气清爽 -神情清爽"
        ),
        "sym.loose_stool": "溏粪",
        "sym.mania": "多言妄笑 妄笑",
        "sym.mouth_ulcer": "白腐 糜点",
        "sym.painful_urination": "尿管作痛 淋减 时淋时止",
        "sym.poor_appetite": (
            "胃钝 不能吃饭 胃纳稍起 胃纳渐起 胃纳略起 胃纳得起 胃纳渐增 胃纳稍增 胃纳略增 胃亦渐起 胃气将起 "
            "胃气渐开 胃气渐复 胃气渐舒 胃气渐振 胃气稍振 渐能安谷 稍能安谷 略能安谷 渐能知饥 稍能知饥 "
            "饮食渐增 饮食稍增 -能食 -食增 -进食 -胃气已开 -饮食馨增 -知饥安谷 -饮食如旧"
        ),
        "sym.pox": "浆不足",
        "sym.red_lips": "唇口朱红 唇色绛红",
        "sym.scanty_urine": "小溲略少",
        "sym.somnolence": "倦寐 倦睡",
        "sym.sores": "糜烂",
        "sym.speech_impairment": "不语 目闭不言",
        "sym.stool_incontinence": "漏粪水",
        "sym.swelling": "红赤肿胀",
        "sym.thick_phlegm": "胶痰 痰艰 痰胶",
        "sym.turbid_urine": "牵腻之物 白物牵腻",
        "sym.upward_heat": "火从上升",
        "sym.vomiting": "频吐 见吐 复吐 随饮随吐",
        "sym.yellow_eyes": "睛黄",
    }
)

# a term that ends in 大 gives it up before these: 胀大减 is a distension much lessened
LESSENS = ("减", "退", "松")
# words that say something else beside these words of the clause: (word, what stands beside it, code instead)
ELSEWHERE = (
    ("作酸", re.compile("[腰腿足膝臂肩肢股尻骨节背]"), "sym.body_soreness"),
    ("涌吐", re.compile("^(?!.*[血红])"), "sym.vomiting"),
)
