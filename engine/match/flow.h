/* flow.h - who could review what, scores aside: the most places that can be filled. Private to this room.
 *
 * A flow of its own, apart from the solver's state, so that demands and loads can be changed and tried: witnesses, relaxations, and the early
 * answer that an instance is infeasible all ask it.
 */
#pragma once

#include <veil/match.h>

#define NO_SLOT G_MAXUINT32

typedef struct {
	const VeilInstance *in;
	guint32 *group;	   /* by reviewer, 0 none; NULL: no groups */
	guint32 *demand;   /* by project, at most the length of its row; may be lowered */
	guint32 *capacity; /* by reviewer; may be raised */
	guint64 *first;	   /* by project: its slots */
	guint32 *filled;   /* the first of them */
	guint32 *holder;   /* by slot */
	guint32 *slot_project, *next, *prev; /* by slot: list of a reviewer's */
	guint32 *load, *head;		     /* by reviewer */
	guint32 *mark, *via, *queue;	     /* by reviewer: root + 1, the slot he would take; those reached */
	guint32 *touched;		     /* by project: root + 1 */
	guint32 n_queue;
	guint64 work; /* pairs looked at */
} Flow;

/* Empty; fails only for more than 2^32 places after each demand was cut to the length of its row. */
Flow *veil_match__flow_new(const VeilInstance *in, GError **error);
void veil_match__flow_free(Flow *flow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Flow, veil_match__flow_free)
void veil_match__flow_give(Flow *flow, guint32 p, guint32 reviewer); /* the next place of p */
void veil_match__flow_empty(Flow *flow, guint32 p);		     /* all places of p */
/* Fills what can be filled, whatever has to move; how many places stay empty. */
guint64 veil_match__flow_fill(Flow *flow);
/* Who shares p's want: queue, mark and touched are those that can be reached from its empty place. Only after a fill. How many projects. */
guint32 veil_match__flow_reach(Flow *flow, guint32 p);
static inline guint32
flow_lacks(const Flow *flow, guint32 p)
{
	return flow->demand[p] - flow->filled[p];
}

/* The same question from the reviewers' side: rows by reviewer, demand their minimum loads, loads the projects' demands. No groups. */
typedef struct {
	VeilInstance in;
	guint64 *offset;
	guint32 *project;
} Turned;

Turned *veil_match__turned_new(const VeilInstance *in);
void veil_match__turned_free(Turned *turned);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Turned, veil_match__turned_free)

/* witness.c: fill in match as infeasible. flow: filled as far as can be, and places are empty; it is used up. */
void veil_match__places_witness(Flow *flow, VeilMatch *match);
void veil_match__lone_witness(const VeilInstance *in, guint32 p, VeilMatch *match); /* p's own list is too short */
/* flagged: by reviewer, 1 for those that share the shortage; used up. */
void veil_match__minimum_witness(const VeilInstance *in, guint8 *flagged, VeilMatch *match);
