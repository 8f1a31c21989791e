/* lists.c - writes the world as the lists that `veil import` and `veil batch new` take.
 *
 * Each list is saved in another way, as lists are that come from several offices; README in the folder says how.
 */
#include <string.h>

#include "demo.h"

static const char *const kind_names[] = {"technical", "finance", "management", "industry"};
static const char *const rank_names[] = {"正高级", "副高级", "中级"};
static const char *const post_names[] = {"employee", "adjunct", "director", "adviser", "shareholder", "head"};
static const char *const relation_names[] = {"kin", "advisor", "collaborator"};
static const char *const org_kinds[] = {"university", "institute", "hospital", "company", "firm"};

#define HEADER(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *
id_of(const DemoWorld *world, guint person)
{
	return demo_at(world->persons, DemoPerson, person)->id;
}

/* A reference to a person; one in five hundred is typed in full-width digits. */
static void
cell_id(DemoCsv *csv, const DemoWorld *world, DemoRng *rng, guint person)
{
	if (demo_below(rng, 500) == 0)
		demo_csv_take(csv, demo_wide(id_of(world, person)));
	else
		demo_csv_cell(csv, id_of(world, person));
}

/* Two cells: an organisation by name in some spelling, by code, or both. */
static void
cells_org(DemoCsv *csv, const DemoWorld *world, DemoRng *rng, guint org_index, guint code_percent)
{
	const DemoOrg *org = demo_at(world->orgs, DemoOrg, org_index);
	gboolean with_code = org->listed && demo_chance(rng, code_percent);

	if (with_code && demo_chance(rng, 30))
		demo_csv_cell(csv, NULL);
	else
		demo_csv_take(csv, demo_spell_org(rng, org));
	demo_csv_cell(csv, with_code ? org->code : NULL);
}

static gboolean
write_disciplines(const char *folder, GError **error)
{
	DemoCsv *csv = demo_csv_open(folder, "disciplines.csv", DEMO_PLAIN, HEADER("scheme", "code", "parent", "name"));

	for (gsize i = 0; i < demo_n_fields; i++) {
		gsize n = strlen(demo_fields[i].code);

		demo_csv_cell(csv, "DEMO");
		demo_csv_cell(csv, demo_fields[i].code);
		demo_csv_take(csv, n > 2 ? g_strndup(demo_fields[i].code, n - 2) : NULL);
		demo_csv_cell(csv, demo_fields[i].name);
		demo_csv_end(csv);
	}
	return demo_csv_close(csv, error);
}

static gboolean
write_organisations(const DemoWorld *world, const char *folder, GError **error)
{
	DemoCsv *csv = demo_csv_open(folder, "organisations.csv", DEMO_GB18030 | DEMO_CRLF,
				     HEADER("code", "name", "aliases", "parent", "kind", "province", "city"));

	for (guint i = 0; i < world->orgs->len; i++) {
		const DemoOrg *org = demo_at(world->orgs, DemoOrg, i);
		const DemoOrg *parent = org->parent == DEMO_NONE ? NULL : demo_at(world->orgs, DemoOrg, org->parent);
		g_autoptr(GString) aliases = g_string_new(NULL);

		if (!org->listed)
			continue;
		for (guint k = 0; k < org->n_aliases; k++)
			g_string_append_printf(aliases, "%s%s", k ? "；" : "", org->aliases[k]);
		demo_csv_cell(csv, org->code);
		demo_csv_cell(csv, org->name);
		demo_csv_cell(csv, aliases->str);
		demo_csv_cell(csv, parent != NULL && parent->listed ? parent->code : NULL);
		demo_csv_cell(csv, org_kinds[org->kind]);
		demo_csv_cell(csv, org->province);
		demo_csv_cell(csv, org->city);
		demo_csv_end(csv);
	}
	return demo_csv_close(csv, error);
}

/* --- experts ------------------------------------------------------------------------------------------------------ */

static const char *const expert_header[] = {"编号",   "姓名",	 "variants", "证件号", "orcid",	   "手机",     "email",	     "birth",
					    "工作单位", "organisation_code", "地区", "city",  "country", "职称",     "专家类别",    "学科代码",
					    "关键词", "成果",	 "max_load", "回避单位", "status", "confirmed_on", NULL};

/* "李 伟", "李　伟": as forms with one box a character print it. */
static char *
spell_name(DemoRng *rng, const DemoPerson *person)
{
	guint32 x = demo_below(rng, 200);
	const char *rest;

	if (person->pinyin == NULL)
		return demo_chance(rng, 50) ? g_utf8_normalize(person->name, -1, G_NORMALIZE_NFD) : g_strdup(person->name);
	if (x > 3)
		return g_strdup(person->name);
	rest = g_utf8_next_char(person->name);
	return g_strdup_printf("%.*s%s%s", (int)(rest - person->name), person->name, x < 2 ? " " : "　", rest);
}

