/* Serial orthogonalisation of columns. */
#ifndef NVC_MATH_ORTH_H
#define NVC_MATH_ORTH_H

#include <stddef.h>

/* spm_orth: each column of X (column-major n x m) minus its projection on those before it; the first stays
 * as it is and nothing is normalised.  A column that lies in the span of those before becomes 0. */
void nvc_orth(double *X, size_t n, size_t m);

#endif
