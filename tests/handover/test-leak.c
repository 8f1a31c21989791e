/* test-leak.c - what gives itself away is found, in Chinese and English, at its place; what does not is left alone; and names are found exactly as a naive search finds them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include <veil/leak.h>

static void
add(const VeilLeak *leak, gpointer data)
{
	g_string_append_printf(data, "%s%s@%u:%u", ((GString *)data)->len > 0 ? " " : "", veil_leak_kind_name(leak->kind), leak->line, leak->column);
}

static char *
patterns(const char *text)
{
	GString *out = g_string_new(NULL);

	veil_leak_scan_patterns(text, add, out);
	return g_string_free(out, FALSE);
}

static void
found_at_their_place(void **state)
{
	static const struct {
		const char *text, *found;
	} cases[] = {
		{"请联系 13800138000。", "phone@1:5"},
		{"电话：（010）62751234", "phone@1:4"},
		{"tel: +86 10 6275 1234", "phone@1:1 phone@1:6"},
		{"１３８００１３８０００", "phone@1:1"},
		{"write to Li.Wei@example.edu.cn soon", "e-mail@1:10"},
		{"li.wei (at) example (dot) edu", "e-mail@1:1"},
		{"li\xE2\x80\x8B@example.org", "e-mail@1:1"}, /* a zero-width blank */
		{"身份证 11010519491231002X", "id-number@1:5"},
		{"ORCID 0000-0002-1825-0097", "id-number@1:7"},
		{"信用代码 91110000802100433B", "id-number@1:6"},
		{"国家自然科学基金(61272123)资助", "grant@1:5"},
		{"supported by grant No. IIS-1234567", "grant@1:14 grant@1:24"},
		{"项目编号：2018YFB1003202", "grant@1:1 grant@1:6"},
		{"code at https://github.com/x/y", "link@1:9"},
		{"see doi 10.1145/1327452.1327492", "link@1:9"},
		{"two\nlines, then\nwww.example.org", "link@3:1"},
		{"As in our earlier work [3], we", "self-reference@1:7"},
		{"extends our previous ACL paper", "self-reference@1:9"},
		{"our model [12] is", "self-reference@1:1"},
		{"We have previously shown that", "self-reference@1:1"},
		{"in our\nlaboratory", "self-reference@1:4"},
		{"我们前期工作表明", "self-reference@1:1"},
		{"课题组已有的研究成果", "self-reference@1:1"},
		{"申请人曾主持两项课题", "self-reference@1:1"},
		{"我校的实验平台", "self-reference@1:1"},
		{"在王小明教授指导下", "person@1:2"},
		{"thanks to Prof. Smith", "person@1:11"},
	};
	guint bad = 0;

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = patterns(cases[i].text);

		if (strcmp(got, cases[i].found) != 0)
			print_error("case %u: %s instead of %s\n", i, got, cases[i].found), bad++;
	}
	assert_int_equal(bad, 0);
}

static void
ordinary_texts_are_left_alone(void **state)
{
	static const char *const texts[] = {
		"针对养殖海域赤潮样本稀少的问题，研究遥感图像的小样本学习与早期预警方法。",
		"We present a model of 12345678 parameters; it improves by 3.14159265 points over earlier work.",
		"In previous work, Chomsky (1957) showed that. Our results hold in 2018-2019.",
		"高级教授职称评审, 专家系统, 日本院士制度, 基金的管理",
		"version 10.1.2, 100,000,000,000 tokens, 2^64 = 18446744073709551616",
		"the award winning method; a project of 2020 steps; the grant of rights",
		"", "a", "\n\n\n",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *got = patterns(texts[i]);

		if (*got != '\0')
			fail_msg("text %u: %s", i, got);
	}
}

static char *
terms_in(const char *const *names, VeilLeakKind kind, const char *text)
{
	g_autoptr(VeilLeakTerms) terms = veil_leak_terms_new();
	GString *out = g_string_new(NULL);

	for (guint i = 0; names[i] != NULL; i++)
		veil_leak_terms_add(terms, kind, names[i], i);
	veil_leak_terms_ready(terms);
	veil_leak_scan_terms(terms, text, add, out);
	return g_string_free(out, FALSE);
}

static void
names_however_they_are_spelt(void **state)
{
	static const char *const people[] = {"司徒怀瑾", "张伟", "Li Wei", "José García", "阿里木·买买提", "王", "Zipf", NULL};
	static const char *const units[] = {"中国地质大学（武汉）", "霁川理工", "Lanxi Ocean University", "Google", "MIT", NULL};
	static const struct {
		gboolean units;
		const char *text, *found;
	} cases[] = {
		{FALSE, "由司徒怀瑾提出", "person@1:2"},
		{FALSE, "司徒\n  怀 瑾", "person@1:1"},
		{FALSE, "张　伟等人", "person@1:1"},
		{FALSE, "张，伟", ""},
		{FALSE, "by LI  WEI.", "person@1:4"},
		{FALSE, "by Wei Li", "person@1:4"},
		{FALSE, "by Wei, Li", "person@1:4"},
		{FALSE, "Li Weiss and Kali Wei", ""},
		{FALSE, "Jose Garcia", "person@1:1"},
		{FALSE, "Ｌｉ　Ｗｅｉ", "person@1:1"},
		{FALSE, "阿里木•买买提", "person@1:1"},
		{FALSE, "王与 Zipf 定律", ""}, /* too short to mean anybody */
		{TRUE, "中国地质大学(武汉)的", "organisation@1:1"},
		{TRUE, "中国地质大学（北京）", ""},
		{TRUE, "lanxi ocean university", "organisation@1:1"},
		{TRUE, "in Google's data", "organisation@1:4"},
		{TRUE, "to google it", ""}, /* one word counts where it is written as a name */
		{TRUE, "with MIT", ""},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = terms_in(cases[i].units ? units : people, cases[i].units ? VEIL_LEAK_ORGANISATION : VEIL_LEAK_PERSON, cases[i].text);

		if (strcmp(got, cases[i].found) != 0)
			fail_msg("case %u: '%s' instead of '%s'", i, got, cases[i].found);
	}
}