static char *
email_of(DemoRng *rng, const DemoPerson *person, guint serial)
{
	GString *text = g_string_new(NULL);

	for (const char *p = person->pinyin ? person->pinyin : "expert"; *p != '\0'; p++)
		if (g_ascii_islower(*p))
			g_string_append_c(text, *p);
	g_string_append_printf(text, "%u@%s", serial, demo_chance(rng, 5) ? "邮箱.例子" : demo_chance(rng, 50) ? "mail.example" : "post.example");
	return g_string_free(text, FALSE);
}

static char *
phone_of(DemoRng *rng, guint serial)
{
	guint number = 10000000 + serial * 101;

	switch (demo_below(rng, 8)) {
	case 0:
		return g_strdup_printf("+86 100%u", number);
	case 1:
		return g_strdup_printf("100-%u-%04u", number / 10000, number % 10000);
	default:
		return g_strdup_printf("100%u", number);
	}
}

static void
cells_identity(DemoCsv *csv, DemoRng *rng, const DemoPerson *person, guint serial)
{
	int birth_year = (int)demo_between(rng, 1955, 1994);
	g_autofree char *number = demo_id_number(rng, serial, birth_year);

	demo_csv_cell(csv, person->id);
	demo_csv_take(csv, spell_name(rng, person));
	demo_csv_cell(csv, demo_chance(rng, 20) ? person->pinyin : NULL);
	demo_csv_cell(csv, demo_chance(rng, 60) ? number : NULL);
	demo_csv_take(csv, demo_chance(rng, 10) ? demo_orcid(serial * 13 + 5) : NULL);
	demo_csv_take(csv, demo_chance(rng, 75) ? phone_of(rng, serial) : NULL);
	demo_csv_take(csv, demo_chance(rng, 80) ? email_of(rng, person, serial) : NULL);
	demo_csv_take(csv, demo_chance(rng, 70) ? g_strdup_printf("%.4s-%.2s-%.2s", number + 6, number + 10, number + 12) : NULL);
}

static void
cells_employer(DemoCsv *csv, const DemoWorld *world, DemoRng *rng, const DemoPerson *person)
{
	const DemoOrg *org = demo_at(world->orgs, DemoOrg, person->org);
	gboolean planted = person->spelling != DEMO_SPELL_ANY;
	gboolean with_code = org->listed && !planted && demo_chance(rng, 60);

	demo_csv_take(csv, planted ? demo_spell_org_as(org, (DemoSpelling)person->spelling) : demo_spell_org(rng, org));
	demo_csv_cell(csv, with_code ? org->code : NULL);
	demo_csv_cell(csv, org->province);
	demo_csv_cell(csv, org->province != NULL ? org->city : NULL);
	demo_csv_cell(csv, org->province != NULL ? "中国" : NULL);
}

static void
cells_work(DemoCsv *csv, DemoRng *rng, const DemoPerson *person)
{
	g_autoptr(GString) disciplines = g_string_new(NULL);

	g_string_append_printf(disciplines, "DEMO:%s=2", demo_fields[person->leaf].code);
	if (person->second_leaf != DEMO_NONE)
		g_string_append_printf(disciplines, ";DEMO:%s=1", demo_fields[person->second_leaf].code);
	demo_csv_cell(csv, rank_names[person->rank]);
	demo_csv_cell(csv, kind_names[person->kind]);
	demo_csv_cell(csv, disciplines->str);
	demo_csv_take(csv, demo_keywords(rng, person->leaf, demo_between(rng, 2, 4)));
	demo_csv_take(csv, demo_profile(rng, person->leaf, person->second_leaf));
}

static void
cells_limits(DemoCsv *csv, const DemoWorld *world, DemoRng *rng, const DemoPerson *person)
{
	g_autoptr(GString) avoid = g_string_new(NULL);

	for (guint i = 0; i < person->n_avoid; i++) {
		g_autofree char *name = demo_spell_org(rng, demo_at(world->orgs, DemoOrg, person->avoid[i]));

		g_string_append_printf(avoid, "%s%s", i ? "；" : "", name);
	}
	demo_csv_take(csv, person->max_load >= 0 ? g_strdup_printf("%d", person->max_load) : NULL);
	demo_csv_cell(csv, avoid->str);
	demo_csv_cell(csv, demo_chance(rng, 30) ? "active" : NULL);
	demo_csv_cell(csv, demo_chance(rng, 80) ? demo_date_random(rng, 2024, 2025).text : NULL);
}

