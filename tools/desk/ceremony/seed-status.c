/* seed-status.c - how far a seed ceremony is, in words and for scripts. */
#include <stdio.h>
#include <string.h>

#include "ceremony/seed-private.h"

static const char *
party_word(const VeilParty *party)
{
	if (party->value != NULL)
		return "revealed";
	if (party->missing)
		return "missing, skipped";
	return party->commitment != NULL ? "committed" : "nothing yet";
}

/* Whom the ceremony waits for, in words. */
static char *
next_words(const VeilCeremony *c, const Move *move)
{
	gboolean all_in = veil_ceremony_n_committed(c) == c->parties->len;
	g_autoptr(GString) waiting = g_string_new(NULL);

	if (c->seed != NULL)
		return g_strdup(c->draw_begun ? "nothing: the seed is made and the draw begun" : "veil batch draw");
	if (!c->planned)
		return g_strdup(c->draw_begun ? "nothing: this draw was begun without a ceremony" : "veil batch seed NAME plan");
	if (strcmp(move->now, c->beacon_time) >= 0)
		return g_strdup(c->entries->len == 0 ? "two operators enter the beacon" : "another operator enters the beacon");
	gboolean commits = !all_in && strcmp(move->now, c->commit_until) < 0 && veil_ceremony_n_revealed(c) == 0;
	for (guint i = 0; i < c->parties->len; i++) {
		const VeilParty *party = c->parties->pdata[i];
		if (commits ? party->commitment == NULL : party->commitment != NULL && party->value == NULL)
			g_string_append_printf(waiting, "%s%s", waiting->len > 0 ? ", " : "", party->handle);
	}
	if (waiting->len == 0)
		return g_strdup_printf("wait for the beacon at %s", c->beacon_time);
	return g_strdup_printf("%s: %s, before %s", commits ? "commitments" : "reveals", waiting->str, commits ? c->commit_until : c->beacon_time);
}

static void
add_text(JsonBuilder *json, const char *member, const char *value)
{
	json_builder_set_member_name(json, member);
	json_builder_add_string_value(json, value);
}

static void
print_json(const VeilCeremony *c, const Move *move, const char *next)
{
	JsonBuilder *json = json_builder_new();

	json_builder_begin_object(json);
	add_text(json, "batch", move->batch);
	add_text(json, "freeze_id", move->freeze_id);
	json_builder_set_member_name(json, "draw");
	json_builder_add_int_value(json, move->draw);
	add_text(json, "state", veil_ceremony_state(c));
	add_text(json, "next", next);
	if (c->planned) {
		add_text(json, "beacon", c->beacon);
		add_text(json, "beacon_time", c->beacon_time);
		add_text(json, "commit_until", c->commit_until);
	}
	json_builder_set_member_name(json, "parties");
	json_builder_begin_array(json);
	for (guint i = 0; i < c->parties->len; i++) {
		const VeilParty *party = c->parties->pdata[i];
		json_builder_begin_object(json);
		add_text(json, "party", party->handle);
		add_text(json, "state", party_word(party));
		json_builder_end_object(json);
	}
	json_builder_end_array(json);
	json_builder_set_member_name(json, "beacon_entries");
	json_builder_add_int_value(json, c->entries->len);
	if (c->seed != NULL)
		add_text(json, "seed", c->seed);
	json_builder_end_object(json);
	veil_json_print(json);
}

gboolean
veil_seed_print_status(const VeilStep *step, const char *name, guint draw_n, VeilPrint how, GError **error)
{
	g_auto(Move) move = {0};
	g_autoptr(VeilCeremony) c = NULL;

	if (!veil_seed__begin(&move, step, name, draw_n, error) || (c = veil_ceremony_read(veil_log_ledger(move.log), move.freeze_id, move.draw, error)) == NULL)
		return FALSE;
	g_autofree char *next = next_words(c, &move);
	if (how == VEIL_PRINT_JSON) {
		print_json(c, &move, next);
		return TRUE;
	}
	printf("batch   %s%s, draw %u\nstate   %s\n", name, step->site->rehearsal ? " (REHEARSAL)" : "", move.draw, veil_ceremony_state(c));
	if (c->planned)
		printf("beacon  %s, at %s\n", c->beacon, c->beacon_time);
	for (guint i = 0; i < c->parties->len; i++) {
		const VeilParty *party = c->parties->pdata[i];
		printf("party   %s  %s\n", party->handle, party_word(party));
	}
	if (c->seed != NULL)
		printf("seed    %s\n", c->seed);
	printf("next    %s\n", next);
	return TRUE;
}
