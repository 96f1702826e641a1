"""Words by which classical and modern case texts are read: body parts, complaints, negation, recovery, asides.

Pure data and the regular expressions made of it; ``classical.py`` applies them.
"""

from __future__ import annotations

import re


def _lists(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(some.split()) for key, some in table.items()}


# body part (the vocabulary's ``body_part``) -> how the texts name it
PARTS = _lists(
    {
        "head": "头颊 头巅 头角 头部 头目 头脑 巅顶 颠顶 头 额 脑后 太阳穴 首",
        "face": "面部 面色 面颊 颧颊 颧 两颊 左颊 右颊 面",
        "eye": "两目 双目 眼睛 目睛 目珠 目 眼",
        "ear": "两耳 双耳 耳中 耳",
        "nose": "鼻窍 鼻",
        "mouth": "口中 口舌 口",
        "lip": "口唇 唇口 唇",
        "tooth": "牙肉 牙龈 齿龈 牙齿 龈 牙 齿",
        "throat": "咽喉 喉间 喉咙 喉关 咽嗌 咽 喉 嗌",
        "neck": "颈项 头项 颈 项",
        "chest": "胸膈 胸膺 胸前 胸次 胸宇 胸部 胸中 胸 膺 膈间 膈 膻中 心胸",
        "hypochondrium": "胁肋 两胁 左胁 右胁 季胁 胁下 胁部 胁 肋",
        "epigastrium": "胃脘 中脘 中州 当脘 上脘 脘中 脘部 脘 心下 胃",
        "abdomen": "满腹 大腹 肚腹 脐腹 绕脐 脐上 腹中 腹部 腹笥 腹 脐 肚",
        "lower_abdomen": "少腹以下 少腹 小腹 脐下",
        "back": "背脊 脊背 肩背 背部 背 脊",
        "waist": "腰府 腰膂 腰脊 腰部 腰",
        "shoulder": "肩胛 肩髃 肩",
        "arm": "手臂 臂膊 肩臂 臂 手腕 肘 腕 手指 指节 指",
        "leg": "腿股 腿膝 股 腿 足膝 膝膑 膝盖 膝 足胫 胫 腓",
        "palm": "手心 掌心 手足心",
        "foot": "足心 足跗 两足 足踝 足背 足跟 足 脚 跗 踝",
        "limbs": "手足 四肢 四末 肢末 肢体 两手 手 肢 下肢 上肢",
        "body": "遍体 遍身 周身 全身 浑身 一身 通体 身体 形体 身",
        "joint": "骨节 节骱 骨骱 关节 肢节 筋骨 骨",
        "skin": "皮肤 肌肤 肌表 肌肉",
        "breast": "乳房 两乳 乳头 乳",
        "anus": "肛门 肛 魄门",
        "stool": "大便 更衣 便",
        "urine": "小便 小溲 小水 溲 尿 溺",
        "sleep": "夜寐 睡眠 夜卧 寐 眠 卧",
        "diet": "胃纳 纳谷 饮食 纳食 食欲 谷食 胃口",
        "genital": "茎中 玉茎 阴茎 睾丸 阴囊 阴部 茎 囊",
    }
)

