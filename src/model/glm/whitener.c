#include "model/glm/whitener.h"

#include "base/memory.h"
#include "math/lsq.h"
#include "math/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void whiten(const struct nvc_whitener *w, const double *y, double *out)
{
    out[0] = y[0] * sqrt(1 - w->ar * w->ar);
    for (size_t t = 1; t < w->n; t++)
        out[t] = y[t] - w->ar * y[t - 1];
}

void nvc_whitener_apply(const struct nvc_whitener *w, const double *y, double *out)
{
    whiten(w, y, out);
    for (size_t k = 0; k < w->n_nuisance; k++) {
        const double *q = w->nuisance + w->n * k;
        nvc_subtract(out, nvc_dot(q, out, w->n), q, w->n);
    }
}

int nvc_whitener_init(struct nvc_whitener *w, const double *nuisance, size_t n, size_t m, double ar, struct nvc_error *err)
{
    struct nvc_lsq f = { 0 };
    double *W = nvc_array(n * m, sizeof *W, err);
    *w = (struct nvc_whitener){ .n = n, .ar = ar };
    int status = W && (w->nuisance = nvc_array(n * m, sizeof *w->nuisance, err)) ? 0 : NVC_ESYS;
    for (size_t k = 0; k < m && !status; k++)
        whiten(w, nuisance + n * k, W + n * k);
    if (!status && !(status = nvc_lsq_init(&f, W, n, m, err))) {
        w->n_nuisance = f.rank;
        memcpy(w->nuisance, f.Q, n * f.rank * sizeof *f.Q);
    }
    nvc_lsq_release(&f);
    free(W);
    return status;
}

void nvc_whitener_release(struct nvc_whitener *w)
{
    free(w->nuisance);
    *w = (struct nvc_whitener){ 0 };
}
