/* orgs.c - about 1,500 invented employers, and how lists misspell them.
 *
 * Places do not exist, so neither do their universities. A few are put there as traps: campuses that differ in the brackets only, hospitals
 * attached to a university (another legal person), employers that no list of organisations knows.
 */
#include <string.h>

#include "demo.h"

static const struct {
	const char *name, *english;
} themes[] = {
	{"理工", "University of Technology"}, {"师范", "Normal University"},	  {"医科", "Medical University"},
	{"农业", "Agricultural University"},  {"财经", "University of Finance"}, {"交通", "Jiaotong University"},
	{"海洋", "Ocean University"},	      {"工业", "Polytechnic University"}, {"科技", "University of Science"},
	{"", "University"},
};
static const char *const brands[] = {"智远 Zhiyuan", "恒拓 Hengtuo", "瑞澄 Ruicheng", "海擎 Haiqing", "新翼 Xinyi", "博谱 Bopu", "云砺 Yunli", "启衡 Qiheng",
				     "嘉禾源 Jiaheyuan", "深蓝域 Shenlanyu", "同光 Tongguang", "华翎 Hualing"};
static const char *const trades[] = {"科技", "生物", "材料", "装备", "软件", "能源", "医疗器械", "环境"};
/* Invented, with accents: some lists carry them decomposed. */
static const char *const abroad[] = {"Institut für Küstenforschung Hohenwarf", "Universidade de São Tércio", "École Supérieure de Montvaillant",
				     "Politechnika Żarska", "Københoved Tekniske Højskole", "Instituto Español de Acústica Peñarrubia"};

typedef struct {
	DemoWorld *world;
	DemoRng rng;
	GHashTable *taken;   /* names and aliases */
	GArray *universities; /* guint */
	const char **province_of; /* by place */
} Maker;

static gboolean
take(Maker *maker, const char *name)
{
	return g_hash_table_add(maker->taken, g_strdup(name));
}

static gboolean
add_alias(Maker *maker, DemoOrg *org, char *alias)
{
	if (org->n_aliases < G_N_ELEMENTS(org->aliases) && take(maker, alias)) {
		org->aliases[org->n_aliases++] = alias;
		return TRUE;
	}
	g_free(alias);
	return FALSE;
}

static char *
place(Maker *maker, DemoOrg *org, char **out_english)
{
	guint a = demo_below(&maker->rng, (guint32)demo_n_place_first), b = demo_below(&maker->rng, (guint32)demo_n_place_second);
	g_autofree char *x = demo_hanzi(demo_place_first[a]), *y = demo_hanzi(demo_place_second[b]);
	char *name = g_strconcat(x, y, NULL);

	org->province = maker->province_of[a * demo_n_place_second + b];
	g_free(org->city);
	org->city = g_strconcat(name, "市", NULL);
	*out_english = g_strconcat(demo_pinyin(demo_place_first[a]), demo_pinyin(demo_place_second[b]), NULL);
	return name;
}

/* The leaves of one branch: all whose code opens with prefix, from a random start. */
static void
add_leaves(Maker *maker, DemoOrg *org, const char *prefix, guint n)
{
	const GArray *leaves = maker->world->leaves;
	guint start = demo_below(&maker->rng, leaves->len);

	for (guint i = 0; i < leaves->len && n > 0 && org->n_leaves < G_N_ELEMENTS(org->leaves); i++) {
		guint leaf = g_array_index(leaves, guint, (start + i) % leaves->len);

		if (!g_str_has_prefix(demo_fields[leaf].code, prefix))
			continue;
		org->leaves[org->n_leaves++] = leaf;
		n--;
	}
}

static void
random_branch(Maker *maker, char *prefix, guint digits)
{
	const GArray *leaves = maker->world->leaves;
	guint leaf = g_array_index(leaves, guint, demo_below(&maker->rng, leaves->len));

	g_strlcpy(prefix, demo_fields[leaf].code, digits + 1);
}

static void
name_university(Maker *maker, DemoOrg *org)
{
	g_autofree char *english = NULL, *at = place(maker, org, &english);
	guint theme = demo_below(&maker->rng, G_N_ELEMENTS(themes));

	org->name = g_strconcat(at, themes[theme].name, "大学", NULL);
	org->english = g_strconcat(english, " ", themes[theme].english, NULL);
	for (guint i = 0; i < 4; i++) {
		char prefix[7];

		random_branch(maker, prefix, 4);
		add_leaves(maker, org, prefix, 2);
	}
}

