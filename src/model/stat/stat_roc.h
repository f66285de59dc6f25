/* How well an index tells cases from controls: area under the curve, its interval, the curve itself.
 * Samples are sorted; a is the case, b the control sample. */
#ifndef NVC_MODEL_STAT_ROC_H
#define NVC_MODEL_STAT_ROC_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_auc_ci {
    NVC_AUC_LOGIT,  /* on the logit of the area, DeLong variance; Newcombe's method 5 at area 0 or 1 */
    NVC_AUC_NORMAL, /* area +- z se, cut to [0, 1]: parity with pROC; covers 74-91 % of small samples */
    NVC_AUC_NEWCOMBE
};

struct nvc_auc {
    bool cases_higher; /* the orientation: what counts as a positive test */
    double auc, variance, ci_low, ci_high;
    /* Youden's cut-off: in-sample, hence optimistic. */
    double threshold, sensitivity, specificity;
};
/* The orientation is given, never chosen from the data.  Variance: DeLong, DeLong & Clarke-Pearson 1988
 * (doi:10.2307/2531595) by midranks (Sun & Xu 2014, doi:10.1109/LSP.2014.2337313); Newcombe 2006, method 5
 * (doi:10.1002/sim.2324).  NaN when a sample is empty; variance NaN below two values. */
int nvc_auc(const double *a, size_t n1, const double *b, size_t n0, bool cases_higher, enum nvc_auc_ci how,
            double level, struct nvc_auc *out, struct nvc_error *err) NVC_CHECKED;

/* Corners of the ROC curve from (0, 0) to (1, 1): 1 - specificity in x, sensitivity in y, room for
 * n1 + n0 + 1 of each; returns how many. */
size_t nvc_roc_curve(const double *a, size_t n1, const double *b, size_t n0, bool cases_higher, double *x, double *y);

#endif
