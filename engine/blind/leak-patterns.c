/* leak-patterns.c - what gives itself away without a list: contacts, numbers, links, titles of respect, and an author who speaks of himself.
 *
 * Every pattern begins at a fixed sign or at the edge of a word and every repetition is bounded, so that a text costs its length, whatever it says. They find too much rather than too little:
 * a finding is waived with a word, a leak is not taken back.
 */
#include "leak-internal.h"

#include <string.h>

typedef struct {
	VeilLeakKind kind;
	gboolean as_written; /* capitals count */
	const char *pattern;
} Pattern;

/* Surnames that are no ordinary first half of a word before a title (高级教授, 任职教授, 全国教授). */
#define SURNAME "[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许吕施张孔曹严魏陶姜谢邹章潘葛范彭鲁韦苗袁柳鲍唐费薛雷贺倪汤罗郝傅康伍余顾孟黄萧尹姚邵汪毛戴宋庞纪舒屈项董梁杜阮蓝季贾郭梅林钟徐邱骆夏蔡田樊胡凌霍卢莫丁邓洪崔龚程裴陆甄储靳焦谷侯武刘詹龙叶黎卓池乔温晏柴瞿阎廖司]"
#define OURSELVES "(?:我们|本人|笔者|作者|申请人|申请者|本课题组|本项目组|本团队|课题组|项目组|研究组)"
#define LONG_AGO "(?:前期|此前|先前|以往|已有|之前|早期|早先|近年)"
#define CARRIED_OUT "(?:工作|研究|成果|基础|论文|文献|项目|课题|实验|数据|发表|提出|证明|发现|完成|承担|主持)"

static const Pattern patterns[] = {
	{VEIL_LEAK_PERSON, TRUE, SURNAME "\\p{Han}{1,2}(?:院士|教授|研究员|博士|老师|先生|女士)(?!级|后|点|生导|学位)"},
	{VEIL_LEAK_PERSON, TRUE, "\\b(?:Prof(?:essor)?\\.?|Dr\\.?|Academician) (?:[A-Z]\\. ?){0,3}[A-Z][\\p{L}'-]{1,30}"},
	{VEIL_LEAK_PHONE, TRUE, "(?<![\\d.+-])(?:\\+?86[- ]?)?1[3-9]\\d[- ]?\\d{4}[- ]?\\d{4}(?![\\d.])"},
	{VEIL_LEAK_PHONE, TRUE, "(?<![\\d.])\\(?0\\d{2,3}[- )]{1,2}\\d{7,8}(?!\\d)"},
	{VEIL_LEAK_PHONE, TRUE, "(?<![\\w.+])\\+\\d{1,3}[- .(]{1,2}\\d{1,4}(?:[- .)]{1,2}\\d{2,5}){1,4}(?!\\d)"},
	{VEIL_LEAK_PHONE, FALSE, "(?:\\btel|\\bphone|\\bmobile|\\bwechat|\\bfax|电话|手机|微信|传真|(?<![a-z])qq)(?:号码?)? {0,2}[:. ] {0,2}\\+?\\d[\\d() -]{5,20}"},
	{VEIL_LEAK_EMAIL, FALSE, "(?<![a-z0-9.+%_-])[a-z0-9.+%_-]{1,64} ?(?:@|\\[ ?at ?\\]|\\( ?at ?\\)) ?[a-z0-9-]{1,63}(?: ?(?:\\.|\\[ ?dot ?\\]|\\( ?dot ?\\)) ?[a-z0-9-]{2,63}){1,5}"},
	{VEIL_LEAK_ID_NUMBER, FALSE, "(?<![a-z0-9])\\d{6} ?(?:19|20)\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01]) ?\\d{3}[\\dx](?![a-z0-9])"},
	{VEIL_LEAK_ID_NUMBER, FALSE, "(?<![\\d-])\\d{4}-\\d{4}-\\d{4}-\\d{3}[\\dx](?![\\d-])"},
	{VEIL_LEAK_ID_NUMBER, TRUE, "(?<![A-Z0-9])[159Y][1239]\\d{6}[0-9A-HJ-NPQRTUWXY]{9}[0-9A-Y](?![A-Z0-9])"},
	{VEIL_LEAK_ID_NUMBER, FALSE, "(?:护照号?码?|passport(?: no\\.?| number)?) {0,2}[: ] {0,2}[a-z]{1,2}\\d{7,8}(?!\\d)"},
	{VEIL_LEAK_GRANT, FALSE, "(?:科学基金|社科基金|重点研发计划|重大专项|基金项目|批准号|资助号|资助编号|课题编号|项目编号|合同编号|任务书编号)[^\\d。;]{0,24}\\d{4,16}"},
	{VEIL_LEAK_GRANT, FALSE, "\\b(?:grant|award|contract|project|agreement)s?(?: agreement| funding)?,? ?(?:\\(?numbers?|\\(?nos?\\.?|\\bids?|[#:]) ?[:#.(]{0,2} ?[a-z]{0,10}[-/ ]?\\d[a-z0-9/-]{2,20}"},
	{VEIL_LEAK_GRANT, TRUE, "\\b[Gg]rants? \\(?[A-Z]{1,10}[-/ ]?\\d{3,}"},
	{VEIL_LEAK_GRANT, TRUE, "(?<![A-Z0-9])20\\d{2}(?:YF[A-Z]|ZD|AAA|CB)[A-Z]?\\d{5,8}(?!\\d)|\\b(?:IIS|CCF|CNS|DMS|OAC|CMMI|ECCS)-\\d{7}(?!\\d)|\\bEP/[A-Z]\\d{6}/\\d"},
	{VEIL_LEAK_LINK, FALSE, "\\b(?:https?|ftp)://[^ ]|(?<![a-z0-9@.-])www\\.[a-z0-9-]{1,63}\\.|(?<![a-z0-9@.-])(?:github|gitlab|gitee|bitbucket|huggingface)\\.(?:com|io|org|co)/[a-z0-9]"},
	{VEIL_LEAK_LINK, FALSE, "(?<![a-z0-9.])10\\.\\d{4,9}/[a-z0-9]|\\barxiv {0,2}: {0,2}\\d{4}\\.\\d{4,5}|(?<![a-z0-9-])[a-z0-9-]{1,39}\\.github\\.io\\b"},
	{VEIL_LEAK_SELF_REFERENCE, FALSE, "\\b(?:our|my)(?: own)?(?: recent(?:ly)?)? (?:previous|previously|earlier|prior|past|former|preceding) (?:[a-z-]{1,20} ){0,3}(?:works?|papers?|articles?|stud(?:y|ies)|"
					  "research|results?|projects?|publications?|experiments?|findings?|systems?|approach(?:es)?|methods?|models?|submissions?|efforts?|grants?)\\b"},
	{VEIL_LEAK_SELF_REFERENCE, FALSE, "\\b(?:our|my) (?:research |own )?(?:group|lab|laboratory|institute|university|department|hospital|company)\\b"},
	{VEIL_LEAK_SELF_REFERENCE, FALSE, "\\b(?:our|my) (?:[a-z-]{1,20} ){0,3}\\[\\d{1,3}(?: ?[,-] ?\\d{1,3}){0,9}\\]"},
	{VEIL_LEAK_SELF_REFERENCE, FALSE, "\\bwe (?:have )?(?:previously|earlier) [a-z]{4,20}|\\b(?:in|as) (?:\\[\\d{1,3}\\],? )we\\b|\\bwe [a-z]{4,20} (?:earlier|previously) (?:in|that) "},
	{VEIL_LEAK_SELF_REFERENCE, FALSE, OURSELVES "(?:在|的|已经?|曾经?|于)? ?" LONG_AGO "[^。;,]{0,12}?" CARRIED_OUT},
	{VEIL_LEAK_SELF_REFERENCE, FALSE, "(?:我们|本人|笔者|申请人|申请者|本课题组|本团队)(?:曾经?|已经?|自|于)[^。;,]{0,16}?(?:发表|提出|证明|发现|完成|承担|主持|获得|开发|研制)"},
	{VEIL_LEAK_SELF_REFERENCE, FALSE, "(?:我校|我院|我单位|我司|我公司|我系|本校|本单位|本公司|本实验室|我实验室|我们实验室|我们团队|我们课题组)|(?<!日)本院(?!士)"},
	{VEIL_LEAK_SELF_REFERENCE, FALSE, "(?:我们|本人|笔者|申请人)[^。;,]{0,8}\\[\\d{1,3}\\]"},
};

