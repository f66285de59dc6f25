#include "model/stat/stat_rank_law.h"

#include "base/memory.h"

#include <stdlib.h>

static void half_release(struct nvc_rank_half *h)
{
    free(h->least);
    free(h->count);
}

void nvc_rank_law_release(struct nvc_rank_law *law)
{
    half_release(&law->lower);
    half_release(&law->upper);
    *law = (struct nvc_rank_law){ 0 };
}

/* sum[i] of the first i weights; what k of the first i can exceed the smallest k by. */
static size_t excess(const size_t *sum, size_t i, size_t k)
{
    return sum[i] - sum[i - k] - sum[k];
}

static void count_subsets(struct nvc_rank_half *h, const size_t *weight, const size_t *sum)
{
    h->count[0] = 1;
    for (size_t i = 0; i < h->n; i++)
        for (size_t k = i < h->most ? i + 1 : h->most; k-- > 0;) { /* k of the first i, and item i */
            const double *from = h->count + k * h->width;
            double *to = h->count + (k + 1) * h->width + (weight[i] - weight[k]);
            for (size_t s = 0, reach = excess(sum, i, k); s <= reach; s++)
                to[s] += from[s];
        }
}

static int half_init(struct nvc_rank_half *h, const size_t *weight, size_t n, size_t most, struct nvc_error *err)
{
    *h = (struct nvc_rank_half){ .n = n, .most = most < n ? most : n };
    size_t *sum = nvc_array(n + 1, sizeof *sum, err);
    h->least = nvc_array(2 * (h->most + 1), sizeof *h->least, err);
    int status = sum && h->least ? 0 : NVC_ESYS;
    for (size_t i = 0; i < n && !status; i++)
        sum[i + 1] = sum[i] + weight[i];
    h->reach = h->least + h->most + 1;
    for (size_t k = 0; k <= h->most && !status; k++) {
        h->least[k] = sum[k];
        h->reach[k] = excess(sum, n, k);
        h->width = h->reach[k] >= h->width ? h->reach[k] + 1 : h->width;
    }
    if (!status && !(h->count = nvc_array((h->most + 1) * h->width, sizeof *h->count, err)))
        status = NVC_ESYS;
    if (!status)
        count_subsets(h, weight, sum);
    free(sum);
    return status;
}

int nvc_rank_law_init(struct nvc_rank_law *law, const size_t *weight, size_t n, size_t most, struct nvc_error *err)
{
    *law = (struct nvc_rank_law){ .n = n };
    int status = half_init(&law->lower, weight, n / 2, most, err);
    if (!status)
        status = half_init(&law->upper, weight + n / 2, n - n / 2, most, err);
    if (status)
        nvc_rank_law_release(law);
    return status;
}

int nvc_rank_law_untied(struct nvc_rank_law *law, size_t n, struct nvc_error *err)
{
    if (law->untied && law->n == n)
        return 0;
    size_t *weight = nvc_array(n, sizeof *weight, err);
    int status = weight ? 0 : NVC_ESYS;
    for (size_t i = 0; i < n && !status; i++)
        weight[i] = i + 1;
    nvc_rank_law_release(law);
    if (!status)
        status = nvc_rank_law_init(law, weight, n, n, err);
    law->untied = !status;
    free(weight);
    return status;
}

/* Pairs of a row of the lower and one of the upper half whose columns add up to at most, or from, `room`. */
static double join(const double *a, size_t reach_a, const double *b, size_t reach_b, size_t room, bool from)
{
    double hits = 0, sum = 0;
    if (from)
        for (size_t s = 0, r = reach_b + 1; s <= reach_a; s++) {
            while (r > 0 && r - 1 + s >= room)
                sum += b[--r];
            hits += a[s] * sum;
        }
    else
        for (size_t s = (reach_a < room ? reach_a : room) + 1, r = 0; s-- > 0;) {
            while (r <= reach_b && r + s <= room)
                sum += b[r++];
            hits += a[s] * sum;
        }
    return hits;
}

double nvc_rank_law_tail(const struct nvc_rank_law *law, size_t k, size_t sum, bool from)
{
    const struct nvc_rank_half *l = &law->lower, *u = &law->upper;
    double hits = 0, ways = 1;
    for (size_t i = 1; i <= k; i++)
        ways *= (double)(law->n - k + i) / (double)i;
    for (size_t a = k > u->n ? k - u->n : 0; a <= k && a <= l->n; a++) {
        size_t b = k - a, least = l->least[a] + u->least[b];
        if (least <= sum || from)
            hits += join(l->count + a * l->width, l->reach[a], u->count + b * u->width, u->reach[b],
                         least <= sum ? sum - least : 0, from);
    }
    return hits / ways;
}
