/* minutes.c - the record of a draw, as an officer prints and signs it.
 *
 * What is signed comes first and fits two pages; the long list of codes and the policy follow as annexes, numbered with the rest. Chinese first,
 * English small beside it. Nothing is computed here: the desk says what stands in it.
 */
#include <string.h>

#include "html.h"
#include "style.h"

/* What the desk calls a fact, for those who sign in Chinese. A label that is missing here is printed as it came. */
static const struct {
	const char *label, *chinese;
} glossary[] = {
	{"Facts as of", "规则基准日"},
	{"Experts in the pool (rounded down)", "专家库人数（取整）"},
	{"Freeze", "冻结"},
	{"Draws of this freeze", "本次冻结的抽取次数"},
	{"Method", "抽取方式"},
	{"Seed", "随机种子"},
	{"How the seed was made", "种子来源"},
	{"Total fit", "匹配度总和"},
	{"Upper bound over all allowed pairs", "全部可用配对的上界"},
	{"Frozen (ledger record)", "冻结记录（日志）"},
	{"Root of the batch file", "批次文件根值"},
	{"Root of the audit file", "审计文件根值"},
	{"Root of the registry", "专家库根值"},
	{"Policy (SHA-256)", "规则摘要（SHA-256）"},
	{"Drawn (ledger record)", "抽取记录（日志）"},
	{"Root of the draw", "抽取结果根值"},
	{"Draws and freezes", "抽取与冻结次数"},
	{"Highest odds of a pair", "最高抽中概率"},
	{"Odds cap of the policy", "抽中概率上限"},
	{"Expected total fit", "匹配度总和期望"},
	{"Upper bound under the odds cap", "概率上限下的上界"},
	{"Reserves", "备选专家"},
	{"Replacements", "更换与递补"},
	{"Top-up draw", "补充抽取"},
	{"Further round", "追加抽取"},
	{"Parties of the seed", "种子参与方"},
	{"Public beacon", "公开信标"},
	{"declined", "不能参加"},
	{"no-reply", "未答复"},
	{"ill", "因病"},
	{"declared", "本人申明回避"},
	{"found", "发现应当回避"},
	{"withdrawn", "退出"},
	{"void", "意见作废"},
	{"nobody was left to come in", "无备选可递补"},
	{"the next in order was passed over: a minimum", "为满足最低要求跳过顺位"},
	{"a sealed reserve", "备选专家"},
	{"the whole batch", "退出本批次"},
	{"the project", "项目撤回"},
	{"Ledger", "日志"},
	{"Program", "程序版本"},
	{"drawn", "已抽取"},
	{"frozen, not drawn", "已冻结，未抽取"},
	{"C01", "本人"},
	{"C02", "近亲属"},
	{"C04", "同一法人单位"},
	{"C05", "曾任职单位"},
	{"C06", "董事、监事"},
	{"C07", "股东"},
	{"C09", "顾问"},
	{"C12", "师生关系"},
	{"C13", "合作关系"},
	{"C16", "提名人"},
	{"C17", "纠纷"},
	{"C18", "申请人回避"},
	{"C19", "专家回避单位"},
	{"E04", "禁止参评"},
	{"R05", "相互评审"},
	{"employer", "同单位上限"},
	{"technical", "技术"},
	{"finance", "财务"},
	{"management", "管理"},
	{"industry", "产业"},
	{"not said", "未注明"},
};

static const char *
chinese_of(const char *label)
{
	for (gsize i = 0; i < G_N_ELEMENTS(glossary); i++)
		if (g_strcmp0(glossary[i].label, label) == 0)
			return glossary[i].chinese;
	return NULL;
}

/* "规则基准日" and, small, "Facts as of". */
static void
put_label(GString *out, const char *label)
{
	const char *chinese = chinese_of(label);

	if (chinese != NULL)
		g_string_append_printf(out, "%s<small>", chinese);
	veil_html_text(out, label);
	if (chinese != NULL)
		g_string_append(out, "</small>");
}

#define PUT(out, literal) g_string_append((out), (literal))

static void
heading(GString *out, const char *chinese, const char *english)
{
	g_string_append_printf(out, "<h2>%s<small>%s</small></h2>\n", chinese, english); /* both ours */
}

