/* AR(1) coefficient of the noise from regression residuals, freed of what the regression does to them.
 *
 * E[r'D r] / E[r'r] is tabled as a function of phi for the residual-forming matrix R of a design (D: shift by one volume)
 * and inverted: the exact one-parameter form of Worsley et al. 2002, doi 10.1006/nimg.2001.0933. */
#ifndef NVC_MODEL_AR_DEBIAS_H
#define NVC_MODEL_AR_DEBIAS_H

#include "base/status.h"

#include <stddef.h>

enum { NVC_AR_STEPS = 97 };
struct nvc_ar_debias {
    double expected[NVC_AR_STEPS]; /* lag-one correlation of residuals for phi = -0.48, -0.465 ... 0.96 */
};
/* Q: n x m orthonormal columns that span the design.  NVC_ESYS: memory (3 n m doubles). */
int nvc_ar_debias_init(struct nvc_ar_debias *d, const double *Q, size_t n, size_t m, struct nvc_error *err) NVC_CHECKED;
/* phi of the residuals r[n]: clamped to the ends of the table. */
double nvc_ar_debias_estimate(const struct nvc_ar_debias *d, const double *r, size_t n);

#endif
