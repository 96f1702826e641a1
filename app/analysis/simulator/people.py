"""Who comes: an invented name, age, pattern, constitution and way of speaking of symptoms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.analysis.simulator.readout import BIAS_SD, SYMPTOMS
from app.analysis.simulator.world import SYNDROMES, Floats

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "单单曾区仇"
)
_GIVEN_F = (
    "芳娜敏静丽娟艳秀英华慧巧美淑惠珠翠雅芝玉萍红月彩春菊兰凤洁梅琳素云莲真环雪荣妹霞香莹媛瑞凡佳嘉琼勤珍"
    "怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯悦昭冰爽琬茗羽希宁欣飘育滢馥筠柔竹霭凝"
    "晓"
)
_GIVEN_M = (
    "伟刚勇毅俊峰强军平保东文辉力明永健世广志义兴良海山仁波宁贵福生龙元全国胜学祥才发武新利清飞彬富顺信子"
    "杰涛昌成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆磊民友裕河哲江超浩亮"
    "政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以建家致树炎德行时泰盛雄琛钧冠策腾楠榕风航"
    "弘喆堃"
)

# 主病 and 主诉 by pattern
COMPLAINTS: dict[str, tuple[tuple[str, str], ...]] = {
    "阴虚火旺证": (("不寐", "入睡困难、多梦"), ("不寐", "夜寐不安、手足心热")),
    "肝火上炎证": (("不寐", "急躁失眠"), ("郁证", "情绪急躁、胸胁胀满")),
    "心脾两虚证": (("心悸", "心慌气短、乏力"), ("不寐", "多梦易醒、倦怠")),
    "痰火扰神证": (("不寐", "心烦不寐、痰多胸闷"), ("心悸", "心慌时作、胸闷")),
    "气滞血瘀证": (("胁痛", "胁肋刺痛"), ("胸痹", "胸胁闷痛")),
    "肝肾阴虚证": (("眩晕", "头晕、腰酸"), ("不寐", "少寐、腰膝酸软")),
    "脾虚湿盛证": (("痞满", "脘腹痞满、纳差"), ("泄泻", "便溏、腹胀")),
    "肝郁脾虚证": (("郁证", "情志不畅、纳差"), ("胁痛", "胁肋胀痛、腹胀")),
}


@dataclass(frozen=True)
class Person:
    """severity scales the pattern at the first visit; set_point is where the state returns to untreated."""

    code: str
    name: str
    sex: str
    age: int
    pattern: str
    disease: str
    complaint: str
    start: Floats
    set_point: Floats
    response: float
    bias: Floats


def invent(index: int, rng: np.random.Generator) -> Person:
    sex = "女" if rng.random() < 0.62 else "男"
    given = _GIVEN_F if sex == "女" else _GIVEN_M
    name = _pick(_SURNAMES, rng) + "".join(_pick(given, rng) for _ in range(1 + int(rng.random() < 0.7)))
    if index % 40 == 11:  # every cohort meets the characters that trip fonts and pinyin
        name = ("单" if index % 80 == 11 else "王") + ("雨喆" if sex == "女" else "喆")
    pattern = tuple(SYNDROMES)[int(rng.integers(len(SYNDROMES)))]
    disease, complaint = COMPLAINTS[pattern][int(rng.integers(2))]
    load = SYNDROMES[pattern]
    severity = float(np.exp(0.15 + 0.2 * rng.standard_normal()))
    start = severity * load + 0.25 * rng.standard_normal(len(load))
    chronic = float(rng.uniform(0.5, 0.95))  # how much of the pattern is constitution
    return Person(
        code=f"M{index + 1:05d}",
        name=name,
        sex=sex,
        age=int(np.clip(rng.normal(47, 14), 18, 86)),
        pattern=pattern,
        disease=disease,
        complaint=complaint,
        start=start,
        set_point=chronic * severity * load + 0.12 * rng.standard_normal(len(load)),
        response=float(np.exp(0.3 * rng.standard_normal())),
        bias=BIAS_SD * rng.standard_normal(len(SYMPTOMS)),
    )


def _pick(characters: str, rng: np.random.Generator) -> str:
    return characters[int(rng.integers(len(characters)))]