# complaint (the vocabulary's ``feel``) -> how the texts say it of a part
FEELS = _lists(
    {
        "pain": "疼痛 烦疼 烦痛 板痛 掣痛 刺痛 绞痛 隐痛 攻痛 痛 疼",
        "distension": "胀满 板胀 板滞 胀大 膨胀 膨满 饱胀 饱满 胀 膨 满",
        "oppression": "痞满 痞闷 痞阻 窒闷 满闷 痞 闷 窒",
        "discomfort": "不舒畅 不舒 不适 不爽 不和 不畅",
        "swelling": "浮肿 肿胀 肿大 肿 浮",
        "heat": "灼热 烙热 烘热 发热 热",
        "cold": "厥冷 逆冷 清冷 发凉 不温 欠温 冰冷 冷 凉 厥",
        "red": "浮红 红赤 潮红 赤 红",
        "pale": "苍白 㿠白 淡白 无华 少华 白",
        "yellow": "萎黄 淡黄 浮黄 黄",
        "dark": "晦暗 黧黑 晦滞 黑 暗 短赤 黄赤",
        "blue": "青紫 青黯 青 紫",
        "dry": "干燥 干涩 燥 干 涩",
        "itch": "瘙痒 痒",
        "numb": "麻木 麻痹 不仁 麻 木",
        "sore": "酸楚 酸软 酸胀 酸 楚",
        "heavy": "沉重 困重 重着 重",
        "dizzy": "眩晕 昏晕 晕 眩 昏",
        "ringing": "鸣响 鸣",
        "deaf": "聋",
        "blurred": "昏花 模糊",
        "bitter": "苦",
        "stiff": "强直 牵强 强 板",
        "weak": "软弱 无力 痿软 软 痿",
        "tremor": "振掉 颤动 震颤 颤 抖",
        "convulsion": "抽搐 搐搦 抽掣 掣动 抽 搐",
        "cramp": "拘挛 挛急 拘急 转筋",
        "blocked": "结燥 燥结 坚燥 干结 秘结 "
        "不能通 不下 不通 塞滞 不利 不行 不快 不畅 未畅 未行 未通 不爽 窒滞 艰涩 艰燥 不解 未解 闭结 坚结 难 秘 闭",
        "loose": "溏薄 溏泄 溏 稀薄 稀 薄 未实 不实 不成形",
        "scanty": "短少 涩少 短 少",
        "turbid": "浑浊 浊 浑",
        "frequent": "频数 频 数",
        "unsound": "不安 不宁 不实 不酣 未安 不长 难成 易醒 不佳 不熟 少 差 不甚安 不甚长",
        "poor": "不佳 不旺 不馨 不香 不振 不甘 减少 少进 未起 不起 不开 未开 呆顿 呆滞 呆 钝 少 减 差",
        "lump": "有块 痞块 癥块",
    }
)
# these end a phrase and are never strung together with another (背痛难除: 难 is not the pain's)
UNSTRUNG = ("blocked", "loose", "scanty", "turbid", "frequent", "unsound", "poor")
# where the vocabulary has no concept for (part, complaint), the nearest complaint it has, else a concept by itself
FEEL_INSTEAD: dict[str, str] = {
    "discomfort": "oppression",
    "oppression": "distension",
    "distension": "sore",
    "yellow": "dark",
    "red": "dark",
}
# where the vocabulary has no concept for a complaint of a part, the part it is counted to
PART_INSTEAD: dict[str, str] = {"foot": "leg", "skin": "body"}
ALSO: dict[tuple[str, str], str] = {
    ("body", "yellow"): "sym.jaundice",
    ("body", "heat"): "sym.fever",
    ("body", "cold"): "sym.cold_body",
}
FEEL_ALONE: dict[str, str] = {
    "pain": "sym.pain",
    "itch": "sym.itching",
    "numb": "sym.limb_numbness",
    "sore": "sym.body_soreness",
    "swelling": "sym.swelling",
}

# words that may stand between a part and its complaint (腹中时时作痛)
FILLER = (
    "[之亦又复仍尚犹更颇稍微略甚时作大隐剧阵偶或而且则常频辄觉带兼增殊为渐"
    "皆俱均悉都忽益有形自内中部里间处等两偏左右如发色已然太每欠反因日以即既解按坚硬]"
)

# herb, formula and theory words that hold a complaint's character but are no finding
ASIDES = _lists(
    {
        "": (
            "牛膝 防风 防己 远志 麻黄 升麻 天麻 胡麻 麻仁 苦参 干姜 干漆 白头翁 泻心 泻白 泻肝 "
            "泻青 泻叶 泻火 泻热 泻肺 痛泻要方 逍遥 温胆 定喘汤 止嗽散 胃气 脾胃 肺胃 肝胃 胆胃 "
            "满地 胃土 胃热 胃寒 胃火 胃虚 胃燥 胃阳 胃阴 痰热 痰火 痰湿 痰气 痰郁 风痰 痰滞 "
            "痰阻 痰因 湿痰 化痰 豁痰 涤痰 消痰 痰浊内 痰瘀 祛痰 夹痰 挟痰 痰为 痰凝 伏痰 导痰 "
            "滚痰 达痰 清痰 除痰 劫痰 疏泄 宣泄 开泄 清泄 泄热 泄肝 泄木 泄降 苦泄 泄化 外泄 "
            "泄风 泄湿 泄胆 淋漓 水土 疼惜 痛饮 痛快 痛切 足矣 足见 不足 足以 心悸丸 口诀 "
            "满口 止渴 解渴 止呕 止痛 定痛 止咳 止血 止汗 止泻 退热 清热 消肿 安神 止呃 身凉 "
            "头煎 面色尚 目前 目下 眼前 面前 头头 手法 骨皮 骨气 脚气病 面议 中风表解 热入血室 "
            "热邪 邪热 湿热 风热 血热 暑热 温热 郁热 热毒 热结 热化 吐法 汗法 下法 吐纳 吞吐 "
            "汗剂 表汗 疹药 斑龙 烦劳 烦剧 烦君 频烦 呃逆丸 疟母丸 疟邪 痘科 痘书 种痘 癫狂梦醒 "
            "狂澜 崩溃 崩颓 瘦人 肥瘦 胖瘦 手太阴 手少阴 手阳明 手太阳 手少阳 手厥阴 足太阴 足少阴 "
            "足阳明 足太阳 足少阳 足厥阴 口服 首服 首方 目的 口含 手术 手足无措 头绪 不知痛痒 舌肿 "
            "停饮食 气冲突 冲气不和 痛痒 得食少 阳气升 清气升 气升浮 面目一新 面面 项背相望 骨蒸丸 肝气厥逆 气厥逆 "
            "气滞下 调气平 理气平 卫气上逆 肺气上逆 阳气上逆 胃气上逆 肝气上逆 抱痛西河 "
            "寒热互 寒热杂 寒热错 寒热不调 寒热虚实 寒热温凉 木气抑郁 疏肝解郁 "
            "痰湿抑郁 湿热抑郁 湿邪抑郁 阳气抑郁 邪热抑郁 气火抑郁 木火抑郁 肝气抑郁 大热纯阳 大热药 大热之药 大温大热 "
            "胃不和 胃未和 胃仍未和 胃气不和 大下宿粪 不便血 舌上白浊 苔白浊 舌白浊"
        )
    }
)[""]

