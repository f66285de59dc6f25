/* Freedman-Lane permutations of values that ComBat harmonises: the residuals of the values as measured on
 * covariates and site are permuted, and what they give is harmonised again, since ComBat estimates from the
 * same data what it adjusts away. */
#ifndef NVC_MODEL_COMBAT_PERMUTE_H
#define NVC_MODEL_COMBAT_PERMUTE_H

#include "model/group/combat_sample.h"
#include "model/group/permute.h"

struct nvc_combat_permute { /* zero it before use */
    struct nvc_combat_sample s;
    const struct nvc_combat_options *options;
    const struct nvc_permute_outcome *outcomes; /* one per key */
    size_t n_keys, n;                           /* n: participants */
    double *fitted, *residual;                  /* n x n_keys, on the nuisance columns; NaN: not in the model */
    size_t *place, *feature;                    /* participant -> row of s, key -> feature; SIZE_MAX: none */
    double **room;                              /* of each thread, M.n x J and n */
    int threads;
};
/* From the models of the outcomes and o->combat.  NVC_EDATA, NVC_ESYS. */
int nvc_combat_permute_init(struct nvc_combat_permute *p, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                            const struct nvc_group_options *o, const struct nvc_permute_outcome *outcomes,
                            struct nvc_error *err) NVC_CHECKED;
void nvc_combat_permute_release(struct nvc_combat_permute *p);
/* As struct nvc_permute_remake wants it. */
bool nvc_combat_permute_make(void *with, int thread, const size_t *from, const size_t *to, size_t participants,
                             double *const *y);

#endif
