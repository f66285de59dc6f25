#include "model/stat/stat_multiple.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    double p;
    size_t at;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->p != y->p ? (x->p > y->p) - (x->p < y->p) : (x->at > y->at) - (x->at < y->at);
}

int nvc_adjust(enum nvc_adjust how, const double *p, size_t n, double *adjusted, size_t *m, struct nvc_error *err)
{
    struct ranked *r = nvc_array(n, sizeof *r, err);
    size_t k = 0;
    double factor = 1, so_far = how == NVC_ADJUST_HOLM ? 0 : 1;
    if (!r)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++) {
        adjusted[i] = NAN;
        if (!isnan(p[i]))
            r[k++] = (struct ranked){ p[i], i };
    }
    qsort(r, k, sizeof *r, by_p);
    for (size_t i = 2; how == NVC_ADJUST_BY && i <= k; i++)
        factor += 1 / (double)i;
    for (size_t i = 0; i < k; i++) {
        size_t j = how == NVC_ADJUST_HOLM ? i : k - 1 - i;
        double scaled =
            how == NVC_ADJUST_HOLM ? (double)(k - j) * r[j].p : factor * (double)k * r[j].p / (double)(j + 1);
        so_far = how == NVC_ADJUST_HOLM ? fmax(so_far, fmin(scaled, 1)) : fmin(so_far, scaled);
        adjusted[r[j].at] = so_far;
    }
    if (m)
        *m = k;
    free(r);
    return 0;
}
