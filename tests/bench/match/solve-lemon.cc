/* solve-lemon.cc - solves one instance file with LEMON: solve-lemon ns|cs FILE; prints status, objective, seconds (graph building included).
 *
 * The same model as a minimum-cost flow: source -> project (demand) -> reviewer (1, -score) -> sink (minimum..maximum load). SmartDigraph, the leaner of
 * LEMON's graphs; arcs are added node by node, which NetworkSimplex likes best. Integer costs.
 */
#include <ctime>
#include <cstring>

#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include "instance-file.h"

typedef lemon::SmartDigraph Graph;

template <typename Solver> static bool
run(Solver &solver, const Graph &g, const Graph::ArcMap<long> &lower, const Graph::ArcMap<long> &upper, const Graph::ArcMap<long> &cost,
    const Graph::NodeMap<long> &supply, long &total)
{
	(void)g;
	bool ok = solver.lowerMap(lower).upperMap(upper).costMap(cost).supplyMap(supply).run() == Solver::OPTIMAL;
	if (ok)
		total = -solver.template totalCost<long>();
	return ok;
}

int
main(int argc, char **argv)
{
	InstanceFile x = instance_read(argv[argc - 1]);
	timespec a, b;
	long total = 0, places = 0;
	bool ok;

	clock_gettime(CLOCK_MONOTONIC, &a);
	{
		Graph g;
		g.reserveNode((int)(x.projects + x.reviewers + 1));
		g.reserveArc((int)(x.pairs + x.reviewers));
		for (uint64_t i = 0; i < x.projects + x.reviewers + 1; i++)
			g.addNode();
		Graph::Node sink = g.nodeFromId((int)(x.projects + x.reviewers));
		for (uint64_t p = 0; p < x.projects; p++)
			for (uint64_t i = x.offset[p]; i < x.offset[p + 1]; i++)
				g.addArc(g.nodeFromId((int)p), g.nodeFromId((int)(x.projects + x.reviewer[i])));
		for (uint64_t r = 0; r < x.reviewers; r++)
			g.addArc(g.nodeFromId((int)(x.projects + r)), sink);
		Graph::ArcMap<long> lower(g, 0), upper(g, 1), cost(g, 0);
		Graph::NodeMap<long> supply(g, 0);
		for (uint64_t i = 0; i < x.pairs; i++)
			cost[g.arcFromId((int)i)] = -x.score[i];
		for (uint64_t r = 0; r < x.reviewers; r++) {
			lower[g.arcFromId((int)(x.pairs + r))] = x.min_load[r];
			upper[g.arcFromId((int)(x.pairs + r))] = x.max_load[r];
		}
		for (uint64_t p = 0; p < x.projects; p++) {
			supply[g.nodeFromId((int)p)] = x.demand[p];
			places += x.demand[p];
		}
		supply[sink] = -places;
		if (strcmp(argv[1], "cs") == 0) {
			lemon::CostScaling<Graph, long, long> solver(g);
			ok = run(solver, g, lower, upper, cost, supply, total);
		} else {
			lemon::NetworkSimplex<Graph, long, long> solver(g);
			ok = run(solver, g, lower, upper, cost, supply, total);
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%s %ld %.4f\n", ok ? "optimal" : "infeasible", total,
	       (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return 0;
}
