#include "math/tail.h"

#include "base/memory.h"
#include "math/dist.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

enum { NODES = 40 * NVC_TAIL_PER_UNIT + 1 }; /* up to a root of 40 */

static double exact(const struct nvc_tail *t, double root)
{
    return t->dof1 == 1 ? nvc_t_two_sided(root, t->dof2) : nvc_f_sf(root * root, t->dof1, t->dof2);
}

/* Density of the root. */
static double density(const struct nvc_tail *t, double root)
{
    if (t->dof1 == 1)
        return 2 * gsl_ran_tdist_pdf(root, t->dof2);
    return root > 0 ? 2 * root * gsl_ran_fdist_pdf(root * root, t->dof1, t->dof2) : 0;
}

int nvc_tail_init(struct nvc_tail *t, double dof1, double dof2, struct nvc_error *err)
{
    *t = (struct nvc_tail){ .dof1 = dof1, .dof2 = dof2 };
    if (!(t->log_p = nvc_array(2 * NODES, sizeof *t->log_p, err)))
        return NVC_ESYS;
    t->slope = t->log_p + NODES;
    for (; t->n < NODES; t->n++) {
        double root = (double)t->n / NVC_TAIL_PER_UNIT, p = exact(t, root);
        if (!(p > 1e-280)) /* a logarithm from here on would be of a number with few digits */
            break;
        t->log_p[t->n] = log(p);
        t->slope[t->n] = -density(t, root) / p / NVC_TAIL_PER_UNIT;
    }
    return 0;
}

void nvc_tail_release(struct nvc_tail *t)
{
    free(t->log_p);
    *t = (struct nvc_tail){ 0 };
}

double nvc_tail_log_exact(const struct nvc_tail *t, double root)
{
    return log(exact(t, root));
}

double nvc_tail_p(const struct nvc_tail *t, double root)
{
    return t->n ? exp(nvc_tail_log(t, root)) : exact(t, root);
}
