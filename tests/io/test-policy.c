/* test-policy.c - the shipped policy, inheritance, the canonical text, and every refusal. */
#include "helper.h"

#include <veil/policy.h>

static VeilPolicy *
parse(const char *text, GError **error)
{
	return veil_policy_parse(text, strlen(text), "p.policy", error);
}

static VeilPolicy *
take(const char *text)
{
	GError *error = NULL;
	VeilPolicy *policy = parse(text, &error);

	if (policy == NULL)
		fail_msg("refused: %s", error->message);
	return policy;
}

static void
refuse(const char *text, const char *message)
{
	GError *error = NULL;

	assert_null(parse(text, &error));
	assert_int_equal(error->domain, VEIL_ERROR);
	assert_int_equal(error->code, VEIL_ERROR_INPUT);
	assert_string_equal(error->message, message);
	g_error_free(error);
}

static void
test_standard_is_what_the_contract_says(void **state)
{
	static const char on[] = "C01 C04 C05 C12 C13 C18 C19 E04";
	g_autoptr(VeilPolicy) p = veil_policy_load("standard", NULL);

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->demand, 5);
	assert_int_equal(p->reserves, 0);
	assert_int_equal(p->max_load, 8);
	assert_int_equal(p->min_load, 0);
	assert_int_equal(p->candidates, 300);
	assert_int_equal(p->method, VEIL_METHOD_DRAW);
	assert_false(p->method_given);
	assert_int_equal(p->odds_micro, 200000);
	assert_int_equal(p->smallest_set, -1);
	assert_int_equal(p->text_micro, 600000);
	assert_int_equal(p->discipline_micro, 400000);
	assert_int_equal(p->step_micro, 1000);
	for (guint r = 0; r < VEIL_N_RULES; r++) {
		assert_int_equal(p->rules[r].enabled, strstr(on, veil_rule_name((VeilRuleId)r)) != NULL);
		assert_string_not_equal(p->rules[r].citation, "");
	}
	assert_int_equal(p->rules[VEIL_RULE_C13].window_months, 36);
	assert_int_equal(p->rules[VEIL_RULE_C13].severity, VEIL_SEVERITY_FORBID_WAIVABLE);
	assert_int_equal(p->rules[VEIL_RULE_C13].max_authors, 0);
	assert_int_equal(p->rules[VEIL_RULE_C04].window_months, 0);
	assert_int_equal(p->rules[VEIL_RULE_C05].window_months, 36);
	assert_int_equal(p->rules[VEIL_RULE_C12].window_months, -1);
	assert_int_equal(p->n_panel, 1);
	assert_string_equal(p->panel[0].name, "employer");
	assert_string_equal(p->panel[0].attribute, "employer");
	assert_int_equal(p->panel[0].max, 1);
	assert_int_equal(p->panel[0].min, -1);
	assert_int_equal(p->panel[0].min_share_micro, -1);
	assert_false(p->panel[0].given);
	assert_null(p->panel[0].classes[0]);
	assert_int_equal(p->n_share, 0);
	assert_int_equal(p->band_micro, 50000);
	assert_int_equal(p->perturbation_micro, 500000);
	assert_false(p->equity);
	assert_int_equal(p->team_by, VEIL_TEAM_NONE);
	assert_int_equal(p->team_size, -1);
}

static void
test_rule_names(void **state)
{
	VeilRuleId rule = VEIL_N_RULES;

	(void)state;
	for (guint r = 0; r < VEIL_N_RULES; r++) {
		assert_true(veil_rule_from_name(veil_rule_name((VeilRuleId)r), &rule));
		assert_int_equal(rule, r);
	}
	/* Bits are stored in files: these never move. */
	assert_string_equal(veil_rule_name(VEIL_RULE_C01), "C01");
	assert_string_equal(veil_rule_name((VeilRuleId)8), "C13");
	assert_string_equal(veil_rule_name((VeilRuleId)13), "E04");
	assert_string_equal(veil_rule_name((VeilRuleId)14), "R05");
	assert_false(veil_rule_from_name("C03", &rule));
	assert_false(veil_rule_from_name("c04", &rule));
	assert_int_equal(rule, VEIL_N_RULES - 1);
}

