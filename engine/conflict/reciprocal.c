/* reciprocal.c - R05: two people who both stand behind projects of the batch do not review each other.
 *
 * Of every such pair one direction is closed before anything is drawn, by a coin that neither of them nor the office can aim: a digest of the
 * freeze's id, which is random and logged before the freeze is made, and of the auditor's codes of both, which nobody has before it. Everyone who
 * holds the audit file can throw it again. That it does not look at what else speaks against either direction is on purpose: a coin that some other
 * fact can turn is a coin that can be aimed. Byte-exact: docs/design/conflicts.md.
 */
#include <string.h>

#include <veil/hash.h>

#include "conflict-internal.h"

#define AT(array, Type, i) veil_facts_at(facts->array, Type, i)

gboolean
veil_conflict__loses(const VeilCoin *coin, guint32 e, guint32 f)
{
	const char *mine = coin->code[e], *theirs = coin->code[f];
	gboolean lesser = strcmp(mine, theirs) < 0;
	g_autofree char *text =
		g_strdup_printf("veil/R05/1\n%s\n%s\n%s", coin->freeze_id, lesser ? mine : theirs, lesser ? theirs : mine);
	guint8 digest[32];

	veil_sha256(text, strlen(text), digest);
	return (digest[0] & 1) == lesser;
}

/* Who could review and has something to ask for: eligible, and behind a project. */
gboolean *
veil_conflict__seekers(const VeilFacts *facts, const VeilPolicy *policy, VeilDay as_of)
{
	gboolean *seeks = g_new0(gboolean, MAX(facts->persons->len, 1));

	for (guint i = 0; i < facts->project_people->len; i++)
		seeks[AT(project_people, VeilProjectPerson, i)->person] = TRUE;
	for (guint i = 0; i < facts->persons->len; i++)
		seeks[i] = seeks[i] && AT(persons, VeilPerson, i)->in_pool && AT(persons, VeilPerson, i)->active;
	for (guint i = 0; i < facts->bans->len; i++) {
		const VeilBan *ban = AT(bans, VeilBan, i);

		if (veil_conflict__mask(policy, as_of, VEIL_FAMILY_BAN, 0, ban->when))
			seeks[ban->person] = FALSE;
	}
	return seeks;
}