static void
name_institute(Maker *maker, DemoOrg *org)
{
	g_autofree char *english = NULL, *at = place(maker, org, &english);
	char prefix[7];
	guint field = 0;

	random_branch(maker, prefix, 4);
	for (guint i = 0; i < demo_n_fields; i++)
		if (strcmp(demo_fields[i].code, prefix) == 0)
			field = i;
	org->name = g_strconcat(at, demo_fields[field].name, demo_chance(&maker->rng, 50) ? "研究所" : "研究院", NULL);
	org->english = g_strdup_printf("%s Research Institute %s", english, prefix);
	add_leaves(maker, org, prefix, 3);
}

static void
name_hospital(Maker *maker, DemoOrg *org)
{
	g_autofree char *english = NULL, *at = place(maker, org, &english);

	if (maker->universities->len > 0 && demo_chance(&maker->rng, 55)) {
		guint parent = g_array_index(maker->universities, guint, demo_below(&maker->rng, maker->universities->len));
		const DemoOrg *of = demo_at(maker->world->orgs, DemoOrg, parent);
		gboolean first = demo_chance(&maker->rng, 50);

		org->parent = parent;
		org->province = of->province;
		g_free(org->city);
		org->city = g_strdup(of->city);
		org->name = g_strconcat(of->name, first ? "附属第一医院" : "附属第二医院", NULL);
		org->english = g_strconcat(first ? "First Hospital of " : "Second Hospital of ", of->english, NULL);
	} else {
		org->name = g_strconcat(at, "市人民医院", NULL);
		org->english = g_strconcat(english, " People's Hospital", NULL);
	}
	add_leaves(maker, org, "04", 5);
}

static void
name_company(Maker *maker, DemoOrg *org)
{
	g_autofree char *english = NULL, *at = place(maker, org, &english);
	const char *brand = brands[demo_below(&maker->rng, G_N_ELEMENTS(brands))];
	g_autofree char *hanzi = demo_hanzi(brand);
	char prefix[7];

	org->name = g_strdup_printf("%s%s%s有限公司", at, hanzi, trades[demo_below(&maker->rng, G_N_ELEMENTS(trades))]);
	org->english = g_strdup_printf("%s %s Co., Ltd.", english, demo_pinyin(brand));
	add_alias(maker, org, g_strconcat(at, hanzi, NULL));
	random_branch(maker, prefix, 4);
	add_leaves(maker, org, prefix, 2);
}

static void
name_firm(Maker *maker, DemoOrg *org)
{
	g_autofree char *english = NULL, *at = place(maker, org, &english);

	org->name = g_strconcat(at, "会计师事务所（特殊普通合伙）", NULL);
	org->english = g_strconcat(english, " Certified Public Accountants LLP", NULL);
	add_leaves(maker, org, "0902", 3);
}

static void
clear_org(gpointer item)
{
	DemoOrg *org = item;

	g_free(org->code);
	g_free(org->name);
	g_free(org->english);
	g_free(org->city);
	for (guint i = 0; i < org->n_aliases; i++)
		g_free(org->aliases[i]);
	if (org->members != NULL)
		g_array_unref(org->members);
}

static DemoOrgKind
random_kind(DemoRng *rng)
{
	guint32 x = demo_below(rng, 100);

	return x < 36 ? DEMO_UNIVERSITY : x < 62 ? DEMO_INSTITUTE : x < 72 ? DEMO_HOSPITAL : x < 96 ? DEMO_COMPANY : DEMO_FIRM;
}

static void
finish_org(Maker *maker, DemoOrg *org, guint serial, guint total)
{
	static const guint size[DEMO_N_ORG_KINDS] = {4, 2, 2, 1, 1};

	org->code = demo_org_code(serial * 7 + 11);
	org->members = g_array_new(FALSE, FALSE, sizeof(guint));
	org->weight = (guint64)size[org->kind] * 1000000 / (demo_below(&maker->rng, total) + 15);
	if (org->english != NULL && !add_alias(maker, org, g_strdup(org->english)))
		g_clear_pointer(&org->english, g_free); /* 岚溪 and 澜溪 sound alike: the first keeps the name */
	if (org->kind == DEMO_UNIVERSITY && g_str_has_suffix(org->name, "大学") && g_utf8_strlen(org->name, -1) > 4)
		add_alias(maker, org, g_strndup(org->name, strlen(org->name) - strlen("大学")));
	org->listed = serial % 50 != 49;
	g_array_append_val(maker->world->orgs, *org);
	if (org->kind == DEMO_UNIVERSITY) {
		guint index = maker->world->orgs->len - 1;

		g_array_append_val(maker->universities, index);
	}
}

