/* How well the columns of a design can be told apart (model/design/design.h). */
#include "base/memory.h"
#include "math/lsq.h"
#include "model/design/design.h"

#include <math.h>
#include <stdlib.h>

void nvc_design_report_release(struct nvc_design_report *r)
{
    free(r->vif);
    free(r->efficiency);
    *r = (struct nvc_design_report){ 0 };
}

static double sum_of_squares(const double *x, size_t n, double about)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += (x[i] - about) * (x[i] - about);
    return s;
}

static double mean(const double *x, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += x[i];
    return s / (double)n;
}

/* [(X'X)^-1]_jj is 1/RSS of column j on the others: VIF = TSS/RSS. */
static int measure(struct nvc_design_report *r, const struct nvc_lsq *f, const struct nvc_design *d, struct nvc_error *err)
{
    size_t n = d->n_rows, m = d->n_cols;
    double *V = nvc_array(m * m, sizeof *V, err);
    if (!V || !(r->vif = nvc_array(m, sizeof *r->vif, err)) || !(r->efficiency = nvc_array(m, sizeof *r->efficiency, err))) {
        free(V);
        return (int)err->status;
    }
    nvc_lsq_covariance(f, V);
    for (size_t j = 0; j < m; j++) {
        const double *x = d->X + n * j;
        double tss = sum_of_squares(x, n, mean(x, n));
        r->vif[j] = tss > 1e-20 * sum_of_squares(x, n, 0) ? tss * V[j + m * j] : NAN;
        r->efficiency[j] = d->columns[j].role == NVC_ROLE_TASK ? 1 / V[j + m * j] : NAN;
    }
    free(V);
    return 0;
}

int nvc_design_check(struct nvc_design_report *r, const struct nvc_design *d, struct nvc_error *err)
{
    struct nvc_lsq f = { 0 };
    const char **names = nvc_array(d->n_cols, sizeof *names, err);
    *r = (struct nvc_design_report){ 0 };
    int status = names ? nvc_lsq_init(&f, d->X, d->n_rows, d->n_cols, err) : (int)err->status;
    for (size_t j = 0; !status && j < d->n_cols; j++)
        names[j] = d->columns[j].name;
    if (!status)
        status = nvc_lsq_require(&f, 1e8, names, err);
    if (!status) {
        r->rank = f.rank;
        r->condition = f.condition;
        status = measure(r, &f, d, err);
    }
    nvc_lsq_release(&f);
    free(names);
    if (status)
        nvc_design_report_release(r);
    return status;
}