/* The text read as a policy gives itself, and the same policy, whatever it was made from. */
static void
test_canonical_is_a_fixed_point(void **state)
{
	static const char *const texts[] = {
		"",
		"[batch]\nmethod=draw\nodds=1/3\nsmallest_set=0\n",
		"[batch]\r\ndemand = 3 \r\nmethod=total\r\n",
		"# a comment\n[conflict.C04]\nenabled=false\n\n[conflict.C13]\nwindow_months=48\nmax_authors=30\n",
		"[conflict.C02]\nenabled=true\nseverity=flag\ncitation=back\\\\slash, [bracket] = sign; 引文\neffective_from=2025-01\n",
		"[panel.outside]\nattribute=province\nvalue=!广东\nmin_share=2/3\n[panel.employer]\nmax=2\n[panel.a]\nodd=true\n",
		"[panel.employer]\nenabled=false\n[panel.z]\nattribute=rank\nvalue=x\nmin=1\nmax_share=1/3\n",
		"[panel.none]\nenabled=false\n",
		"[panel.c]\nclass=b; a ;；b;;a b\nattribute=city\nvalue=x\nmin=1\n[share.z]\nattribute=kind\nvalue=!x\nmax_share=2/3\n",
		"[share.off]\nenabled=false\n[draw]\nband=0\nperturbation=1\n[fair]\nequity=true\n",
		"[team]\nby=discipline\nmax_size=4\n[conflict.R05]\nenabled=true\n",
		"[affinity]\ntext=1\ndiscipline=0\nstep=0.01\ndiscipline_decay=1\n",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(VeilPolicy) first = take(texts[i]);
		g_autoptr(VeilPolicy) second = take(first->canonical);

		assert_string_equal(first->canonical, second->canonical);
		assert_int_equal(first->method, second->method);
		assert_true(second->method_given);
		assert_int_equal(first->n_panel, second->n_panel);
		assert_int_equal(first->n_share, second->n_share);
		assert_int_equal(first->odds_micro, second->odds_micro);
		assert_null(strchr(first->canonical, '\r'));
	}
}

static void
test_order_and_spelling_do_not_matter(void **state)
{
	g_autoptr(VeilPolicy) a = take("[affinity]\ntext=0.50\ndiscipline=5e-1\n[batch]\nmax_load=08\ndemand=4\n");
	g_autoptr(VeilPolicy) b = take("\xef\xbb\xbf# other words\n[batch]\ndemand = 4\nmax_load=8\nreserves=0\n[affinity]\ndiscipline=0.5\ntext=1/2\n");
	g_autoptr(VeilPolicy) c = take("[batch]\ndemand=4\n");

	(void)state;
	assert_string_equal(a->canonical, b->canonical);
	assert_string_not_equal(a->canonical, c->canonical);
}

static void
test_inheritance(void **state)
{
	g_autoptr(VeilPolicy) p = take("[panel.outside]\nattribute=province\nvalue=!广东\nmin_share=0.5\n[conflict.C04]\nenabled=false\n");
	g_autoptr(VeilPolicy) q = take("[panel.employer]\nenabled=false\n");
	g_autoptr(VeilPolicy) r = take("[panel.employer]\nmax=2\n");

	(void)state;
	assert_false(p->rules[VEIL_RULE_C04].enabled);
	assert_true(p->rules[VEIL_RULE_C05].enabled);
	assert_int_equal(p->n_panel, 2); /* in order of name */
	assert_string_equal(p->panel[0].name, "employer");
	assert_string_equal(p->panel[1].name, "outside");
	assert_false(p->panel[0].given);
	assert_true(p->panel[1].given);
	assert_string_equal(p->panel[1].value, "!广东");
	assert_int_equal(p->panel[1].min_share_micro, 500000);
	assert_int_equal(q->n_panel, 0);
	assert_non_null(strstr(q->canonical, "[panel.employer]\nenabled=false\n"));
	assert_int_equal(r->panel[0].max, 2);
	assert_string_equal(r->panel[0].attribute, "employer");
	assert_true(r->panel[0].given);
}

