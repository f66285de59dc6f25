/* The statistic of one arrangement, and the arrangements. */
#include "math/vec.h"
#include "model/group/permute_internal.h"

#include <math.h>
#include <string.h>

enum { LANES = NVC_PERMUTE_LANES };
_Static_assert((int)NVC_PERMUTE_LANES == (int)NVC_VECTOR, "one vector of outcomes at a time");

NVC_INLINE nvc_vec load(const double *p)
{
    nvc_vec x;
    memcpy(&x, p, sizeof x);
    return x;
}

/* LANES outcomes: coefficient w'e, projections Q'e, and the weighted sum of squared residuals. */
NVC_INLINE void lanes(const struct nvc_pattern *p, const double *restrict D, const double *restrict E, double *restrict t)
{
    const size_t n = p->n, m = p->m;
    const double *w = D, *a = D + n, *Q = D + 2 * n;
    nvc_vec effect = { 0 }, variance = { 0 }, proj[NVC_PERMUTE_COLUMNS + 1];
    for (size_t i = 0; i < n; i++)
        effect += w[i] * load(E + i * LANES);
    for (size_t j = 0; j < m; j += 2) { /* two at a time: a sum waits for itself */
        const double *q0 = Q + n * j, *q1 = Q + n * (j + 1 < m ? j + 1 : j);
        nvc_vec sum0 = { 0 }, sum1 = { 0 };
        for (size_t i = 0; i < n; i++) {
            nvc_vec e = load(E + i * LANES);
            sum0 += q0[i] * e;
            sum1 += q1[i] * e;
        }
        proj[j] = sum0, proj[j + 1] = sum1;
    }
    for (size_t i = 0; i < n; i++) {
        nvc_vec r = load(E + i * LANES);
        for (size_t j = 0; j < m; j++)
            r -= Q[i + n * j] * proj[j];
        variance += a[i] * r * r;
    }
    for (size_t l = 0; l < LANES; l++)
        t[l] = effect[l] / sqrt(variance[l] * p->variance_scale);
}

NVC_KERNEL(lanes, (const struct nvc_pattern *p, const double *D, const double *E, double *t), (p, D, E, t))

void nvc_permute_statistics(const struct nvc_pattern *p, const double *D, double *t)
{
    void (*const statistic)(const struct nvc_pattern *, const double *, const double *, double *) = NVC_KERNEL_CHOOSE(lanes);
    double block[LANES];
    for (size_t first = 0; first < p->n_outcomes; first += LANES) {
        statistic(p, D, p->E + first * p->n, block);
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
