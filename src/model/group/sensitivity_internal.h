/* The analyses of sensitivity.h, each of which appends its rows. */
#ifndef NVC_MODEL_SENSITIVITY_INTERNAL_H
#define NVC_MODEL_SENSITIVITY_INTERNAL_H

#include "model/group/sensitivity.h"

struct nvc_sensitivity_work { /* of one key */
    struct nvc_sensitivity *out;
    const struct nvc_cohort *c;
    const struct nvc_contrast_groups *g;
    const struct nvc_sensitivity_options *o;
    size_t k;
    double *room; /* 8 n */
    size_t *rows; /* 2 n */
};

struct nvc_sensitivity_row *nvc_sensitivity_add(struct nvc_sensitivity_work *w, const char *analysis,
                                                const char *detail, const char *scale,
                                                struct nvc_error *err) NVC_CHECKED;
void nvc_sensitivity_fill(struct nvc_sensitivity_row *r, const struct nvc_estimate *e);
/* The group coefficient of key k with further covariates, and that of the last column (may be NULL); counts
 * rows by group.  NVC_EDATA: cannot be fitted. */
int nvc_sensitivity_fit(struct nvc_sensitivity_work *w, const struct nvc_variable *covariates, size_t n,
                        struct nvc_estimate *e, struct nvc_estimate *last, size_t *n_case, size_t *n_control,
                        struct nvc_error *err) NVC_CHECKED;
int nvc_sensitivity_balance(struct nvc_sensitivity_work *w, struct nvc_error *err) NVC_CHECKED;
int nvc_sensitivity_sites(struct nvc_sensitivity_work *w, struct nvc_error *err) NVC_CHECKED;
int nvc_sensitivity_dose(struct nvc_sensitivity_work *w, struct nvc_error *err) NVC_CHECKED;

#endif