static void
test_fractions_let_exactly_so_many_pass(void **state)
{
	g_autoptr(VeilPolicy) p = take("[panel.in]\nattribute=a\nvalue=x\nmin_share=2/3\nmax_share=2/3\n");

	(void)state;
	/* Two of three, four of six: inside both bounds. */
	for (gint64 n = 3; n <= 30; n += 3) {
		assert_true(n * 2 / 3 * 1000000 >= p->panel[0 + 1].min_share_micro * n);
		assert_true(n * 2 / 3 * 1000000 <= p->panel[0 + 1].max_share_micro * n);
		assert_false((n * 2 / 3 - 1) * 1000000 >= p->panel[1].min_share_micro * n);
		assert_false((n * 2 / 3 + 1) * 1000000 <= p->panel[1].max_share_micro * n);
	}
}

/* Classes are a set, whichever semicolon and order; a rule binds those and nobody without a class. */
static void
test_classes(void **state)
{
	g_autoptr(VeilPolicy) a = take("[panel.c]\nclass= 重点;青年;; 重点 \nattribute=city\nvalue=x\nmin=1\n");
	g_autoptr(VeilPolicy) b = take("[panel.c]\nclass=青年；重点\nattribute=city\nvalue=x\nmin=1\n");
	const VeilPanelRule *rule = &a->panel[0];

	(void)state;
	assert_string_equal(a->canonical, b->canonical);
	assert_int_equal(g_strv_length(rule->classes), 2);
	assert_true(veil_panel_rule_binds(rule, "重点"));
	assert_false(veil_panel_rule_binds(rule, "重"));
	assert_false(veil_panel_rule_binds(rule, NULL));
	assert_true(veil_panel_rule_binds(&a->panel[1], NULL));
	refuse("[panel.c]\nclass=;\nattribute=city\nvalue=x\nmin=1\n", "p.policy: [panel.c] class: classes of projects, separated by ;");
}

static void
test_whose_attribute_counts(void **state)
{
	(void)state;
	assert_true(veil_rule_value_counts("", "x"));
	assert_false(veil_rule_value_counts("", NULL));
	assert_true(veil_rule_value_counts("x", "x"));
	assert_false(veil_rule_value_counts("x", "xy"));
	assert_true(veil_rule_value_counts("!x", "y"));
	assert_false(veil_rule_value_counts("!x", "x"));
	/* Not said is not another province: it fills no minimum of !x. */
	assert_false(veil_rule_value_counts("!x", NULL));
	assert_false(veil_rule_value_counts("!x", ""));
}

