/* Logistic regression with Firth's penalty, whose estimates stay finite under separation. */
#ifndef NVC_MODEL_STAT_LOGIT_H
#define NVC_MODEL_STAT_LOGIT_H

#include "base/status.h"

#include <stddef.h>

/* P(y = 1 | X) by the modified score of Firth (1993, doi:10.1093/biomet/80.1.27; Heinze & Schemper 2002).
 * X (n x m, with its constant), y 0 or 1; beta[m], p[n] fitted.  NVC_EDATA: rank-deficient, no convergence. */
int nvc_firth(const double *X, const double *y, size_t n, size_t m, double *beta, double *p,
              struct nvc_error *err) NVC_CHECKED;

#endif
