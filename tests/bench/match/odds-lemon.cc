/* odds-lemon.cc - the odds of one instance file with LEMON: odds-lemon ns|cs STEPS CAP PERTURBATION FILE (cap over 10000, perturbation in millionths).
 *
 * The piecewise-linear twin of perturbed maximisation, as its authors solve it: x in steps of 1 / STEPS, each step an arc of capacity 1 whose profit is the mean marginal gain over the
 * step, loads and demands times STEPS. Prints status, expected score, perturbed sum, seconds (graph building included). CAP x STEPS must be whole.
 */
#include <ctime>
#include <cstring>

#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include "instance-file.h"

typedef lemon::SmartDigraph Graph;

template <typename Solver> static bool
run(Solver &solver, const Graph::ArcMap<long> &lower, const Graph::ArcMap<long> &upper, const Graph::ArcMap<long> &cost, const Graph::NodeMap<long> &supply,
    Graph::ArcMap<long> &flow)
{
	if (solver.lowerMap(lower).upperMap(upper).costMap(cost).supplyMap(supply).run() != Solver::OPTIMAL)
		return false;
	solver.flowMap(flow);
	return true;
}

int
main(int argc, char **argv)
{
	InstanceFile x = instance_read(argv[argc - 1]);
	long steps = atol(argv[2]), per_pair = atol(argv[3]) * steps / 10000, beta = atol(argv[4]), places = 0;
	double expected = 0, perturbed = 0;
	timespec a, b;
	bool ok;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	{
		Graph g;
		g.reserveNode((int)(x.projects + x.reviewers + 1));
		g.reserveArc((int)(x.pairs * (uint64_t)per_pair + x.reviewers));
		for (uint64_t i = 0; i < x.projects + x.reviewers + 1; i++)
			g.addNode();
		Graph::Node sink = g.nodeFromId((int)(x.projects + x.reviewers));
		for (uint64_t p = 0; p < x.projects; p++)
			for (uint64_t i = x.offset[p]; i < x.offset[p + 1]; i++)
				for (long k = 0; k < per_pair; k++)
					g.addArc(g.nodeFromId((int)p), g.nodeFromId((int)(x.projects + x.reviewer[i])));
		for (uint64_t r = 0; r < x.reviewers; r++)
			g.addArc(g.nodeFromId((int)(x.projects + r)), sink);
		Graph::ArcMap<long> lower(g, 0), upper(g, 1), cost(g, 0), flow(g, 0);
		Graph::NodeMap<long> supply(g, 0);
		for (uint64_t i = 0; i < x.pairs; i++)
			for (long k = 0; k < per_pair; k++) /* x - beta x^2 over [k, k + 1] / steps */
				cost[g.arcFromId((int)(i * (uint64_t)per_pair + (uint64_t)k))] =
					-(long)((__int128)x.score[i] * (1000000 * steps - beta * (2 * k + 1)) / (1000000 * steps));
		for (uint64_t r = 0; r < x.reviewers; r++) {
			Graph::Arc arc = g.arcFromId((int)(x.pairs * (uint64_t)per_pair + r));
			lower[arc] = x.min_load[r] * steps;
			upper[arc] = x.max_load[r] * steps;
		}
		for (uint64_t p = 0; p < x.projects; p++) {
			supply[g.nodeFromId((int)p)] = x.demand[p] * steps;
			places += x.demand[p] * steps;
		}
		supply[sink] = -places;
		if (strcmp(argv[1], "cs") == 0) {
			lemon::CostScaling<Graph, long, long> solver(g);
			ok = run(solver, lower, upper, cost, supply, flow);
		} else {
			lemon::NetworkSimplex<Graph, long, long> solver(g);
			ok = run(solver, lower, upper, cost, supply, flow);
		}
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		for (uint64_t i = 0; ok && i < x.pairs; i++) {
			double odds = 0;
			for (long k = 0; k < per_pair; k++)
				odds += (double)flow[g.arcFromId((int)(i * (uint64_t)per_pair + (uint64_t)k))] / (double)steps;
			expected += (double)x.score[i] / 1e6 * odds;
			perturbed += (double)x.score[i] / 1e6 * (odds - (double)beta / 1e6 * odds * odds);
		}
	}
	printf("%s %.6f %.4f %.4f\n", ok ? "odds" : "infeasible", expected, perturbed,
	       (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return 0;
}
