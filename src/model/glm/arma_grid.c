/* The pairs (a, b) that are tried, and how 3dREMLfit walks among them. */
#include "model/glm/arma.h"

#include <math.h>
#include <stdlib.h>

double nvc_arma_lambda(struct nvc_arma_pair p)
{
    return (p.b + p.a) * (1 + p.a * p.b) / (1 + 2 * p.a * p.b + p.b * p.b);
}

double nvc_arma_gain(struct nvc_arma_pair p)
{
    return (1 + 2 * p.a * p.b + p.b * p.b) / (1 - p.a * p.a);
}

/* White noise lies on a whole line of pairs, b = -a: (0, 0) stands for all of them. */
static size_t add_legal(struct nvc_arma_pair *pairs, size_t n, struct nvc_arma_pair p, double least)
{
    bool white = fabs(p.a + p.b) < 1e-9;
    if (white ? p.a > 0 : nvc_arma_lambda(p) < least)
        return n;
    pairs[n] = p;
    return n + 1;
}

/* Up to .95 there are 189 pairs; .97 and .985 are for slow noise in short runs of fast volumes, where without them up to
 * 7.5 % of nothing would be found at 5 %. */
size_t nvc_arma_grid_wide(struct nvc_arma_pair *pairs)
{
    static const double a[] = { 0, .1, .2, .3, .4, .5, .6, .7, .8, .85, .9, .95, .97, .985 };
    static const double b[] = { -.95, -.9, -.85, -.8, -.7, -.6, -.5, -.4, -.3, -.2, -.1, 0,
                                .1, .2, .3, .4, .5, .6, .7, .8, .9 };
    size_t n = 0;
    for (size_t j = 0; j < sizeof b / sizeof *b; j++)
        for (size_t i = 0; i < sizeof a / sizeof *a; i++)
            n = add_legal(pairs, n, (struct nvc_arma_pair){ a[i], b[j] }, -0.1);
    return n;
}

size_t nvc_arma_grid_afni(struct nvc_arma_pair *pairs)
{
    size_t n = 0;
    for (int j = -8; j <= 8; j++)
        for (int i = 0; i <= 8; i++)
            n = add_legal(pairs, n, (struct nvc_arma_pair){ i / 10., j / 10. }, 1e-4);
    return n;
}

size_t nvc_arma_descend(const struct nvc_arma_pair *pairs, size_t n_pairs, const double *objective)
{
    size_t best = 0;
    while (pairs[best].a != 0 || pairs[best].b != 0)
        best++;
    for (long step = 2; step >= 1; step--) {
        long i0 = lround(10 * pairs[best].a), j0 = lround(10 * pairs[best].b);
        for (size_t g = 0; g < n_pairs; g++) {
            long i = lround(10 * pairs[g].a), j = lround(10 * pairs[g].b);
            bool reached = step == 2 ? i % 2 == 0 && j % 2 == 0 : labs(i - i0) <= 2 && labs(j - j0) <= 2;
            if (reached && objective[g] < objective[best])
                best = g;
        }
    }
    return best;
}

void nvc_arma_whiten(struct nvc_arma_pair p, const size_t *run_start, size_t n_runs, size_t n, double *x)
{
    double b2 = p.b * p.b, first = 1 + (p.a + p.b) * (p.a + p.b) / (1 - p.a * p.a);
    for (size_t r = 0; r < n_runs; r++) {
        size_t end = r + 1 < n_runs ? run_start[r + 1] : n;
        double before = 0, innovation = 0, variance = first;
        for (size_t t = run_start[r]; t < end; t++) {
            double here = x[t], from_before = t == run_start[r] ? 0 : p.b / variance;
            if (t > run_start[r])
                variance = 1 + b2 - b2 / variance;
            innovation = here - p.a * before - from_before * innovation;
            before = here;
            x[t] = innovation / sqrt(variance);
        }
    }
}
