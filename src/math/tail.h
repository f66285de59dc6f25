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
/* root = sqrt(f) = |t|; NaN stays NaN. */
double nvc_tail_p(const struct nvc_tail *t, double root);

#endif