/* Two campuses whose names differ inside the brackets only: two legal persons. */
static gboolean
make_twins(Maker *maker, guint total)
{
	DemoOrg east = {.parent = DEMO_NONE, .kind = DEMO_UNIVERSITY}, west = {0};
	g_autofree char *english = NULL, *at = place(maker, &east, &english);

	west = east;
	west.city = g_strdup(east.city);
	east.name = g_strconcat(at, "矿业大学（东院）", NULL);
	west.name = g_strconcat(at, "矿业大学（西院）", NULL);
	if (!take(maker, east.name) || !take(maker, west.name)) {
		clear_org(&east);
		clear_org(&west);
		return FALSE;
	}
	east.english = g_strconcat(english, " University of Mining (East)", NULL);
	west.english = g_strconcat(english, " University of Mining (West)", NULL);
	add_leaves(maker, &east, "0604", 3);
	add_leaves(maker, &west, "0604", 3);
	finish_org(maker, &east, maker->world->orgs->len, total);
	finish_org(maker, &west, maker->world->orgs->len, total);
	return TRUE;
}

static void
make_one(Maker *maker, guint total)
{
	static void (*const name[DEMO_N_ORG_KINDS])(Maker *, DemoOrg *) = {name_university, name_institute, name_hospital, name_company, name_firm};

	for (;;) {
		DemoOrg org = {.parent = DEMO_NONE, .kind = random_kind(&maker->rng)};

		name[org.kind](maker, &org);
		if (org.n_leaves > 0 && take(maker, org.name)) {
			finish_org(maker, &org, maker->world->orgs->len, total);
			return;
		}
		clear_org(&org);
	}
}

void
demo_make_orgs(DemoWorld *world)
{
	guint total = MAX(24, world->n_experts / 27), places = (guint)(demo_n_place_first * demo_n_place_second);
	Maker maker = {.world = world, .rng = demo_rng(world->seed, "organisations")};
	g_autofree const char **province_of = g_new(const char *, places);
	g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GArray) universities = g_array_new(FALSE, FALSE, sizeof(guint));

	maker.province_of = province_of;
	maker.taken = taken;
	maker.universities = universities;
	g_array_set_clear_func(world->orgs, clear_org);
	for (guint i = 0; i < places; i++)
		province_of[i] = demo_provinces[demo_chance(&maker.rng, 25) ? 0 : demo_below(&maker.rng, (guint32)demo_n_provinces)];
	while (world->orgs->len < total - G_N_ELEMENTS(abroad)) {
		if (world->orgs->len % 60 == 10 && make_twins(&maker, total))
			continue;
		make_one(&maker, total);
	}
	for (guint i = 0; i < G_N_ELEMENTS(abroad); i++) {
		DemoOrg org = {.parent = DEMO_NONE, .kind = DEMO_INSTITUTE, .name = g_strdup(abroad[i])};
		char prefix[7];

		random_branch(&maker, prefix, 4);
		add_leaves(&maker, &org, prefix, 3);
		take(&maker, org.name);
		finish_org(&maker, &org, world->orgs->len, total);
		demo_at(world->orgs, DemoOrg, world->orgs->len - 1)->listed = TRUE;
	}
}

/* --- spellings ---------------------------------------------------------------------------------------------------- */

/* Blanks around it, narrow brackets for wide ones. */
static char *
padded(const char *name)
{
	GString *text = g_string_new("　");

	g_string_append(text, name);
	g_string_append_c(text, ' ');
	g_string_replace(text, "（", "(", 0);
	g_string_replace(text, "）", ")", 0);
	return g_string_free(text, FALSE);
}

char *
demo_spell_org_as(const DemoOrg *org, DemoSpelling spelling)
{
	switch (spelling) {
	case DEMO_SPELL_ALIAS:
		return g_strdup(org->listed && org->n_aliases > 0 ? org->aliases[org->n_aliases - 1] : org->name);
	case DEMO_SPELL_WIDE: /* Ｌａｎｘｉ Ｕｎｉｖｅｒｓｉｔｙ */
		return demo_wide(org->listed && org->english != NULL ? org->english : org->name);
	case DEMO_SPELL_UPPER:
		return org->listed && org->english != NULL ? g_ascii_strup(org->english, -1) : g_strdup(org->name);
	case DEMO_SPELL_DECOMPOSED:
		return g_utf8_normalize(org->name, -1, G_NORMALIZE_NFD);
	case DEMO_SPELL_PADDED:
		return padded(org->name);
	case DEMO_SPELL_NAME:
	case DEMO_SPELL_ANY:
	default:
		return g_strdup(org->name);
	}
}

char *
demo_spell_org(DemoRng *rng, const DemoOrg *org)
{
	guint32 x = demo_below(rng, 100);

	return demo_spell_org_as(org, x < 70   ? DEMO_SPELL_NAME
				      : x < 85 ? DEMO_SPELL_ALIAS
				      : x < 89 ? DEMO_SPELL_WIDE
				      : x < 93 ? DEMO_SPELL_UPPER
				      : x < 97 ? DEMO_SPELL_DECOMPOSED
					       : DEMO_SPELL_PADDED);
}
