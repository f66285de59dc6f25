/* The statistic of one arrangement, and the arrangements. */
#include "model/permute_internal.h"

#include <math.h>
#include <string.h>

enum { LANES = NVC_PERMUTE_LANES };

/* LANES outcomes: coefficient w'e, projections Q'e, and the weighted sum of squared residuals. */
static void lanes(const struct nvc_pattern *p, const double *restrict D, const double *restrict E, double *restrict t)
{
    const size_t n = p->n, m = p->m;
    double effect[LANES] = { 0 }, variance[LANES] = { 0 }, proj[NVC_PERMUTE_COLUMNS][LANES];
    const double *w = D, *a = D + n, *Q = D + 2 * n;
    memset(proj, 0, m * sizeof *proj);
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < LANES; l++)
            effect[l] += w[i] * E[i * LANES + l];
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < n; i++)
            for (size_t l = 0; l < LANES; l++)
                proj[j][l] += Q[i + n * j] * E[i * LANES + l];
    for (size_t i = 0; i < n; i++) {
        double r[LANES];
        for (size_t l = 0; l < LANES; l++)
            r[l] = E[i * LANES + l];
        for (size_t j = 0; j < m; j++)
            for (size_t l = 0; l < LANES; l++)
                r[l] -= Q[i + n * j] * proj[j][l];
        for (size_t l = 0; l < LANES; l++)
            variance[l] += a[i] * r[l] * r[l];
    }
    for (size_t l = 0; l < LANES; l++)
        t[l] = effect[l] / sqrt(variance[l] * p->variance_scale);
}

void nvc_permute_statistics(const struct nvc_pattern *p, const double *D, double *t)
{
    double block[LANES];
    for (size_t first = 0; first < p->n_outcomes; first += LANES) {
        lanes(p, D, p->E + first * p->n, block);
        for (size_t l = 0; l < LANES && first + l < p->n_outcomes; l++)
            t[p->outcome[first + l]] = block[l];
    }
}

/* Row canonical[i] of the model moves to row drawn[i] of the data. */
static void arrange(const struct nvc_pattern *p, struct nvc_permute_work *w)
{
    for (size_t j = 0; j < p->m + 2; j++)
        for (size_t i = 0; i < p->n; i++)
            w->D[w->drawn[i] + p->n * j] = p->D[p->canonical[i] + p->n * j];
}

void nvc_permute_draw(const struct nvc_pattern *p, const size_t *order, size_t participants, struct nvc_permute_work *w)
{
    size_t k = 0;
    for (size_t i = 0; i < participants; i++)
        if (p->position[order[i]] != SIZE_MAX)
            w->drawn[k++] = p->position[order[i]];
    arrange(p, w);
}

/* Signs of the data are signs of all columns of the model but that of the variance. */
static void flip(const struct nvc_pattern *p, struct nvc_permute_work *w)
{
    for (size_t j = 0; j < p->m + 2; j++)
        for (size_t i = 0; i < p->n; i++)
            w->D[i + p->n * j] = p->D[i + p->n * j] * (j == 1 ? 1 : w->sign[i]);
}

void nvc_permute_draw_signs(const struct nvc_pattern *p, const double *sign_of_participant, struct nvc_permute_work *w)
{
    for (size_t i = 0; i < p->n; i++)
        w->sign[i] = sign_of_participant[p->row[i]];
    flip(p, w);
}

static size_t choose(size_t n, size_t k)
{
    size_t c = 1;
    for (size_t i = 1; i <= k; i++)
        c = c * (n - k + i) / i;
    return c;
}

/* The number-th way to pick k of n, in lexicographic order: calls of `member` in turn. */
static void unrank(size_t number, size_t n, size_t k, bool *member)
{
    for (size_t i = 0; i < n; i++) {
        size_t with = k ? choose(n - i - 1, k - 1) : 0;
        member[i] = k && number < with;
        if (member[i])
            k--;
        else
            number -= with;
    }
}

void nvc_permute_enumerate(const struct nvc_pattern *p, size_t number, bool signs, struct nvc_permute_work *w)
{
    if (signs) {
        for (size_t i = 0; i < p->n; i++)
            w->sign[i] = number >> i & 1 ? -1 : 1;
        flip(p, w);
        return;
    }
    const double *x = p->X + p->n * p->column;
    for (size_t b = 0; b < p->n_blocks; b++) {
        size_t first = p->block_start[b], size = p->block_start[b + 1] - first, ways = choose(size, p->block_ones[b]);
        size_t next[2] = { 0, 0 };
        unrank(number % ways, size, p->block_ones[b], w->pick);
        number /= ways;
        for (size_t i = 0; i < size; i++) { /* the next picked row receives the next row of the model with high x */
            bool high = x[p->canonical[first + i]] == p->high;
            while (w->pick[next[high]] != high)
                next[high]++;
            w->drawn[first + i] = p->canonical[first + next[high]++];
        }
    }
    arrange(p, w);
}
