/* test-kinds.c - the columns of every kind, and which header means which. */
#include "helper.h"

static VeilMapping *
map(const char *header, VeilKind kind, const char *map_path, GError **error)
{
	g_autofree char *list = g_strconcat(header, "\n", NULL);
	g_autoptr(VeilTable) table = open_bytes(list, strlen(list), VEIL_ENCODING_AUTO, error);

	assert_non_null(table);
	return veil_mapping_new(table, veil_kind_info(kind), map_path, error);
}

static void
maps(const char *header, VeilKind kind, const char *expected)
{
	GError *error = NULL;
	g_autoptr(VeilMapping) mapping = map(header, kind, NULL, &error);
	g_autoptr(GString) got = g_string_new(NULL);

	if (mapping == NULL)
		fail_msg("refused: %s", error->message);
	for (int field = 0; field < 30; field++)
		for (guint c = 0; c < mapping->kind->n_columns; c++)
			if (mapping->field[c] == field)
				g_string_append_printf(got, "%s ", mapping->kind->columns[c].name);
	for (guint i = 0; i < mapping->unknown->len; i++)
		g_string_append_printf(got, "?%s ", (const char *)mapping->unknown->pdata[i]);
	assert_string_equal(got->str, expected);
}

static void
refuses(const char *header, VeilKind kind, const char *words)
{
	GError *error = NULL;

	assert_null(map(header, kind, NULL, &error));
	assert_int_equal(error->code, VEIL_ERROR_INPUT);
	if (strstr(error->message, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error->message, words);
	g_error_free(error);
}

/* The contract's table, required columns marked. */
static void
test_columns_of_the_contract(void **state)
{
	static const char *const table[][2] = {
		{"disciplines", "scheme! code! parent name!"},
		{"organisations", "code! name! aliases parent kind province city"},
		{"experts", "id! name! variants id_number orcid phone email birth organisation organisation_code province city country rank kind "
			    "disciplines keywords profile max_load avoid status confirmed_on"},
		{"posts", "person! organisation organisation_code kind since until"},
		{"works", "work! person! date! kind title abstract"},
		{"relations", "kind! a! b! since until evidence"},
		{"bans", "person! since! until reason"},
		{"staff", "handle! person!"},
		{"projects", "id! title! abstract keywords disciplines organisation organisation_code partners province class team amount exclude files"},
		{"people", "project! person name role organisation organisation_code"},
	};

	(void)state;
	assert_int_equal(G_N_ELEMENTS(table), VEIL_N_KINDS);
	for (guint k = 0; k < VEIL_N_KINDS; k++) {
		const VeilKindInfo *kind = veil_kind_lookup(table[k][0]);
		g_auto(GStrv) columns = g_strsplit(table[k][1], " ", -1);

		assert_non_null(kind);
		assert_int_equal(kind->kind, k);
		assert_ptr_equal(kind, veil_kind_info((VeilKind)k));
		assert_int_equal(kind->n_columns, g_strv_length(columns));
		for (guint c = 0; c < kind->n_columns; c++) {
			gboolean required = g_str_has_suffix(columns[c], "!");

			if (required)
				columns[c][strlen(columns[c]) - 1] = '\0';
			assert_string_equal(kind->columns[c].name, columns[c]);
			assert_int_equal(kind->columns[c].required, required);
			assert_int_equal(veil_kind_column(kind, columns[c]), c);
		}
		assert_int_equal(veil_kind_column(kind, "nothing"), -1);
	}
	assert_null(veil_kind_lookup("Experts"));
}

/* No spelling means two columns of a kind: each, alone with the required ones, maps to its own column. */
static void
test_no_spelling_means_two_columns(void **state)
{
	guint spellings = 0;

	(void)state;
	for (guint k = 0; k < VEIL_N_KINDS; k++) {
		const VeilKindInfo *kind = veil_kind_info((VeilKind)k);

		for (guint c = 0; c < kind->n_columns; c++)
			for (guint s = 0; kind->columns[c].headers[s] != NULL; s++) {
				g_autoptr(GString) header = g_string_new(kind->columns[c].headers[s]);
				g_autoptr(VeilMapping) mapping = NULL;
				GError *error = NULL;

				for (guint r = 0; r < kind->n_columns; r++)
					if (r != c)
						g_string_append_printf(header, ",%s", kind->columns[r].name);
				mapping = map(header->str, (VeilKind)k, NULL, &error);
				if (mapping == NULL)
					fail_msg("%s: %s", kind->name, error->message);
				assert_int_equal(mapping->field[c], 0);
				assert_int_equal(mapping->unknown->len, 0);
				spellings++;
			}
	}
	assert_true(spellings > 200);
}

static void
test_identifying_columns(void **state)
{
	static const char *const secret[] = {"id", "name", "variants", "id_number", "orcid", "phone", "email", "birth", "profile", "person", "a", "b", "title", "exclude"};
	static const char *const open[] = {"scheme", "province", "rank", "date", "since", "until", "role", "max_load", "status"};

	(void)state;
	for (guint k = VEIL_KIND_EXPERTS; k < VEIL_N_KINDS; k++)
		for (guint c = 0; c < veil_kind_info((VeilKind)k)->n_columns; c++) {
			const VeilColumn *column = &veil_kind_info((VeilKind)k)->columns[c];

			for (guint i = 0; i < G_N_ELEMENTS(secret); i++)
				assert_false(strcmp(column->name, secret[i]) == 0 && !column->identifying);
			for (guint i = 0; i < G_N_ELEMENTS(open); i++)
				assert_false(strcmp(column->name, open[i]) == 0 && column->identifying);
		}
}

static void
test_headers_are_folded(void **state)
{
	(void)state;
	maps("编号,姓名,工作单位,地区,职称,学科代码,关键词,成果", VEIL_KIND_EXPERTS, "id name organisation province rank disciplines keywords profile ");
	maps("\"专家\n编号\", 姓　名 ,＊手机,Ｅ－mail,ID Number,Id-Card_x", VEIL_KIND_EXPERTS, "id name phone email id_number ?Id-Card_x ");
	maps("ID,Name,ORGANISATION CODE", VEIL_KIND_EXPERTS, "id name organisation_code ");
	maps("项目批准号,项目名称,学科代码,申报单位,所在省区市", VEIL_KIND_PROJECTS, "id title disciplines organisation province ");
	maps("project,姓名,角色,工作单位", VEIL_KIND_PEOPLE, "project name role organisation ");
	maps("person,单位代码", VEIL_KIND_POSTS, "person organisation_code ");
	maps("work,person,year,x", VEIL_KIND_WORKS, "work person date ?x ");
}

static void
test_what_is_missing_is_named(void **state)
{
	(void)state;
	refuses("姓名,手机", VEIL_KIND_EXPERTS, "list.csv: no column for id (expert_id / 编号 / ");
	refuses("x,y", VEIL_KIND_WORKS, "work (");
	refuses("x,y", VEIL_KIND_WORKS, "person (");
	refuses("x,y", VEIL_KIND_WORKS, "date (");
	refuses("project,role", VEIL_KIND_PEOPLE, "or name; ");
	refuses("person,kind", VEIL_KIND_POSTS, "or organisation_code; ");
	/* A list without its header: what is in its first line is not repeated. */
	{
		GError *error = NULL;

		assert_null(map("N1,张三,清华大学", VEIL_KIND_EXPERTS, NULL, &error));
		assert_null(strstr(error->message, "张三"));
		g_error_free(error);
	}
}

static void
test_two_headers_for_one_column(void **state)
{
	(void)state;
	refuses("id,编号,name", VEIL_KIND_EXPERTS, "columns \"id\" and \"编号\" both mean id; rename one or say which with --map");
	refuses("id,name,NAME", VEIL_KIND_EXPERTS, "columns \"name\" and \"NAME\" both mean name");
}

static void
test_map_file(void **state)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{"[columns]\nnumber=x\n", "[columns] number: experts have no such column"},
		{"[columns]\nid=nothing\n", "[columns] id=nothing: list.csv has no column of this name"},
		{"[column]\nid=x\n", "unknown group [column]"},
		{"id=x\n", "is no key file"},
		{"", "has no group [columns]"},
		{"[columns]\nid=x\nphone=x\n", "id and phone both take column \"x\""},
		{"[columns]\nid[zh]=x\n", "id[zh]: experts have no such column"},
	};
	g_autofree char *path = put("map.ini", LITERAL("[columns]\nid = 工 号\nphone=x\n"));
	GError *error = NULL;
	g_autoptr(VeilMapping) mapping = map("编号,工号,name,x", VEIL_KIND_EXPERTS, path, &error);

	(void)state;
	assert_non_null(mapping);
	assert_int_equal(mapping->field[veil_kind_column(mapping->kind, "id")], 1);
	assert_int_equal(mapping->field[veil_kind_column(mapping->kind, "phone")], 3);
	assert_int_equal(mapping->unknown->len, 1); /* 编号, which the map has passed over */
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *other = put("bad.ini", bad[i].text, strlen(bad[i].text));

		assert_null(map("编号,name,x", VEIL_KIND_EXPERTS, other, &error));
		if (strstr(error->message, bad[i].words) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", error->message, bad[i].words);
		assert_true(g_str_has_prefix(error->message, "bad.ini: "));
		g_clear_error(&error);
	}
	assert_null(map("id,name", VEIL_KIND_EXPERTS, "/nonexistent/map.ini", &error));
	assert_int_equal(error->code, VEIL_ERROR_FAILED);
	g_clear_error(&error);
}