static gboolean
write_experts(const DemoWorld *world, const char *folder, GError **error)
{
	DemoRng rng = demo_rng(world->seed, "experts.csv");
	DemoCsv *csv = demo_csv_open(folder, "experts.csv", DEMO_BOM | DEMO_CRLF, expert_header);

	for (guint i = 0; i < world->n_experts; i++) {
		const DemoPerson *person = demo_at(world->persons, DemoPerson, i);

		cells_identity(csv, &rng, person, i);
		cells_employer(csv, world, &rng, person);
		cells_work(csv, &rng, person);
		cells_limits(csv, world, &rng, person);
		demo_csv_end(csv);
	}
	return demo_csv_close(csv, error);
}

/* Ten rows of which four are spoilt, each in its own way. */
static gboolean
write_bad_experts(const DemoWorld *world, const char *folder, GError **error)
{
	DemoRng rng = demo_rng(world->seed, "experts_bad.csv");
	DemoCsv *csv = demo_csv_open(folder, "experts_bad.csv", DEMO_PLAIN, expert_header);

	for (guint i = 0; i < 10; i++) {
		const DemoPerson *model = demo_at(world->persons, DemoPerson, demo_below(&rng, world->n_experts));
		g_autofree char *number = demo_id_number(&rng, 900000 + i, 1980);

		for (guint column = 0; expert_header[column] != NULL; column++) {
			if (column == 0)
				demo_csv_take(csv, i == 5 ? NULL : g_strdup_printf("ZB%04u", i + 1));
			else if (column == 1)
				demo_csv_cell(csv, i == 5 ? NULL : model->name);
			else if (strcmp(expert_header[column], "证件号") == 0)
				demo_csv_cell(csv, i == 2 ? "1.23E+17" : number);
			else if (strcmp(expert_header[column], "工作单位") == 0)
				demo_csv_cell(csv, demo_at(world->orgs, DemoOrg, model->org)->name);
			else if (strcmp(expert_header[column], "max_load") == 0)
				demo_csv_cell(csv, i == 7 ? "-3" : i == 8 ? "many" : NULL);
			else
				demo_csv_cell(csv, NULL);
		}
		demo_csv_end(csv);
	}
	return demo_csv_close(csv, error);
}

/* --- facts -------------------------------------------------------------------------------------------------------- */

static gboolean
write_posts(const DemoWorld *world, const char *folder, GError **error)
{
	DemoRng rng = demo_rng(world->seed, "posts.csv");
	DemoCsv *csv = demo_csv_open(folder, "posts.csv", DEMO_PLAIN, HEADER("person", "organisation", "organisation_code", "kind", "since", "until"));

	for (guint i = 0; i < world->posts->len; i++) {
		const DemoPost *post = demo_at(world->posts, DemoPost, i);

		cell_id(csv, world, &rng, post->person);
		cells_org(csv, world, &rng, post->org, 40);
		demo_csv_cell(csv, post_names[post->kind]);
		demo_csv_cell(csv, post->when.since.text);
		demo_csv_cell(csv, post->when.until.text);
		demo_csv_end(csv);
	}
	return demo_csv_close(csv, error);
}

static gboolean
write_works(const DemoWorld *world, const char *folder, GError **error)
{
	DemoRng rng = demo_rng(world->seed, "works.csv");
	DemoCsv *csv = demo_csv_open(folder, "works.csv.gz", DEMO_GZIP, HEADER("work", "person", "date", "kind", "title"));

	for (guint i = 0; i < world->authorships->len; i++) {
		const DemoAuthorship *row = demo_at(world->authorships, DemoAuthorship, i);
		const DemoWork *work = demo_at(world->works, DemoWork, row->work);

		demo_csv_take(csv, g_strdup_printf("P%06u", row->work + 1));
		cell_id(csv, world, &rng, row->person);
		demo_csv_cell(csv, row->date.text);
		demo_csv_cell(csv, work->kind);
		demo_csv_cell(csv, work->title);
		demo_csv_end(csv);
	}
	return demo_csv_close(csv, error);
}

static gboolean
write_relations(const DemoWorld *world, const char *folder, GError **error)
{
	DemoRng rng = demo_rng(world->seed, "relations.csv");
	DemoCsv *csv = demo_csv_open(folder, "relations.csv", DEMO_BOM, HEADER("kind", "a", "b", "since", "until", "evidence"));

	for (guint i = 0; i < world->relations->len; i++) {
		const DemoRelation *relation = demo_at(world->relations, DemoRelation, i);

		demo_csv_cell(csv, relation_names[relation->kind]);
		cell_id(csv, world, &rng, relation->a);
		cell_id(csv, world, &rng, relation->b);
		demo_csv_cell(csv, relation->when.since.text);
		demo_csv_cell(csv, relation->when.until.text);
		demo_csv_cell(csv, demo_chance(&rng, 40) ? "本人申报" : NULL);
		demo_csv_end(csv);
	}
	return demo_csv_close(csv, error);
}

