/* Who the groups are: one row per number, one per level of each factor. */
#ifndef NVC_MODEL_DEMOGRAPHICS_H
#define NVC_MODEL_DEMOGRAPHICS_H

#include "base/status.h"
#include "model/group/cohort.h"
#include "model/group/group.h"
#include "model/stat/stat_sample.h"

#include <stddef.h>

struct nvc_demographic_row {
    const char *variable, *level; /* level NULL: a number */
    size_t n_case, n_control, n_missing;
    struct nvc_sample cases, controls; /* of a number */
    double count_case, count_control;  /* of a level; NaN for a number */
    const char *test;                  /* "welch", "fisher", "freeman-halton", "chi2"; NULL on further levels */
    double stat, dof, p;               /* stat, dof NaN for exact tests */
    double p_variance;                 /* Brown-Forsythe, of a number */
    double smd;                        /* difference over sqrt of the mean variance (Austin 2009); of the first row */
};

struct nvc_demographics { /* zero it before use */
    struct nvc_demographic_row *rows;
    size_t n, cap;
};
/* All variables of the participants but the grouping one and identifiers: factors with a level for more than
 * half of the participants.  Numbers: Welch and Brown-Forsythe; factors: Fisher (2 x 2), Freeman-Halton where
 * an expected count is below 5 and the tables can be counted, else chi-square. */
int nvc_demographics_compute(struct nvc_demographics *d, const struct nvc_participants *p,
                             const struct nvc_contrast_groups *g, struct nvc_error *err) NVC_CHECKED;
void nvc_demographics_release(struct nvc_demographics *d);

#endif
