/* vocab-names.c - the syllables of which invented names of persons and places are put together.
 *
 * Each entry is "汉字 pinyin". Any name may by chance be somebody's: none is taken from a list of persons.
 */
#include "demo.h"

const char *const demo_surnames[] = {
	"王 wang", "李 li", "张 zhang", "刘 liu", "陈 chen", "杨 yang", "黄 huang", "赵 zhao", "吴 wu", "周 zhou", "徐 xu", "孙 sun",
	"马 ma", "朱 zhu", "胡 hu", "郭 guo", "何 he", "林 lin", "高 gao", "罗 luo", "郑 zheng", "梁 liang", "谢 xie", "宋 song",
	"唐 tang", "许 xu", "韩 han", "冯 feng", "邓 deng", "曹 cao", "彭 peng", "曾 zeng", "肖 xiao", "田 tian", "董 dong", "袁 yuan",
	"潘 pan", "于 yu", "蒋 jiang", "蔡 cai", "余 yu", "杜 du", "叶 ye", "程 cheng", "苏 su", "魏 wei", "吕 lü", "丁 ding",
	"任 ren", "沈 shen", "姚 yao", "卢 lu", "姜 jiang", "崔 cui", "钟 zhong", "谭 tan", "陆 lu", "汪 wang", "范 fan", "金 jin",
	"石 shi", "廖 liao", "贾 jia", "夏 xia", "韦 wei", "付 fu", "方 fang", "白 bai", "邹 zou", "孟 meng", "熊 xiong", "秦 qin",
	"邱 qiu", "江 jiang", "尹 yin", "薛 xue", "闫 yan", "段 duan", "雷 lei", "侯 hou", "龙 long", "史 shi", "陶 tao", "黎 li",
	"贺 he", "顾 gu", "毛 mao", "郝 hao", "龚 gong", "邵 shao", "万 wan", "钱 qian", "严 yan", "覃 qin", "武 wu", "戴 dai",
	"莫 mo", "孔 kong", "向 xiang", "汤 tang", "欧阳 ouyang", "司徒 situ", "上官 shangguan", "诸葛 zhuge",
};
const gsize demo_n_surnames = G_N_ELEMENTS(demo_surnames);

const char *const demo_given[] = {
	"伟 wei", "芳 fang", "娜 na", "敏 min", "静 jing", "丽 li", "强 qiang", "磊 lei", "军 jun", "洋 yang", "勇 yong", "艳 yan",
	"杰 jie", "娟 juan", "涛 tao", "明 ming", "超 chao", "秀 xiu", "霞 xia", "平 ping", "刚 gang", "桂 gui", "文 wen", "辉 hui",
	"玲 ling", "鹏 peng", "华 hua", "飞 fei", "红 hong", "梅 mei", "鑫 xin", "波 bo", "斌 bin", "宇 yu", "浩 hao", "凯 kai",
	"健 jian", "俊 jun", "帆 fan", "雪 xue", "帅 shuai", "旭 xu", "宁 ning", "龙 long", "林 lin", "欢 huan", "佳 jia", "阳 yang",
	"建 jian", "志 zhi", "国 guo", "子 zi", "晓 xiao", "海 hai", "云 yun", "春 chun", "小 xiao", "永 yong", "立 li", "新 xin",
	"思 si", "雨 yu", "嘉 jia", "天 tian", "泽 ze", "一 yi", "梓 zi", "诗 shi", "可 ke", "皓 hao", "铭 ming", "熙 xi",
	"语 yu", "晨 chen", "亦 yi", "景 jing", "若 ruo", "书 shu", "怀 huai", "知 zhi", "行 xing", "远 yuan", "清 qing", "弘 hong",
	"睿 rui", "昕 xin", "琪 qi", "瑶 yao", "璐 lu", "萱 xuan", "蕾 lei", "莹 ying", "颖 ying", "倩 qian", "燕 yan", "慧 hui",
	"玉 yu", "兰 lan", "竹 zhu", "松 song", "柏 bai", "石 shi", "山 shan", "川 chuan", "江 jiang", "湖 hu", "源 yuan", "泉 quan",
	"琛 chen", "珩 heng", "瑾 jin", "瑜 yu", "喆 zhe", "赟 yun", "翀 chong", "昉 fang", "旻 min", "焱 yan", "淼 miao", "垚 yao",
	"德 de", "仁 ren", "义 yi", "礼 li", "智 zhi", "信 xin", "忠 zhong", "孝 xiao", "廉 lian", "勤 qin", "俭 jian", "恒 heng",
	"和 he", "谦 qian", "达 da", "广 guang", "博 bo", "厚 hou", "载 zai", "物 wu",
};
const gsize demo_n_given = G_N_ELEMENTS(demo_given);

/* Family name last; accents on purpose: some lists carry them decomposed. */
const char *const demo_foreign[] = {
	"Zoë Halvorsen", "José Arrieta", "Renée Dubreuil", "Łukasz Wrona", "Søren Vestergaard", "Mária Szép", "Jürgen Kaltenbach", "Inês Carvalhal",
	"Håkon Lindqvist", "Ángela Roldán", "Françoise Métayer", "Tomáš Hrubý", "Siobhán Farrelly", "Nuñez Ibarra", "Anaïs Clairmont", "Göran Ek",
};
const gsize demo_n_foreign = G_N_ELEMENTS(demo_foreign);

const char *const demo_place_first[] = {
	"霁 Ji", "岚 Lan", "栖 Qi", "澜 Lan", "芷 Zhi", "砚 Yan", "琅 Lang", "沅 Yuan", "昀 Yun", "翊 Yi", "皋 Gao", "蘅 Heng",
	"漪 Yi", "峤 Qiao", "湄 Mei", "岫 Xiu", "璟 Jing", "钧 Jun", "珞 Luo", "榕 Rong", "晏 Yan", "嵩 Song", "澄 Cheng", "蓼 Liao",
};
const gsize demo_n_place_first = G_N_ELEMENTS(demo_place_first);

const char *const demo_place_second[] = {
	"川 chuan", "溪 xi", "洲 zhou", "陵 ling", "泽 ze", "屏 ping", "浦 pu", "原 yuan", "埠 bu", "塘 tang", "麓 lu", "汀 ting",
	"堤 di", "峪 yu", "畈 fan", "渚 zhu", "岭 ling", "湾 wan",
};
const gsize demo_n_place_second = G_N_ELEMENTS(demo_place_second);

/* Real regions, because panel rules speak of them; the cities are invented. The first is the bureau's own. */
const char *const demo_provinces[] = {
	"广东", "北京", "上海", "江苏", "浙江", "湖北", "湖南", "四川", "山东", "福建", "陕西", "安徽", "河南", "辽宁", "天津", "重庆",
	"江西", "广西", "黑龙江", "吉林", "云南", "河北", "山西", "甘肃", "贵州", "海南", "内蒙古", "新疆", "宁夏", "青海",
};
const gsize demo_n_provinces = G_N_ELEMENTS(demo_provinces);
