/* One participant against the controls: how far out is this value?
 *
 * The value is compared with what the controls predict (their mean, or a regression on covariates), on the
 * t law that knows how few they are (Crawford & Howell 1998, doi:10.1076/clin.12.4.482.7241; with covariates
 * Crawford & Garthwaite 2006, doi:10.1080/02643290500202623).  Controls are compared with the others: each is
 * left out of its own norm. */
#ifndef NVC_MODEL_NORMATIVE_H
#define NVC_MODEL_NORMATIVE_H

#include "base/status.h"
#include "model/group/cohort.h"
#include "model/group/group.h"

struct nvc_normative_row {
    struct nvc_key key;
    const char *id, *group;
    double value, expected, sd; /* sd: of the controls around the expected value */
    size_t n_norm;              /* controls behind the norm */
    double z, z_low, z_high;    /* (value - expected) / sd; 95 % interval by the noncentral t */
    double t, dof, p;           /* two-sided */
    double percentile;          /* share of controls expected below, in percent */
};

struct nvc_normative { /* zero it before use */
    struct nvc_normative_row *rows;
    size_t n, cap;
};
/* One row per key that is no quality and participant of either group with a value (`only`: that participant
 * alone, NULL: all).  Keys with fewer than three controls beside the columns are left out. */
int nvc_normative_compute(struct nvc_normative *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                          const struct nvc_variable *covariates, size_t n_covariates, const char *only,
                          struct nvc_error *err) NVC_CHECKED;
void nvc_normative_release(struct nvc_normative *t);

#endif