typedef struct {
	GArray *places, *found; /* VeilFolded; VeilLeak */
} Scan;

/* Of the character to which a byte of the searched form belongs. */
static const VeilFolded *
place_of(const Scan *scan, guint32 byte)
{
	guint low = 0, high = scan->places->len;

	while (low + 1 < high) {
		guint middle = (low + high) / 2;

		if (g_array_index(scan->places, VeilFolded, middle).c <= byte)
			low = middle;
		else
			high = middle;
	}
	return &g_array_index(scan->places, VeilFolded, low);
}

static int
compare_leaks(const void *a, const void *b)
{
	const VeilLeak *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

static GRegex **
compiled(void)
{
	static GRegex *regex[G_N_ELEMENTS(patterns)];
	static gsize once;

	if (g_once_init_enter(&once)) {
		for (guint i = 0; i < G_N_ELEMENTS(patterns); i++) {
			g_autoptr(GError) error = NULL;

			regex[i] = g_regex_new(patterns[i].pattern, G_REGEX_OPTIMIZE | (patterns[i].as_written ? 0 : G_REGEX_CASELESS), 0, &error);
			if (regex[i] == NULL)
				g_error("pattern %u: %s", i, error->message);
		}
		g_once_init_leave(&once, 1);
	}
	return regex;
}

void
veil_leak_scan_patterns(const char *text, VeilLeakFunc func, gpointer data)
{
	GRegex **regex = compiled();
	Scan scan = {NULL, g_array_new(FALSE, FALSE, sizeof(VeilLeak))};
	g_autofree char *plain = veil_leak__plain(text, &scan.places);

	for (guint i = 0; scan.places->len > 0 && i < G_N_ELEMENTS(patterns); i++) {
		g_autoptr(GMatchInfo) match = NULL;
		g_autoptr(GError) error = NULL;
		gboolean more = g_regex_match_full(regex[i], plain, -1, 0, 0, &match, &error);

		for (; more; more = g_match_info_next(match, &error)) {
			int start;

			g_match_info_fetch_pos(match, 0, &start, NULL);
			const VeilFolded *place = place_of(&scan, (guint32)start);
			VeilLeak leak = {patterns[i].kind, place->line, place->column, 0};
			g_array_append_val(scan.found, leak);
		}
		/* What could not be looked through is not clean. */
		if (error != NULL) {
			VeilLeak leak = {patterns[i].kind, 1, 1, 0};
			g_array_append_val(scan.found, leak);
		}
	}
	g_array_sort(scan.found, compare_leaks);
	for (guint i = 0; i < scan.found->len; i++)
		if (i == 0 || compare_leaks(&g_array_index(scan.found, VeilLeak, i - 1), &g_array_index(scan.found, VeilLeak, i)) != 0)
			func(&g_array_index(scan.found, VeilLeak, i), data);
	g_array_unref(scan.found);
	g_array_unref(scan.places);
}