/* Every fraction of every panel: the least count is the smallest that meets the fraction, the most the largest that keeps it. */
static void
test_shares_in_places(void **state)
{
	(void)state;
	for (guint d = 1; d <= 12; d++)
		for (guint n = 0; n <= d; n++) {
			g_autofree char *text =
				g_strdup_printf("[panel.s]\nattribute=a\nvalue=x\nmin_share=%u/%u\nmax_share=%u/%u\n", n, d, n, d);
			g_autoptr(VeilPolicy) p = take(text);

			for (guint32 demand = 1; demand <= 200; demand++) {
				guint32 least, most;

				veil_panel_rule_counts(&p->panel[1], demand, &least, &most);
				assert_int_equal(least, (n * demand + d - 1) / d);
				assert_int_equal(most, n * demand / d);
			}
		}
	{
		g_autoptr(VeilPolicy) p = take("[panel.s]\nattribute=a\nvalue=x\nmin=2\nmin_share=0.5\n[panel.t]\nattribute=a\nmax=3\n"
					       "[share.w]\nattribute=a\nvalue=x\nmin_share=1\nmax_share=1\n");
		guint64 fewest, most_places;
		guint32 least, most;

		veil_panel_rule_counts(&p->panel[1], 3, &least, &most);
		assert_int_equal(least, 2);
		assert_int_equal(most, G_MAXUINT32);
		veil_panel_rule_counts(&p->panel[1], 9, &least, &most);
		assert_int_equal(least, 5);
		veil_panel_rule_counts(&p->panel[2], 9, &least, &most);
		assert_int_equal(least, 0);
		assert_int_equal(most, 3);
		veil_share_rule_counts(&p->share[0], G_MAXUINT64 / 2, &fewest, &most_places);
		assert_true(fewest == G_MAXUINT64 / 2 && most_places == G_MAXUINT64 / 2);
	}
}

static void
test_a_changed_number_does_not_keep_its_citation(void **state)
{
	g_autoptr(VeilPolicy) p = take("[conflict.C13]\nwindow_months=24\n[conflict.C05]\nwindow_months=36\n[conflict.C04]\nseverity=flag\ncitation=ours\n");

	(void)state;
	assert_true(g_str_has_prefix(p->rules[VEIL_RULE_C13].citation, "changed by this policy without a citation; standard has: "));
	assert_null(strstr(p->rules[VEIL_RULE_C05].citation, "changed"));
	assert_string_equal(p->rules[VEIL_RULE_C04].citation, "ours");
}

static void
test_unknown_names(void **state)
{
	(void)state;
	refuse("[batc]\ndemand=5\n", "p.policy: unknown group [batc]; there are [batch], [draw], [fair], [team], [conflict.RULE], [panel.NAME], "
	       "[share.NAME], [affinity] and [close]");
	refuse("[batch]\ndemands=5\n",
	       "p.policy: [batch] demands: unknown key; there are demand reserves max_load min_load method odds candidates smallest_set");
	refuse("[batch]\ndemand[zh]=5\n",
	       "p.policy: [batch] demand[zh]: unknown key; there are demand reserves max_load min_load method odds candidates smallest_set");
	refuse("[conflict.C03]\nenabled=true\n",
	       "p.policy: [conflict.C03]: no such rule; there are C01 C02 C04 C05 C06 C07 C09 C12 C13 C16 C17 C18 C19 E04 R05");
	refuse("[conflict.C04]\nmax_authors=3\n",
	       "p.policy: [conflict.C04] max_authors: unknown key; there are enabled severity window_months citation effective_from");
	refuse("[panel.]\nmax=1\n", "p.policy: [panel.]: the name of a rule is letters, digits, - and _, 64 at most");
	refuse("[panel.x]\nmaximum=1\n",
	       "p.policy: [panel.x] maximum: unknown key; there are enabled class attribute value max min min_share max_share odd");
	refuse("[affinity]\nwords=1\n", "p.policy: [affinity] words: unknown key; there are text discipline step discipline_decay");
	refuse("[batch]\ndemand=5\nreserves=0\ndemand=4\n", "p.policy: line 4: [batch] demand stands there twice; keep one");
	refuse("[batch]\ndemand=5\n[affinity]\n[batch]\ndemand = 5\n", "p.policy: line 5: [batch] demand stands there twice; keep one");
}