/* Law: over a small alphabet, where names overlap and end inside one another, the automaton finds what looking at every place finds. */
static void
as_a_naive_search(void **state)
{
	static const char *const letters[] = {"甲", "乙", "丙"};
	g_autoptr(GRand) rand = g_rand_new_with_seed(5);

	(void)state;
	for (guint round = 0; round < 200; round++) {
		g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GString) text = g_string_new(NULL), expected = g_string_new(NULL);
		g_autofree char *got = NULL;

		for (guint i = 0; i < 12; i++) {
			GString *name = g_string_new(NULL);
			gboolean there = FALSE;

			for (guint k = 0; k < 2 + (guint)g_rand_int_range(rand, 0, 4); k++)
				g_string_append(name, letters[g_rand_int_range(rand, 0, 3)]);
			for (guint k = 0; k < names->len; k++)
				there |= strcmp(g_ptr_array_index(names, k), name->str) == 0;
			if (there)
				g_string_free(name, TRUE);
			else
				g_ptr_array_add(names, g_string_free(name, FALSE));
		}
		g_ptr_array_add(names, NULL);
		for (guint k = 0; k < 60; k++)
			g_string_append(text, letters[g_rand_int_range(rand, 0, 3)]);
		/* By ends, the longest first. */
		for (guint end = 1; end <= 60; end++)
			for (guint len = end; len >= 2; len--)
				for (guint i = 0; names->pdata[i] != NULL; i++)
					if (strlen(names->pdata[i]) == 3 * len && strncmp(text->str + 3 * (end - len), names->pdata[i], 3 * len) == 0)
						g_string_append_printf(expected, "%sperson@1:%u", expected->len > 0 ? " " : "", end - len + 1);
		got = terms_in((const char *const *)names->pdata, VEIL_LEAK_PERSON, text->str);
		assert_string_equal(got, expected->str);
	}
}

static void
count(const VeilLeak *leak, gpointer data)
{
	(void)leak;
	++*(guint *)data;
}

/* Texts made to be slow are not: each of them would take minutes if a pattern went back over what it has read. */
static void
hostile_texts_end(void **state)
{
	static const char *const pieces[] = {"a", "a.", "1", "1-", "我们", "our ", "+1 ", "@", "grant no. ", "[1,", "申请人", "科学基金", "x.y@", "10."};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		guint n = 0;

		while (text->len < 200000)
			g_string_append(text, pieces[i]);
		veil_leak_scan_patterns(text->str, count, &n);
	}
}

static void
files_are_what_they_hold(void **state)
{
	static const struct {
		const char *bytes;
		gsize len;
		gboolean taken;
	} cases[] = {
		{"# a title\n\ntext\twith a tab\r\n", 27, TRUE},
		{"\xEF\xBB\xBF标题", 9, TRUE},
		{"PK\003\004word/document.xml", 21, FALSE},
		{"%PDF-1.7", 8, FALSE},
		{"harmless text\n%PDF-1.4 obj", 26, FALSE},
		{"\xFF\xD8\xFF\xE1 Exif GPS", 13, FALSE},
		{"\x89PNG\r\n\x1a\n", 8, FALSE},
		{"\xD0\xCF\x11\xE0", 4, FALSE},
		{"{\\rtf1 author}", 14, FALSE},
		{"<!DOCTYPE html><meta name=author>", 33, FALSE},
		{"![x](data:image/png;base64,AAAA)", 32, FALSE},
		{"a\0b", 3, FALSE},
		{"a\x1b[31m", 6, FALSE},
		{"\xC4\xE3\xBA\xC3", 4, FALSE}, /* GB18030 */
		{"", 0, FALSE},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		if ((veil_text_refusal((const guint8 *)cases[i].bytes, cases[i].len) == NULL) != cases[i].taken)
			fail_msg("case %u", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_at_their_place),	 cmocka_unit_test(ordinary_texts_are_left_alone), cmocka_unit_test(names_however_they_are_spelt),
		cmocka_unit_test(as_a_naive_search),	 cmocka_unit_test(hostile_texts_end),		  cmocka_unit_test(files_are_what_they_hold),
	};

	return cmocka_run_group_tests_name("leak", tests, NULL, NULL);
}