/* The footers and, for a rehearsal, the header of every page. */
static void
put_page_rules(GString *out, const VeilMinutes *minutes)
{
	static const char font[] = "font:8pt 'Helvetica Neue',Arial,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei','WenQuanYi Zen Hei',sans-serif;color:#444";

	g_string_append_printf(out, "@page{size:A4;margin:17mm 15mm 18mm 15mm;\n@bottom-right{content:\"第 \" counter(page) \" 页 / 共 \" counter(pages) \" 页\";%s}\n",
			       font);
	PUT(out, "@bottom-left{content:");
	veil_html_css_string(out, "专家抽取记录表  ");
	PUT(out, " ");
	veil_html_css_string(out, minutes->batch);
	g_string_append_printf(out, ";%s}\n", font);
	if (minutes->rehearsal)
		g_string_append_printf(out, "@top-center{content:\"演练，不作为正式记录 / REHEARSAL\";%s;font-weight:700}\n", font);
	PUT(out, "}\n");
}

static void
put_head(GString *out, const VeilMinutes *minutes)
{
	PUT(out, "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>");
	veil_html_text(out, "专家抽取记录表 ");
	veil_html_text(out, minutes->batch);
	PUT(out, "</title>\n<style>\n");
	PUT(out, minutes_style);
	put_page_rules(out, minutes);
	PUT(out, "</style>\n</head>\n<body>\n");
}

static void
put_title(GString *out, const VeilMinutes *minutes)
{
	if (minutes->rehearsal)
		PUT(out, "<div class=\"mark\" aria-hidden=\"true\">演练 REHEARSAL</div>\n"
			 "<div class=\"banner\">演练，不作为正式记录 / Rehearsal: not a record</div>\n");
	PUT(out, "<header>\n<h1>专家抽取记录表</h1>\n<p class=\"sub\">Record of the draw of reviewers · 批次 ");
	veil_html_text(out, minutes->batch);
	PUT(out, " · ");
	put_label(out, minutes->state);
	PUT(out, "</p>\n</header>\n");
}

static void
put_key_number(GString *out, guint64 number, const char *what)
{
	PUT(out, "<div><b>");
	veil_html_number(out, number);
	g_string_append_printf(out, "</b><span>%s</span></div>", what);
}

static guint
panel_places(const VeilMinutes *minutes, gboolean reserve)
{
	guint n = 0;

	for (guint i = 0; i < minutes->n_places; i++)
		n += (g_strcmp0(minutes->places[i].role, "reserve") == 0) == reserve ? 1 : 0;
	return n;
}

static void
put_key_numbers(GString *out, const VeilMinutes *minutes)
{
	guint64 reserves = minutes->n_reserves + panel_places(minutes, TRUE);

	PUT(out, "<div class=\"key\">");
	put_key_number(out, minutes->n_projects, "项目 projects");
	put_key_number(out, minutes->n_reviewers, "可抽取专家 eligible reviewers");
	put_key_number(out, panel_places(minutes, FALSE), "评审席位 places drawn");
	if (reserves > 0)
		put_key_number(out, reserves, "备选 reserve places");
	PUT(out, "</div>\n");
}

/* Digests and codes in a fixed-width face: an officer compares them letter by letter. */
static gboolean
looks_like_digest(const char *value)
{
	gsize n = value ? strlen(value) : 0;

	if (n < 16)
		return FALSE;
	for (gsize i = 0; i < n; i++)
		if (!g_ascii_isxdigit(value[i]))
			return FALSE;
	return TRUE;
}

static void
put_lines(GString *out, const char *class, const VeilLine *lines, guint n)
{
	g_string_append_printf(out, "<table class=\"%s\"><tbody>\n", class);
	for (guint i = 0; i < n; i++) {
		PUT(out, "<tr><th scope=\"row\">");
		put_label(out, lines[i].label);
		PUT(out, looks_like_digest(lines[i].value) ? "</th><td class=\"mono\">" : "</th><td>");
		veil_html_text(out, lines[i].value);
		PUT(out, "</td></tr>\n");
	}
	PUT(out, "</tbody></table>\n");
}

static void
put_exclusions(GString *out, const VeilMinutes *minutes)
{
	if (minutes->n_exclusions == 0)
		return;
	PUT(out, "<section class=\"keep\">\n");
	heading(out, "回避情况", "Exclusions by rule");
	PUT(out, "<dl class=\"few5\">\n");
	for (guint i = 0; i < minutes->n_exclusions; i++) {
		PUT(out, "<div><dt>");
		put_label(out, minutes->exclusions[i].label);
		PUT(out, "</dt><dd>");
		veil_html_count(out, minutes->exclusions[i].count);
		PUT(out, "</dd></div>\n");
	}
	PUT(out, "</dl>\n<p class=\"note\">每条规则排除的项目与专家对数，按 5 向下取整；少于 5 的数目不列出，以免指向个人。 Excluded pairs by rule, rounded down to fives; counts under five are not shown, so that none points at a person.</p>\n</section>\n");
}