static void
test_numbers_out_of_range(void **state)
{
	(void)state;
	refuse("[batch]\ndemand=0\n", "p.policy: [batch] demand: a whole number from 1 to 1000");
	refuse("[batch]\ndemand=five\n", "p.policy: [batch] demand: a whole number from 1 to 1000");
	refuse("[batch]\ndemand=\n", "p.policy: [batch] demand: a whole number from 1 to 1000");
	refuse("[batch]\ndemand=5 # five\n", "p.policy: [batch] demand: a whole number from 1 to 1000");
	refuse("[batch]\ndemand=5.0\n", "p.policy: [batch] demand: a whole number from 1 to 1000");
	refuse("[batch]\ndemand=99999999999999999999\n", "p.policy: [batch] demand: a whole number from 1 to 1000");
	refuse("[batch]\nreserves=-1\n", "p.policy: [batch] reserves: a whole number from 0 to 1000");
	refuse("[batch]\nmax_load=-8\n", "p.policy: [batch] max_load: a whole number from 1 to 100000");
	refuse("[batch]\nmin_load=-1\n", "p.policy: [batch] min_load: a whole number from 0 to 100000");
	refuse("[batch]\nmin_load=9\n", "p.policy: [batch] min_load: at most max_load");
	refuse("[batch]\ncandidates=0\n", "p.policy: [batch] candidates: a whole number from 1 to 1000000");
	refuse("[batch]\ncandidates=5\nreserves=1\n", "p.policy: [batch] candidates: at least demand + reserves");
	refuse("[batch]\nodds=0\n", "p.policy: [batch] odds: a number above 0, at most 1");
	refuse("[batch]\nodds=1.000001\n", "p.policy: [batch] odds: a number above 0, at most 1");
	refuse("[batch]\nodds=-0.2\n", "p.policy: [batch] odds: a number above 0, at most 1");
	refuse("[batch]\nodds=nan\n", "p.policy: [batch] odds: a number above 0, at most 1");
	refuse("[batch]\nodds=1/0\n", "p.policy: [batch] odds: a number above 0, at most 1");
	refuse("[batch]\nmethod=best\n", "p.policy: [batch] method: total, fair or draw");
	refuse("[batch]\nsmallest_set=-1\n",
	       "p.policy: [batch] smallest_set: auto (30, or six times the demand if that is more), or a whole number from 0 to 1000000");
	refuse("[affinity]\ntext=1.1\n", "p.policy: [affinity] text: a number from 0 to 1");
	refuse("[affinity]\ndiscipline=-0.1\n", "p.policy: [affinity] discipline: a number from 0 to 1");
	refuse("[affinity]\ntext=0\ndiscipline=0\n", "p.policy: [affinity] text: above 0 when discipline is 0");
	refuse("[affinity]\ntext=0.7\n", "p.policy: [affinity] discipline: text and discipline together at most 1");
	refuse("[affinity]\nstep=0\n", "p.policy: [affinity] step: a number from 0.000001 to 1");
	refuse("[affinity]\ndiscipline_decay=2\n", "p.policy: [affinity] discipline_decay: a number from 0 to 1");
}

static void
test_conflict_values(void **state)
{
	(void)state;
	refuse("[conflict.C13]\nseverity=soft\n",
	       "p.policy: [conflict.C13] severity: soft is not available for conflicts; forbid, forbid* or flag");
	refuse("[conflict.C13]\nseverity=never\n",
	       "p.policy: [conflict.C13] severity: forbid, forbid* (two persons may waive it) or flag (listed, not excluded)");
	refuse("[conflict.C13]\nenabled=yes\n", "p.policy: [conflict.C13] enabled: true or false");
	refuse("[conflict.C13]\nwindow_months=-2\n", "p.policy: [conflict.C13] window_months: a whole number from -1 to 1200");
	refuse("[conflict.C13]\nmax_authors=-1\n", "p.policy: [conflict.C13] max_authors: a whole number from 0 to 1000000");
	refuse("[conflict.C18]\nwindow_months=36\n", "p.policy: [conflict.C18] window_months: this rule looks at no date; leave it out");
	refuse("[conflict.E04]\nseverity=flag\n",
	       "p.policy: [conflict.E04] severity: forbid or forbid*; a ban falls on the whole batch and cannot be a flag");
	refuse("[conflict.C04]\ncitation=\n", "p.policy: [conflict.C04] citation: a rule that is on must say where it comes from");
	refuse("[conflict.C04]\ncitation=two\\nlines\n", "p.policy: [conflict.C04] citation: one line of text without control characters");
	refuse("[conflict.C04]\ncitation=bad\\x\n", "p.policy: [conflict.C04] citation: text in UTF-8; a backslash is written \\\\");
	refuse("[conflict.C04]\neffective_from=2025-02-30\n",
	       "p.policy: [conflict.C04] effective_from: a date such as 2025-01-01, or nothing");
}

