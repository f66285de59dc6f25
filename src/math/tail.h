/* Tail probabilities of one t or F distribution from a table, where millions are wanted: cubic Hermite
 * interpolation of the logarithm, within 1e-9 of the value itself. */
#ifndef NVC_MATH_TAIL_H
#define NVC_MATH_TAIL_H

#include "base/status.h"

#include <stddef.h>

struct nvc_tail {
    double dof1, dof2;
    int n;                 /* nodes; 0: no table, every value is computed */
    double *log_p, *slope;
};

/* P(F > f) of F(dof1, dof2); with dof1 = 1, P(|T| > t) of t(dof2) for f = t^2.  Release also after failure. */
int nvc_tail_init(struct nvc_tail *t, double dof1, double dof2, struct nvc_error *err) NVC_CHECKED;
void nvc_tail_release(struct nvc_tail *t);
/* root = sqrt(f) = |t|; NaN stays NaN.  The logarithm is what the table holds. */
double nvc_tail_p(const struct nvc_tail *t, double root);
double nvc_tail_log_exact(const struct nvc_tail *t, double root);
enum { NVC_TAIL_PER_UNIT = 32 };
static inline double nvc_tail_log(const struct nvc_tail *t, double root)
{
    double place = root * NVC_TAIL_PER_UNIT;
    if (!(place < t->n - 1))
        return nvc_tail_log_exact(t, root);
    int k = (int)place;
    double u = place - k, v = 1 - u;
    const double *y = t->log_p + k, *d = t->slope + k;
    return v * v * ((1 + 2 * u) * y[0] + u * d[0]) + u * u * ((1 + 2 * v) * y[1] - v * d[1]);
}

#endif
