/* Tail probabilities of one t or F distribution from a table, where millions are wanted: cubic pieces of the logarithm
 * over the square of t (or rF for F of r degrees of freedom), 64 to each doubling of it.  Within 5e-9 of the value
 * itself up to |t| = 6, 1e-7 up to |t| = 45; computed beyond. */
#ifndef NVC_MATH_TAIL_H
#define NVC_MATH_TAIL_H

#include "base/status.h"
#include "math/vec.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct nvc_tail {
    double dof1, dof2;
    int n;                 /* pieces; 0: no table, every value is computed */
    double *piece;         /* four coefficients each */
};

/* P(F > f) of F(dof1, dof2); with dof1 = 1, P(|T| > t) of t(dof2) for f = t^2.  Release also after failure. */
int nvc_tail_init(struct nvc_tail *t, double dof1, double dof2, struct nvc_error *err) NVC_CHECKED;
void nvc_tail_release(struct nvc_tail *t);
/* Of f; NaN stays NaN. */
double nvc_tail_p(const struct nvc_tail *t, double f);
double nvc_tail_exact(const struct nvc_tail *t, double f);

/* Pieces are found from the bits of dof1 f: the first begins at 2^-20, each is the next 1/64 of a doubling. */
#define NVC_TAIL_BITS 46
#define NVC_TAIL_FIRST (INT64_C(0x3eb0000000000000) >> NVC_TAIL_BITS)

/* Eight at a time. */
NVC_INLINE nvc_vec nvc_vec_tail(const struct nvc_tail *t, nvc_vec f)
{
    nvc_vec square = t->dof1 * f, c[4];
    nvc_ivec bits = (nvc_ivec)square, place = (bits >> NVC_TAIL_BITS) - NVC_TAIL_FIRST;
    nvc_ivec outside = (nvc_ivec)((nvc_uvec)place >= (uint64_t)t->n); /* below 0, too */
    nvc_vec u = square - (nvc_vec)((bits >> NVC_TAIL_BITS) << NVC_TAIL_BITS);
    nvc_vec_gather(t->piece, 4 * (place & ~outside), c);
    nvc_vec p = nvc_vec_exp_quick(((c[3] * u + c[2]) * u + c[1]) * u + c[0]);
    if (__builtin_expect(nvc_vec_any(outside), 0))
        for (int lane = 0; lane < NVC_VECTOR; lane++)
            if (outside[lane])
                p[lane] = nvc_tail_exact(t, f[lane]);
    return p;
}

#endif
