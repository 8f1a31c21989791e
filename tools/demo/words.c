/* words.c - titles, profiles and abstracts, put together from a leaf's terms.
 *
 * Two texts of one leaf share terms and little else: that is what affinity has to see. Sentences are stock phrases on purpose.
 */
#include <string.h>

#include "demo.h"

static const char *const settings[] = {"复杂环境", "沿海地区", "大规模场景", "极端工况", "多源数据", "低碳目标", "城市群", "全生命周期", "小样本条件",
				       "跨区域协同", "老龄化背景", "海洋环境", "开放环境", "高湿热气候"};
static const char *const aspects[] = {"关键技术", "机理与调控", "理论与方法", "演化规律", "评价方法", "优化设计", "协同机制", "基础问题", "应用示范", "建模与仿真"};
static const char *const verbs[] = {"揭示", "建立", "发展", "阐明", "构建", "提出"};
static const char *const results[] = {"已在三家单位试用", "形成了可推广的规程", "相关结果经同行验证", "完成了原理样机", "建成了开放数据集", "指标优于现有方案"};

#define PICK(rng, list) ((list)[demo_below((rng), G_N_ELEMENTS(list))])

char *
demo_hanzi(const char *entry)
{
	return g_strndup(entry, strcspn(entry, " "));
}

const char *
demo_pinyin(const char *entry)
{
	return strchr(entry, ' ') + 1;
}

/* A, 1 and ( as a Chinese keyboard's full-width mode types them. */
char *
demo_wide(const char *text)
{
	GString *out = g_string_new(NULL);

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		g_string_append_unichar(out, c > 0x20 && c < 0x7f ? c + 0xfee0 : c);
	}
	return g_string_free(out, FALSE);
}

/* n different terms of the leaf, NULL-terminated; n is at most six. */
static char **
distinct_terms(DemoRng *rng, guint leaf, guint n)
{
	g_auto(GStrv) terms = g_strsplit(demo_fields[leaf].terms, "|", -1);
	guint total = g_strv_length(terms);

	for (guint i = 0; i < n; i++) { /* the opening of a shuffle */
		guint other = i + demo_below(rng, total - i);
		char *swapped = terms[i];

		terms[i] = terms[other];
		terms[other] = swapped;
	}
	for (guint i = n; i < total; i++)
		g_clear_pointer(&terms[i], g_free);
	return g_steal_pointer(&terms);
}

char *
demo_keywords(DemoRng *rng, guint leaf, guint n)
{
	g_auto(GStrv) terms = distinct_terms(rng, leaf, n);

	return g_strjoinv("；", terms);
}

/* Chance is always asked in a statement of its own: the order in which arguments are evaluated is the compiler's choice. */
char *
demo_title(DemoRng *rng, guint leaf)
{
	g_auto(GStrv) terms = distinct_terms(rng, leaf, 2);
	const char *setting = PICK(rng, settings), *aspect = PICK(rng, aspects);

	switch (demo_below(rng, 4)) {
	case 0:
		return g_strdup_printf("面向%s的%s%s研究", setting, terms[0], aspect);
	case 1:
		return g_strdup_printf("%s与%s的%s", terms[0], terms[1], aspect);
	case 2:
		return g_strdup_printf("%s下%s的%s", setting, terms[0], aspect);
	default:
		return g_strdup_printf("基于%s的%s%s", terms[0], terms[1], aspect);
	}
}

char *
demo_profile(DemoRng *rng, guint leaf, guint second_leaf)
{
	g_auto(GStrv) terms = distinct_terms(rng, leaf, 3);
	g_autofree char *c = demo_title(rng, leaf);
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "长期从事%s研究，%s%s、%s与%s方面的方法，主持“%s”。", demo_fields[leaf].name,
			       PICK(rng, verbs), terms[0], terms[1], terms[2], c);
	if (second_leaf != DEMO_NONE) {
		g_auto(GStrv) others = distinct_terms(rng, second_leaf, 1);

		g_string_append_printf(text, "兼及%s，关注%s。", demo_fields[second_leaf].name, others[0]);
	}
	if (demo_chance(rng, 30))
		g_string_append_printf(text, "\n%s，%s。", terms[1], PICK(rng, results)); /* a line break inside a cell */
	return g_string_free(text, FALSE);
}

char *
demo_abstract(DemoRng *rng, guint leaf)
{
	g_auto(GStrv) terms = distinct_terms(rng, leaf, 4);
	const char *where = PICK(rng, settings), *there = PICK(rng, settings), *aspect = PICK(rng, aspects);
	const char *first = PICK(rng, verbs), *second = PICK(rng, verbs), *result = PICK(rng, results);

	return g_strdup_printf("针对%s中%s的%s，本项目拟%s%s与%s之间的联系，%s适用于%s的%s。%s预期成果包括“%s”方案一套，%s。", where, terms[0], aspect, first,
			       terms[0], terms[1], second, there, terms[2], demo_chance(rng, 25) ? "\n" : "", terms[3], result);
}