# single characters read as a symptom wherever they stand; all others need a neighbour that makes them one
FREE_SINGLES = "渴咳嗽喘呕哕呃悸痛疼肿噎衄痞噫嗳嘈痒痘呛"
# character -> (what may stand before, what may stand after); "" matches the edge of the clause
_AFTER = "$|止|减|甚|仍|未|亦|已|稍|渐|愈|缓|而|不|又|更|大|势|退|平|定|作|尚|犹|虽|解|轻|消|[、]"
SINGLE_CONTEXT: dict[str, tuple[str, str]] = {
    "痰": (
        "^|[惟但虽其]|吐|咯|见|喉|有|多|咳|嗽|夹|带|[、而出之甚减稠稀清白]",
        "多|少|黄|白|稠|稀|粘|黏|不|出|血|红|带|绿|声|鸣|色|味|腥|臭|咸|沫|亦|尚|已|渐|甚|仍|虽|减|爽|质|$|[、]",
    ),
    "热": (
        "^|[、日惟但虽其夜仍尚大后而则]|寒退|此次",
        "退|减|轻|甚|仍|未|总|渐|虽|稍|少减|大减|尚|亦少|亦减|亦退|已|复作|又作|缓|不退|不解|势",
    ),
    "汗": ("^|[惟但虽其]|[、]|有|得|身", "至|出|止|多|少|甚|未|亦|尚|已|仍|减|不止|不解|透|而|$|[、]"),
    "寒": ("^|[惟虽其]|[、]|但", "减|大减|退|甚|重|轻|多|止|来|亦减|亦轻|已减|少减|渐减"),
    "血": ("^|[、而]", "又|复|遂|止|下|仍|渐|减|已|未止|来|溢|出|块|亦止|稍|去"),
    "烦": ("^|[、渴心而又作呕热]", "$|[、]|渴|热|甚|而|不|躁|减|止"),
    "躁": ("^|[、烦而又作]", "$|[、]|甚|而|不|动"),
    "泄": ("^|[、又复作便水久暴洞]", "$|止|减|仍|未|稍|渐|不止|利|泻|泻|甚|[、]"),
    "泻": ("^|[、而又复作便水久暴洞]", "$|止|减|仍|未|稍|渐|不止|甚|[、]"),
    "斑": ("^|[、]|发|见", "$|[、]|疹|出|点|退"),
    "疹": ("^|[、]|发|见|瘾|出", "$|[、]|出|点|退|渐|未|已"),
    "疮": ("^|[、]|生|成", ".|$"),
}
DEFAULT_CONTEXT = ("^|[、而又复作则且并日惟但虽其夜晨仍尚]", _AFTER)

NEGATION = (
    "并无|没有|未见|否认|未经|未曾|未觉|未有|不复|不再|不甚|毫无|绝无|亦无|全无|了无|从无|无|未|不|非|没|勿|毋|莫"
)
NEGATED_BEFORE = re.compile(f"(?P<word>{NEGATION})[甚见觉曾有复再大作发至]{{0,2}}$")
DOUBLE_NEGATION = re.compile(r"(?:无不|莫不|未尝不|无非|非不|未始不|未必不|不无|未有不|靡不)[甚见觉曾有作发]{0,1}$")
SPREADING = ("无", "没", "否认", "未见", "未有")  # their denial covers a whole enumeration (无头痛、发热)
LIST_GAP = re.compile(r"^[、和及与或并亦]{0,2}$")

