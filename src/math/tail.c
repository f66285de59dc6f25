#include "math/tail.h"

#include "base/memory.h"
#include "math/dist.h"

#include <gsl/gsl_randist.h>
#include <stdlib.h>

enum { DOUBLINGS = 31, PIECES = DOUBLINGS << (52 - NVC_TAIL_BITS) };

double nvc_tail_exact(const struct nvc_tail *t, double f)
{
    return t->dof1 == 1 ? nvc_t_two_sided(sqrt(f), t->dof2) : nvc_f_sf(f, t->dof1, t->dof2);
}

/* Logarithm of the tail beyond square / dof1, and its derivative by the square. */
static void logarithm(const struct nvc_tail *t, double square, double *value, double *slope)
{
    double f = square / t->dof1, root = sqrt(f), p = nvc_tail_exact(t, f);
    double density = t->dof1 == 1 ? gsl_ran_tdist_pdf(root, t->dof2) / root : gsl_ran_fdist_pdf(f, t->dof1, t->dof2) / t->dof1;
    *value = log(p);
    *slope = -density / p;
}

static double start_of(int piece)
{
    int64_t bits = (piece + NVC_TAIL_FIRST) << NVC_TAIL_BITS;
    double square;
    memcpy(&square, &bits, sizeof square);
    return square;
}

int nvc_tail_init(struct nvc_tail *t, double dof1, double dof2, struct nvc_error *err)
{
    *t = (struct nvc_tail){ .dof1 = dof1, .dof2 = dof2 };
    if (!(t->piece = nvc_array(4 * PIECES, sizeof *t->piece, err)))
        return NVC_ESYS;
    double value, slope, next, next_slope;
    logarithm(t, start_of(0), &value, &slope);
    for (; t->n < PIECES && value > -640; t->n++, value = next, slope = next_slope) { /* then too few digits are left */
        double *c = t->piece + 4 * t->n, h = start_of(t->n + 1) - start_of(t->n);
        logarithm(t, start_of(t->n + 1), &next, &next_slope);
        if (!isfinite(next) || !isfinite(next_slope))
            break;
        c[0] = value;
        c[1] = slope;
        c[2] = (3 * (next - value) / h - 2 * slope - next_slope) / h;
        c[3] = (slope + next_slope - 2 * (next - value) / h) / (h * h);
    }
    return 0;
}

void nvc_tail_release(struct nvc_tail *t)
{
    free(t->piece);
    *t = (struct nvc_tail){ 0 };
}

double nvc_tail_p(const struct nvc_tail *t, double f)
{
    double square = t->dof1 * f, u;
    int64_t bits, start;
    memcpy(&bits, &square, sizeof bits);
    int64_t place = (bits >> NVC_TAIL_BITS) - NVC_TAIL_FIRST;
    if (place < 0 || place >= t->n)
        return nvc_tail_exact(t, f);
    start = (bits >> NVC_TAIL_BITS) << NVC_TAIL_BITS;
    memcpy(&u, &start, sizeof u);
    u = square - u;
    const double *c = t->piece + 4 * place;
    return exp(((c[3] * u + c[2]) * u + c[1]) * u + c[0]);
}
