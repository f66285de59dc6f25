/* Shared by the files of shape.h only. */
#ifndef NVC_MODEL_SHAPE_INTERNAL_H
#define NVC_MODEL_SHAPE_INTERNAL_H

#include "model/shape.h"

enum { NVC_SHAPE_TTP = 33, NVC_SHAPE_FWHM = 41, NVC_SHAPE_TENTS = 12 };

struct nvc_shape {
    size_t n, n_nuisance;
    double event_duration_s, ar;
    double *nuisance;      /* whitened, orthonormal, n x n_nuisance */
    double *lobe;          /* n x (TTP x FWHM): whitened, nuisance taken out; zero where the family has no member */
    double *under;         /* n x TTP */
    double *lobe2, *cross, *under2; /* their products */
    double *peak;          /* TTP x FWHM: of the response to one declared event, A = 1 */
    double *tent;          /* n x TENTS, orthonormal beside the nuisance */
    size_t n_tents;
};

double nvc_shape_ttp(size_t i);
double nvc_shape_fwhm(size_t j);
/* Whiten, and take the nuisance out of one series. */
void nvc_shape_clean(const struct nvc_shape *s, const double *y, double *out);

#endif