static void
test_cells(void **state)
{
	static const char list[] = "name,id\n张,7\n李\n";
	g_autoptr(VeilTable) table = open_bytes(list, sizeof list - 1, VEIL_ENCODING_AUTO, NULL);
	g_autoptr(VeilMapping) mapping = veil_mapping_new(table, veil_kind_info(VEIL_KIND_EXPERTS), NULL, NULL);
	guint id = (guint)veil_kind_column(mapping->kind, "id"), phone = (guint)veil_kind_column(mapping->kind, "phone");
	VeilRow row;

	(void)state;
	assert_int_equal(veil_table_next(table, &row, NULL), 1);
	assert_string_equal(veil_mapping_get(mapping, &row, id), "7");
	assert_string_equal(veil_mapping_get(mapping, &row, phone), "");
	assert_int_equal(veil_table_next(table, &row, NULL), 1);
	assert_non_null(row.defect);
	assert_string_equal(veil_mapping_get(mapping, &row, id), ""); /* a short row has no such cell */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_of_the_contract),	 cmocka_unit_test(test_no_spelling_means_two_columns),
		cmocka_unit_test(test_identifying_columns),	 cmocka_unit_test(test_headers_are_folded),
		cmocka_unit_test(test_what_is_missing_is_named), cmocka_unit_test(test_two_headers_for_one_column),
		cmocka_unit_test(test_map_file),		 cmocka_unit_test(test_cells),
	};

	return cmocka_run_group_tests(tests, make_folder, clear_folder);
}
