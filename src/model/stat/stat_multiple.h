/* Many tests: adjusted p values over one family.  NaN entries are not part of the family and stay NaN. */
#ifndef NVC_MODEL_STAT_MULTIPLE_H
#define NVC_MODEL_STAT_MULTIPLE_H

#include "base/status.h"

#include <stddef.h>

enum nvc_adjust {
    NVC_ADJUST_BH,  /* Benjamini & Hochberg 1995: false discovery rate, independent or positively dependent */
    NVC_ADJUST_BY,  /* Benjamini & Yekutieli 2001: false discovery rate, any dependence */
    NVC_ADJUST_HOLM /* Holm 1979: family-wise error */
};
/* adjusted[n]; *m (may be NULL) is the number of tests in the family. */
int nvc_adjust(enum nvc_adjust how, const double *p, size_t n, double *adjusted, size_t *m,
               struct nvc_error *err) NVC_CHECKED;

#endif