static gboolean
write_bans(const DemoWorld *world, const char *folder, GError **error)
{
	DemoCsv *csv = demo_csv_open(folder, "bans.csv", DEMO_CRLF, HEADER("person", "since", "until", "reason"));

	for (guint i = 0; i < world->bans->len; i++) {
		const DemoBan *ban = demo_at(world->bans, DemoBan, i);

		demo_csv_cell(csv, id_of(world, ban->person));
		demo_csv_cell(csv, ban->when.since.text);
		demo_csv_cell(csv, ban->when.until.text);
		demo_csv_cell(csv, "科研诚信处理期");
		demo_csv_end(csv);
	}
	return demo_csv_close(csv, error);
}

/* --- projects ----------------------------------------------------------------------------------------------------- */

static char *
excludes_of(const DemoWorld *world, DemoRng *rng, const DemoProject *project)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < project->n_exclude; i++) {
		const DemoPerson *person = demo_at(world->persons, DemoPerson, project->exclude[i]);

		g_string_append(text, i ? ";" : "");
		if (project->exclude_by_name[i]) {
			g_autofree char *name = spell_name(rng, person), *org = demo_spell_org(rng, demo_at(world->orgs, DemoOrg, person->org));

			g_string_append_printf(text, "%s@%s", name, org);
		} else {
			g_string_append(text, person->id);
		}
	}
	return g_string_free(text, FALSE);
}

static gboolean
write_projects(const DemoWorld *world, const char *folder, GError **error)
{
	DemoRng rng = demo_rng(world->seed, "projects.csv");
	DemoCsv *csv = demo_csv_open(folder, "projects.csv", DEMO_BOM,
				     HEADER("编号", "项目名称", "abstract", "keywords", "学科代码", "申报单位", "organisation_code", "partners", "地区",
					    "amount", "exclude"));

	for (guint i = 0; i < world->projects->len; i++) {
		const DemoProject *project = demo_at(world->projects, DemoProject, i);
		g_autoptr(GString) partners = g_string_new(NULL);

		for (guint k = 0; k < project->n_partners; k++) {
			g_autofree char *name = demo_spell_org(&rng, demo_at(world->orgs, DemoOrg, project->partners[k]));

			g_string_append_printf(partners, "%s%s", k ? "；" : "", name);
		}
		demo_csv_cell(csv, project->id);
		demo_csv_cell(csv, project->title);
		demo_csv_cell(csv, project->abstract);
		demo_csv_cell(csv, project->keywords);
		demo_csv_take(csv, project->second_leaf == DEMO_NONE ? g_strdup_printf("DEMO:%s", demo_fields[project->leaf].code)
								     : g_strdup_printf("DEMO:%s;DEMO:%s", demo_fields[project->leaf].code,
										       demo_fields[project->second_leaf].code));
		cells_org(csv, world, &rng, project->unit, 50);
		demo_csv_cell(csv, partners->str);
		demo_csv_cell(csv, demo_at(world->orgs, DemoOrg, project->unit)->province);
		demo_csv_take(csv, g_strdup_printf("%u", project->amount));
		demo_csv_take(csv, excludes_of(world, &rng, project));
		demo_csv_end(csv);
	}
	return demo_csv_close(csv, error);
}

static gboolean
write_people(const DemoWorld *world, const char *folder, GError **error)
{
	DemoRng rng = demo_rng(world->seed, "people.csv");
	DemoCsv *csv = demo_csv_open(folder, "people.csv", DEMO_PLAIN, HEADER("project", "person", "name", "role", "organisation", "organisation_code"));

	for (guint i = 0; i < world->projects->len; i++) {
		const DemoProject *project = demo_at(world->projects, DemoProject, i);

		for (guint k = 0; k < project->n_people; k++) {
			const DemoBehind *row = &project->people[k];
			const DemoPerson *person = demo_at(world->persons, DemoPerson, row->person);

			demo_csv_cell(csv, project->id);
			demo_csv_take(csv, row->named_only ? NULL : row->wide ? demo_wide(person->id) : g_strdup(person->id));
			demo_csv_cell(csv, person->name);
			demo_csv_cell(csv, row->applicant ? "applicant" : "participant");
			if (row->org == DEMO_NONE) {
				demo_csv_cell(csv, NULL);
				demo_csv_cell(csv, NULL);
			} else {
				cells_org(csv, world, &rng, row->org, 30);
			}
			demo_csv_end(csv);
		}
	}
	return demo_csv_close(csv, error);
}

gboolean
demo_write_lists(const DemoWorld *world, const char *folder, GError **error)
{
	return write_disciplines(folder, error) && write_organisations(world, folder, error) && write_experts(world, folder, error) &&
	       write_bad_experts(world, folder, error) && write_posts(world, folder, error) && write_works(world, folder, error) &&
	       write_relations(world, folder, error) && write_bans(world, folder, error) && write_projects(world, folder, error) &&
	       write_people(world, folder, error);
}