static void
put_chart(GString *out, VeilChart chart)
{
	if (chart.n == 0)
		return;
	g_string_append_printf(out, "<figure><figcaption>%s<small>%s</small></figcaption>\n", chart.title, chart.english);
	veil_svg_bars(out, &chart);
	PUT(out, "</figure>\n");
}

static void
put_mix(GString *out, const VeilMinutes *minutes)
{
	g_autofree VeilCount *counts = g_new(VeilCount, minutes->n_mix + 1);
	g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < minutes->n_mix; i++) {
		const char *label = minutes->mix[i].label, *chinese = chinese_of(label);

		counts[i] = minutes->mix[i];
		if (chinese == NULL)
			continue;
		g_ptr_array_add(labels, g_strdup_printf("%s %s", chinese, label));
		counts[i].label = g_ptr_array_index(labels, labels->len - 1);
	}
	/* A third of the width for a few values; many, or long names, get a row of their own. */
	put_chart(out, (VeilChart){"mix", "构成", "who was drawn", counts, minutes->n_mix, minutes->n_mix <= 10 ? 172 : 500, minutes->n_mix <= 10 ? 84 : 120});
}

/* Those who were not drawn are most of the pool; as a bar they would flatten all others, so they stand in a line of text. */
static void
put_charts(GString *out, const VeilMinutes *minutes)
{
	gboolean zero = minutes->n_loads > 0 && g_strcmp0(minutes->loads[0].label, "0") == 0;

	if (minutes->n_loads + minutes->n_fit + minutes->n_odds + minutes->n_mix == 0)
		return;
	heading(out, "负荷与匹配", "Loads, fit and mix");
	PUT(out, "<div class=\"charts\">\n");
	put_chart(out, (VeilChart){"loads", "每位专家的项目数", "projects each", minutes->loads + (zero ? 1 : 0), minutes->n_loads - (zero ? 1 : 0), 150, 30});
	put_chart(out, (VeilChart){"fit", "匹配度分布", "fit of the places", minutes->fit, minutes->n_fit, 158, 48});
	put_chart(out, (VeilChart){"odds", "抽中概率分布", "odds of the pairs", minutes->odds, minutes->n_odds, 168, 62});
	put_mix(out, minutes);
	PUT(out, "</div>\n");
	if (zero) {
		PUT(out, "<p class=\"note\">未抽中 not drawn: ");
		veil_html_count(out, minutes->loads[0].count);
		PUT(out, "</p>\n");
	}
}

static void
put_signatures(GString *out)
{
	PUT(out, "<section class=\"sign\">\n");
	heading(out, "签字", "Signatures");
	PUT(out, "<table><colgroup><col class=\"h\"/><col class=\"w\"/><col class=\"h\"/><col class=\"u\"/><col class=\"h\"/><col/></colgroup><tbody>\n"
		 "<tr><th>抽取地点<small>place</small></th><td colspan=\"3\"></td><th>抽取时间<small>time</small></th><td></td></tr>\n"
		 "<tr><th>抽取人<small>drawer</small></th><td></td><th>单位<small>unit</small></th><td></td><th>签字<small>signature</small></th>"
		 "<td></td></tr>\n"
		 "<tr><th>监督人<small>supervisor</small></th><td></td><th>单位<small>unit</small></th><td></td><th rowspan=\"2\">签字<small>signature</small></th>"
		 "<td rowspan=\"2\"></td></tr>\n"
		 "<tr><th>电话<small>phone</small></th><td colspan=\"3\"></td></tr>\n"
		 "<tr><th>备注<small>remarks</small></th><td colspan=\"5\"></td></tr>\n"
		 "</tbody></table>\n<p class=\"note\">本记录只含代码，不含姓名；附件与本页同为记录的一部分，页码连续。 "
		 "This record holds codes and no names; the annexes are part of it and its page numbers run on.</p>\n</section>\n");
}

/* All places of one role of the project that starts at i; returns the place after them. */
static guint
put_codes(GString *out, const VeilMinutes *minutes, guint i)
{
	const VeilMinutesPlace *first = &minutes->places[i];

	for (; i < minutes->n_places && g_strcmp0(minutes->places[i].project, first->project) == 0 &&
	       g_strcmp0(minutes->places[i].role, first->role) == 0; i++) {
		PUT(out, "<i>");
		veil_html_text(out, minutes->places[i].reviewer);
		PUT(out, "</i>");
	}
	return i;
}