static void
test_panel_values(void **state)
{
	(void)state;
	refuse("[panel.x]\nmax=1\n", "p.policy: [panel.x] attribute: the attribute to bound, such as employer, province, rank or kind");
	refuse("[panel.x]\nattribute=rank\n",
	       "p.policy: [panel.x] max: at least one of max, min, min_share, max_share, odd; enabled=false takes the rule away");
	refuse("[panel.employer]\nmax=-1\n",
	       "p.policy: [panel.employer] max: at least one of max, min, min_share, max_share, odd; enabled=false takes the rule away");
	refuse("[panel.x]\nattribute=rank\nmin=1\n", "p.policy: [panel.x] value: a minimum needs the value it asks for");
	refuse("[panel.x]\nattribute=rank\nmin=1\nvalue=!\n", "p.policy: [panel.x] value: a value behind the !");
	refuse("[panel.x]\nattribute=rank\nvalue=a\nmin=2\nmax=1\n", "p.policy: [panel.x] min: at most max");
	refuse("[panel.x]\nattribute=rank\nvalue=a\nmin_share=0.5\nmax_share=0.4\n", "p.policy: [panel.x] min_share: at most max_share");
	refuse("[panel.x]\nattribute=rank\nvalue=a\nmin_share=3/2\n",
	       "p.policy: [panel.x] min_share: a number from 0 to 1, a fraction such as 2/3, or -1 for none");
	refuse("[panel.x]\nattribute=rank\nmax=-2\n", "p.policy: [panel.x] max: a whole number from -1 to 1000");
	refuse("[panel.x]\nattribute=employer\nvalue=中山大学\nmax=1\n",
	       "p.policy: [panel.x] value: nothing; an employer has no name in a batch, each is bounded by itself");
	refuse("[batch]\ndemand=4\n[panel.x]\nodd=true\n",
	       "p.policy: [panel.x] odd: false, or an odd [batch] demand; the panels of this policy are even");
	refuse("[share.x]\nattribute=rank\nvalue=a\n",
	       "p.policy: [share.x] min_share: at least one of min_share, max_share; enabled=false takes the rule away");
	refuse("[share.x]\nattribute=rank\nmin_share=1/2\n", "p.policy: [share.x] value: the value whose places are counted");
	refuse("[share.x]\nvalue=a\nmin_share=1/2\n",
	       "p.policy: [share.x] attribute: the attribute to bound, such as employer, province, rank or kind");
	refuse("[share.x]\nattribute=rank\nvalue=a\nmin=1\n",
	       "p.policy: [share.x] min: unknown key; there are enabled attribute value min_share max_share");
	refuse("[share.x y]\nattribute=rank\n", "p.policy: [share.x y]: the name of a rule is letters, digits, - and _, 64 at most");
	refuse("[draw]\nband=2\n", "p.policy: [draw] band: a number from 0 to 1; 0: scores as they are");
	refuse("[draw]\nperturbation=-1\n", "p.policy: [draw] perturbation: a number from 0 to 1");
	refuse("[fair]\nequity=yes\n", "p.policy: [fair] equity: true or false");
	refuse("[team]\nby=class\n", "p.policy: [team] by: none, column (the column team of the projects) or discipline");
	refuse("[team]\nmax_size=1\n", "p.policy: [team] max_size: auto (max_load), or a whole number from 2 to 100000");
	refuse("[team]\nby=column\nmax_size=9\n",
	       "p.policy: [team] max_size: at most max_load; whoever reviews one project of a team reviews them all");
	refuse("[conflict.R05]\nseverity=flag\n",
	       "p.policy: [conflict.R05] severity: forbid or forbid*; `veil batch cycles` lists what is not forbidden");
	refuse("[panel.x]\nodd=1\n", "p.policy: [panel.x] odd: true or false");
}

