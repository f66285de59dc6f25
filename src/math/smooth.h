/* Gaussian smoothing of a volume. */
#ifndef NVC_MATH_SMOOTH_H
#define NVC_MATH_SMOOTH_H

#include "base/status.h"

#include <stddef.h>

/* v[dim0 x dim1 x dim2], x fastest, is smoothed in place along every axis; sigma in voxels, cut at four of them; an axis of sigma 0
 * is left alone.  What lies beyond the volume counts as 0, as does what is not finite. */
int nvc_gauss_smooth(double *v, const size_t dim[3], const double sigma[3], struct nvc_error *err) NVC_CHECKED;

#endif