static void
put_places(GString *out, const VeilMinutes *minutes)
{
	guint number = 0;

	if (minutes->n_places == 0)
		return;
	PUT(out, "<section class=\"list\">\n");
	heading(out, "附件一 抽取结果", "Annex 1: the draw");
	PUT(out, "<table class=\"places\"><thead><tr><th></th><th>项目代码<small>project</small></th><th>评审专家代码<small>reviewers</small></th></tr></thead><tbody>\n");
	for (guint i = 0; i < minutes->n_places;) {
		const VeilMinutesPlace *place = &minutes->places[i];
		gboolean again = i > 0 && g_strcmp0(minutes->places[i - 1].project, place->project) == 0;

		if (again) {
			PUT(out, "<tr class=\"r\"><td></td><td>");
		} else {
			g_string_append_printf(out, "<tr><td>%u</td><td class=\"p\">", ++number);
			veil_html_text(out, place->project);
		}
		PUT(out, g_strcmp0(place->role, "reserve") == 0 ? "</td><td>备选 reserve: " : "</td><td>");
		i = put_codes(out, minutes, i);
		PUT(out, "</td></tr>\n");
	}
	PUT(out, "</tbody></table>\n</section>\n");
}

static void
put_cell(GString *out, const char *class, const char *text)
{
	g_string_append_printf(out, "<td class=\"%s\">", class);
	veil_html_text(out, text);
	PUT(out, "</td>");
}

static void
put_events(GString *out, const VeilMinutes *minutes)
{
	if (minutes->n_events == 0)
		return;
	PUT(out, "<section class=\"list\">\n");
	heading(out, "附件 更换与补充记录", "Annex: the journal");
	PUT(out, "<table class=\"events\"><thead><tr><th>序号<small>no.</small></th><th>时间<small>time</small></th><th>项目代码<small>project</small></th>"
		 "<th>退出专家<small>left</small></th><th>原因<small>reason</small></th><th>递补专家<small>came in</small></th><th>备注<small>remark</small></th></tr></thead><tbody>\n");
	for (guint i = 0; i < minutes->n_events; i++) {
		const VeilMinutesEvent *event = &minutes->events[i];

		g_string_append_printf(out, "<tr><td>%" G_GUINT64_FORMAT "</td>", event->number);
		put_cell(out, "t", event->time);
		put_cell(out, "p", event->project);
		put_cell(out, "p", event->reviewer);
		PUT(out, "<td>");
		put_label(out, event->reason);
		PUT(out, "</td>");
		put_cell(out, "p", event->promoted);
		PUT(out, "<td>");
		put_label(out, event->remark);
		PUT(out, "</td></tr>\n");
	}
	PUT(out, "</tbody></table>\n<p class=\"note\">退出专家对该项目的意见作废，由下一名备选专家递补，其他席位不变。 "
		 "The opinion of whoever left is void; the next reserve takes the seat and no other seat moves.</p>\n</section>\n");
}

static void
put_policy(GString *out, const VeilMinutes *minutes)
{
	if (minutes->policy_text == NULL || *minutes->policy_text == '\0')
		return;
	PUT(out, "<section class=\"list\">\n");
	heading(out, minutes->n_places ? "附件二 规则全文" : "附件 规则全文", "Annex: the policy as committed");
	PUT(out, "<pre class=\"mono\">");
	veil_html_text(out, minutes->policy_text);
	PUT(out, "</pre>\n</section>\n");
}

char *
veil_minutes_html(const VeilMinutes *minutes)
{
	GString *out = g_string_sized_new(16384 + (gsize)minutes->n_places * 64);

	put_head(out, minutes);
	put_title(out, minutes);
	put_key_numbers(out, minutes);
	heading(out, "抽取事实", "Facts");
	put_lines(out, "facts", minutes->facts, minutes->n_facts);
	if (minutes->n_rules > 0) {
		heading(out, "适用规则", "Rules applied");
		put_lines(out, "rules", minutes->rules, minutes->n_rules);
	}
	put_exclusions(out, minutes);
	put_charts(out, minutes);
	put_signatures(out);
	put_places(out, minutes);
	put_events(out, minutes);
	put_policy(out, minutes);
	PUT(out, "</body>\n</html>\n");
	return g_string_free(out, FALSE);
}