static void
test_files_that_are_no_policies(void **state)
{
	g_autofree char *path = path_of("none.policy"), *list = put("list.policy", LITERAL("编号,姓名\n1,张三\n"));
	g_autofree char *huge = g_strnfill((1u << 20) + 1, '#');
	GError *error = NULL;

	(void)state;
	refuse("name\n", "p.policy: not a policy: it has lines that are neither [group], key=value nor # comment");
	refuse("demand=5\n", "p.policy: not a policy: it has lines that are neither [group], key=value nor # comment");
	refuse("[batch]\ndemand=\xff\n", "p.policy: not UTF-8; save it as UTF-8");
	refuse(huge, "p.policy: longer than 1 MB; this is no policy");
	assert_null(veil_policy_parse(LITERAL("[batch]\n\0demand=5\n"), "p.policy", &error));
	g_clear_error(&error);
	/* A list of people given by mistake: nothing of it is quoted. */
	assert_null(veil_policy_load(list, &error));
	assert_null(strstr(error->message, "张三"));
	g_clear_error(&error);
	assert_null(veil_policy_load(path, &error));
	assert_int_equal(error->code, VEIL_ERROR_FAILED);
	assert_string_equal(error->message, "none.policy: no such file");
	g_clear_error(&error);
	assert_null(veil_policy_load(folder, &error));
	assert_int_equal(error->code, VEIL_ERROR_FAILED);
	g_clear_error(&error);
}

/* Random damage to a policy: a sound policy or a refusal, never a crash; and what is taken is a fixed point. */
static void
test_damaged_texts(void **state)
{
	g_autoptr(VeilPolicy) whole = take("[panel.x]\nattribute=rank\nvalue=a\nmin_share=1/2\n");
	g_autoptr(GRand) random = g_rand_new_with_seed(11);
	gsize len = strlen(whole->canonical);
	guint taken = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		g_autofree char *text = g_strdup(whole->canonical);
		GError *error = NULL;

		for (int n = g_rand_int_range(random, 1, 4); n > 0; n--)
			text[g_rand_int_range(random, 0, (gint32)len)] = "=[]\n-1.0/\\ a\xe5"[g_rand_int_range(random, 0, 13)];
		g_autoptr(VeilPolicy) policy = veil_policy_parse(text, len, "p", &error);

		if (policy == NULL) {
			assert_int_equal(error->domain, VEIL_ERROR);
			assert_null(strchr(error->message, '\n'));
			g_error_free(error);
			continue;
		}
		g_autoptr(VeilPolicy) again = take(policy->canonical);

		assert_string_equal(policy->canonical, again->canonical);
		taken++;
	}
	assert_in_range(taken, 50, 2950);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_standard_is_what_the_contract_says),
		cmocka_unit_test(test_rule_names),
		cmocka_unit_test(test_canonical_is_a_fixed_point),
		cmocka_unit_test(test_order_and_spelling_do_not_matter),
		cmocka_unit_test(test_inheritance),
		cmocka_unit_test(test_fractions_let_exactly_so_many_pass),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_whose_attribute_counts),
		cmocka_unit_test(test_shares_in_places),
		cmocka_unit_test(test_a_changed_number_does_not_keep_its_citation),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_numbers_out_of_range),
		cmocka_unit_test(test_conflict_values),
		cmocka_unit_test(test_panel_values),
		cmocka_unit_test(test_files_that_are_no_policies),
		cmocka_unit_test(test_damaged_texts),
	};

	return cmocka_run_group_tests(tests, make_folder, clear_folder);
}
