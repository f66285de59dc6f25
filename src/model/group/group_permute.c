/* The permutation columns of the group table. */
#include "model/group/group_internal.h"

#include "base/memory.h"
#include "model/group/combat_permute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int nvc_group_outcome(const struct nvc_group_row *row, const struct nvc_cohort *c, size_t k, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_matrix *M, double *y, struct nvc_permute_outcome *u, struct nvc_error *err)
{
    *u = (struct nvc_permute_outcome){ .n = 0 };
    if (row->few || row->rank_deficient)
        return 0;
    int status = nvc_group_model(c, k, c->value + c->n * k, g, o->covariates, o->n_covariates, M, y, err);
    if (status)
        return status == NVC_EDATA ? 0 : status;
    *u = (struct nvc_permute_outcome){
        M->n, M->m, M->row, M->X, y, 1, row->role == NVC_ROW_FAMILY || row->role == NVC_ROW_PRIMARY, false
    };
    return 0;
}

int nvc_group_permute(struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_error *err)
{
    struct nvc_matrix *M = nvc_array(t->n, sizeof *M, err);
    struct nvc_permute_outcome *u = nvc_array(t->n, sizeof *u, err);
    struct nvc_permute_result *r = nvc_array(t->n, sizeof *r, err);
    double *y = nvc_array(t->n * c->n, sizeof *y, err);
    struct nvc_permute_options p = { .replicates = o->replicates,
                                     .seed = o->seed,
                                     .pooled = o->pooled,
                                     .block = o->block ? o->block->value : NULL,
                                     .enumerate = o->enumerate,
                                     .threads = o->threads };
    struct nvc_combat_permute combat = { 0 };
    const struct nvc_permute_remake remake = { &combat, nvc_combat_permute_make };
    int status = M && u && r && y ? 0 : NVC_ESYS;
    for (size_t k = 0; k < t->n && !status; k++)
        status = nvc_group_outcome(&t->rows[k], c, k, g, o, &M[k], y + k * c->n, &u[k], err);
    if (!status && o->combat) {
        status = nvc_combat_permute_init(&combat, c, g, o, u, err);
        p.remake = &remake, p.enumerate = 0;
    }
    if (!status)
        status = nvc_permute(u, t->n, c->n, &p, r, NULL, err);
    nvc_combat_permute_release(&combat);
    for (size_t k = 0; k < t->n && !status; k++)
        t->rows[k].permuted = r[k];
    for (size_t k = 0; M && k < t->n; k++)
        nvc_matrix_release(&M[k]);
    free(M);
    free(u);
    free(r);
    free(y);
    return status;
}
