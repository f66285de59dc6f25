/* The same comparison done otherwise: what an effect owes to the choices made.  Long table, one row per key
 * and analysis; none of these rows is another test of the family.
 *
 *   welch, ancova, ancova_hc3   as in the group table
 *   yuen                        20 % trimmed means (Yuen 1974, doi:10.1093/biomet/61.1.165)
 *   fd_adjusted, tsnr_adjusted  mean framewise displacement, tSNR as a further covariate.  Both come after
 *                               exposure: read them beside the unadjusted row, never alone
 *   matched                     pairs within 0.2 sd of the logit of P(case | motion, tSNR, covariates)
 *   overlap_weighted            weights 1 - e for cases, e for controls (Li, Morgan & Zaslavsky 2018,
 *                               doi:10.1080/01621459.2016.1260466), HC3 error; e by Firth's logistic model
 *   smd_before, smd_matched,    standardised differences of the groups in each variable of e: as they are, after
 *   smd_weighted                matching, with the weights (a factor: its most unlike level)
 *   precision                   values weighted by 1 / (tau2 of the group + se^2), Knapp-Hartung error
 *   site, sites_pooled,         Hedges g per site; pooled by restricted maximum likelihood with the
 *   without_site, group_x_site  Knapp-Hartung error, I2 and prediction interval; the group difference without
 *                               each site; F of the interaction
 *   at_mean_dose, at_dose_0,    group difference with the dose of the cases centred, uncentred, and the slope
 *   dose_slope                  within cases (controls have no dose)
 *   no_exclusions               Welch without the rules of exclusion
 *   qc_fd_case, qc_fd_control   correlation of the index with motion within the group */
#ifndef NVC_MODEL_SENSITIVITY_H
#define NVC_MODEL_SENSITIVITY_H

#include "base/status.h"
#include "model/group/cohort.h"
#include "model/group/group.h"

struct nvc_sensitivity_row {
    struct nvc_key key;
    const char *analysis, *detail; /* detail: the site; borrowed from the participants */
    const char *scale;             /* "unit" of the index, "g", "r", "F", "sd" */
    size_t n_case, n_control;
    double estimate, se, ci_low, ci_high, stat, dof, p;
    double i2, tau2, prediction_low, prediction_high;
};

struct nvc_sensitivity_options {
    const struct nvc_group_options *group;
    const struct nvc_variable *site, *dose; /* of the participants, or NULL */
    const struct nvc_cohort *all;           /* without exclusions, or NULL */
};

struct nvc_sensitivity { /* zero it before use */
    struct nvc_sensitivity_row *rows;
    size_t n, cap;
};
/* For the rows of the family and the primary one. */
int nvc_sensitivity_compute(struct nvc_sensitivity *s, const struct nvc_group_table *t, const struct nvc_cohort *c,
                            const struct nvc_contrast_groups *g, const struct nvc_sensitivity_options *o,
                            struct nvc_error *err) NVC_CHECKED;
void nvc_sensitivity_release(struct nvc_sensitivity *s);

#endif
