/* What nvc_cohort_combat harmonises, and what a permutation of it must harmonise again. */
#ifndef NVC_MODEL_COMBAT_SAMPLE_H
#define NVC_MODEL_COMBAT_SAMPLE_H

#include "model/group/cohort.h"
#include "model/group/combat.h"
#include "model/group/group.h"
#include "model/group/terms.h"

struct nvc_combat_sample { /* zero it before use */
    struct nvc_matrix M;   /* constant, group, covariates: who takes part */
    double *y;             /* M.n x J */
    size_t *batch, batches;
    size_t *key, J;        /* keys of the cohort */
    size_t reference;      /* batch, or SIZE_MAX */
};
/* o->reference is a level of the site.  NVC_EDATA, NVC_ESYS. */
int nvc_combat_sample_init(struct nvc_combat_sample *s, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                           const struct nvc_variable *site, const struct nvc_variable *covariates, size_t n_covariates,
                           const struct nvc_combat_options *o, struct nvc_error *err) NVC_CHECKED;
void nvc_combat_sample_release(struct nvc_combat_sample *s);
/* Harmonise y (M.n x J) in place. */
int nvc_combat_sample_adjust(const struct nvc_combat_sample *s, double *y, const struct nvc_combat_options *o,
                             struct nvc_error *err) NVC_CHECKED;

#endif
