"""Chinese surnames: what tells a surname from a given name.

Source: the Hundred Family Surnames (百家姓, public domain), with surnames of today's common ones that it lacks, and the
report on names of the Ministry of Public Security (二〇二〇年全国姓名报告) for the order of the hundred most common.
"""

SINGLE_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓"
    "郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫"
    "宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴鬱胥能苍双闻莘党翟谭贡劳逄姬申扶堵"
    "冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东"
    "欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖覃付代尧闫岳帅商佟涂兰"
    "苟母展区冼邸仝战原揭初矫迟鹿邝官粟展隋苑问楚晋宾海岩青来战丘丛佘归恽栗楼留盘练芈谌麦阳辜芦蹇锺甯阎释牟贠折朴"
)
COMPOUND_SURNAMES = frozenset(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙"
    " 钟离 长孙 宇文 司徒 鲜于 司空 令狐 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 段干"
    " 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五 淳于 单于 叔孙 东里 贺兰 纳兰 完颜 耶律 哥舒 达奚 那拉 叶赫那拉 钮祜禄"
    " 爱新觉罗 范姜 陆费 相里".split()
)
# The hundred most common surnames, most common first: they tell which end of a pinyin name is the surname.
COMMON_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向"
)
# The compound surnames that thousands bear, by the same report.
COMMON_COMPOUND_SURNAMES = frozenset("欧阳 上官 皇甫 令狐 诸葛 司徒 司马 申屠 夏侯".split())
# Characters that are read differently as a surname than in other words (Table of General Standard Chinese Characters).
SURNAME_READINGS = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "翟": "zhai", "盖": "ge",
    "乐": "yue", "任": "ren", "缪": "miao", "覃": "qin", "冼": "xian", "召": "shao", "华": "hua", "宁": "ning",
    "朴": "piao", "尉迟": "yuchi", "万俟": "moqi", "澹台": "tantai", "长孙": "zhangsun", "种": "chong", "员": "yun",
    "繁": "po", "黑": "he", "洗": "xian", "秘": "bi", "折": "she", "薄": "bo", "晟": "cheng", "祭": "zhai", "乐正": "yuezheng",
    "贠": "yun",
}  # fmt: skip
# Surnames as Taiwan writes them: Wade-Giles whose apostrophes passports leave out, so that Chen is 陈 (Ch'en).
WADE_GILES_SURNAMES = {
    "chang": "zhang", "chao": "zhao", "chen": "chen", "chiang": "jiang", "chiu": "qiu", "chou": "zhou", "chu": "zhu",
    "chuang": "zhuang", "chung": "zhong", "ho": "he", "hsia": "xia", "hsiao": "xiao", "hsieh": "xie", "hsiung": "xiong",
    "hsu": "xu", "hsueh": "xue", "hu": "hu", "huang": "huang", "hung": "hong", "jen": "ren", "kao": "gao", "kuo": "guo",
    "lai": "lai", "li": "li", "liang": "liang", "liao": "liao", "lin": "lin", "liu": "liu", "lo": "luo", "ma": "ma",
    "pai": "bai", "pan": "pan", "peng": "peng", "shih": "shi", "su": "su", "sun": "sun", "sung": "song", "tai": "dai",
    "tang": "tang", "teng": "deng", "tsai": "cai", "tsao": "cao", "tseng": "zeng", "tsui": "cui", "tu": "du",
    "tung": "dong", "wang": "wang", "wei": "wei", "wu": "wu", "yang": "yang", "yao": "yao", "yeh": "ye", "yen": "yan",
    "yu": "yu",
}  # fmt: skip
# Surnames as Hong Kong writes them that are no surname in pinyin: they tell which end of Chan Tai Man is the surname.
# What the given name would be in Mandarin they do not tell.
CANTONESE_SURNAMES = frozenset(
    "au chan cheung chiu chow fung kwan kwok kwong lam lau leung lui mak ng poon shum siu szeto tsang tse wong yau yeung yim yip"
    " yiu yuen".split()
)