# what says that a complaint has gone; words of degree (渐 稍 略 较 少 微 大 半) say it has only lessened
RESOLVED = re.compile(
    "^(?:[亦已俱悉皆尽均全遂即顿并都得既乃自势痛痰症诸之者等状坠虽而也忽](?!作))*?"
    "(?P<word>止|除|痊愈|全愈|愈|退|平|定|消失|消|解|净|痊|瘥|罢|息|敛|蠲|开(?!方)|已$|全无|若失|如失|不作|不发|不复作|不复发|未复?再?(?:来|作|发|至)|未复$|已舒|无存)"
)
RELAPSED = re.compile(
    "^[甚重剧加]|^[^，。]{0,2}(?:复|又|而)(?:作|发|热|来|起|甚|止|至|痛|吐|大)|^(?:不|未|而不|而未|之)|^后|^之?药|^(?:轻|减|稀|缓)|^(?:大半|七八|其半|半|[一二三四五六七八九]分|十)"
)
ALL_OF_THEM = re.compile("^[^止除愈退平定消解净痊瘥罢]{0,3}(?:俱|皆|悉|均|并|诸|都|尽)")
# before a word of well-being (安寐) these say that it fails
FAILING = re.compile("(?:难|欠|艰|少|不易|不甚|未能|不能|未得|尚未|难以)[以得于]?$")
UNDONE = re.compile("^而?(?:未|不|尚未|仍未|又不)")
PAST_EVENT = re.compile(r"^之?(?:以|而)?后(?![重便])")

CONDITION = re.compile(
    r"^(?:但|倘|设|假|万一|其|又|或)?(?:如|若|倘|设|苟|假如|倘若|假使)(?!故|前|旧|常|昨|初|是|此|何|许|干)"
)
FEAR = re.compile(
    "戒|最忌|切忌|(?<![惊善喜易])恐(?![惧怖慌])|防(?![风己党])|(?<![愁思忧焦])虑|庶免|以免|免致|势"
    "必|必致|必至|将至|总期|难免|将成|将变|将有|虞其|不致|毋使|勿使|不宜再?见|未免|否则|深虞"
)
# 呕吐之虞 is feared, 痛者为火 is theory
FEAR_AFTER = re.compile(
    "^[^，。]{0,3}(?:之虞|之患|之变|之忧|之险|之虑|可虑|可虞)|^之[品剂药]|^者(?:为|属|多|必|宜|则|主)"
)
HISTORY = re.compile("曾|昔|幼时|幼年|去岁|去年|去秋|去冬|去夏|去春|前年|旧岁|往年|年前|早年|既往|病史")
QUOTATION = re.compile(
    "经云|经谓|经言|经曰|内经|素问|灵枢|难经|仲景|古人|昔人|先贤|前贤|所谓|书云|又云|又曰|篇云|论曰|谓之|《|先哲|经以|经旨|丹溪|东垣|河间|嘉言|香岩|天士|叶氏|喻氏|经文|歧伯|景岳|千金"
)
GENERAL = re.compile(
    "^(?:凡|盖|夫|大凡|(?:然|盖)?[虚寒]则|大抵|譬|殊不知|所以然者|不知(?![饥人味痛渴])|岂知|须知|要知|良以|诚以|惟是|且夫)"
)
INSTRUCTION = re.compile(
    "甚加|者加|则加|(?:夜间|明日|日后|以后)如有|再服|后服|停服|为度|即止|止服|再作服|再进|止后|续服|煎服|进第|第二杯|加入|尽剂|主之"
)
# a quotation ends where the writer turns back to his patient
BACK_TO_PATIENT = re.compile("^(?:此症|兹|今|是以|虽|然|惟|但|脉|舌|苔|现|所以)")
THERAPY = re.compile(
    "(?<![欲便作水吐下溏腹久暴洞晨])"  # 欲泻腹痛 is diarrhoea, not purging
    "[泻治止化制镇祛退定平消除疗截镇涤豁蠲逐泄清降导利通敛润宣主解却](?:[^，。止退]{1,4}之)?$"
)
AIM = re.compile("(?:令|俟|待|必得|能得|务|冀|望|庶|使|取|欲|欲其|求|必令|候|得其)$")
