/* Haemodynamic response functions: the basis on the microtime grid, or the response at any time.
 *
 * Two ways lead from an event to a regressor.  The microtime way (SPM, FIR, gamma, Glover, nilearn, a
 * kernel) convolves a stimulus function with a sampled basis; the continuous way (AFNI's models, tents)
 * sums the response over events at the frame times themselves, as 3dDeconvolve does.
 *
 * Sources: SPM12 spm_hrf.m, spm_get_bf.m (Friston 1998, 10.1006/nimg.1997.0306); Glover 1999
 * (10.1006/nimg.1998.0419); Cohen 1997 (gam, 10.1006/nimg.1997.0278); AFNI 3dDeconvolve.c; nilearn hemodynamic_models. */
#ifndef NVC_MODEL_HRF_H
#define NVC_MODEL_HRF_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_hrf_kind {
    NVC_HRF_SPM,     /* canonical, optionally + time and dispersion derivative, serially orthogonalised */
    NVC_HRF_GLOVER,  /* Glover 1999, auditory, optionally + derivatives */
    NVC_HRF_NILEARN, /* nilearn's 'spm' and 'glover', and its own way to the regressor: for parity only */
    NVC_HRF_NILEARN_GLOVER,
    NVC_HRF_GAMMA,   /* SPM's set of gamma functions, mean = variance = 4, 8, 16 ... s */
    NVC_HRF_FIR,     /* boxes of step_s up to length_s */
    NVC_HRF_KERNEL,  /* samples from a file */
    NVC_HRF_TENT,    /* continuous from here on: piecewise linear, knots every step_s up to length_s */
    NVC_HRF_GAM,     /* AFNI GAM(p,q[,d]) */
    NVC_HRF_BLOCK,   /* AFNI BLOCK(d[,p]) = BLOCK4 */
    NVC_HRF_BLOCK5,
    NVC_HRF_SPMG     /* AFNI SPMG1, SPMG2, SPMG3 (n_functions 1..3), [d] */
};

struct nvc_hrf {
    enum nvc_hrf_kind kind;
    int n_functions;   /* SPM, GLOVER, SPMG: 1..3; GAMMA: order; others set by the basis */
    double length_s;   /* FIR, TENT: end of the window; others: SPM's 32 s */
    double step_s;     /* FIR, TENT: NaN means the TR */
    double a, b, d;    /* GAM: p, q, duration; BLOCK: duration d, peak a (0: unscaled); SPMG: duration d; NaN: absent */
    const double *kernel; /* KERNEL: n_kernel x n_functions samples, borrowed, from time 0 */
    size_t n_kernel;
    double kernel_dt_s;
};

/* Read a text such as "spm", "spm+derivative+dispersion", "glover", "nilearn", "gamma:3", "fir:24,2"
 * (length, step in s; step absent: TR), "tent:24,2", "gam", "gam:8.6,0.547", "block:4,1", "spmg3".
 * AFNI's spelling BLOCK(4,1) is understood, too.  NVC_EUSAGE names what is accepted. */
int nvc_hrf_parse(struct nvc_hrf *hrf, const char *text, struct nvc_error *err) NVC_CHECKED;
/* The grammar in one line, for help and messages. */
extern const char nvc_hrf_grammar[];

/* True when regressors come from nvc_hrf_response and not from a sampled basis. */
bool nvc_hrf_is_continuous(const struct nvc_hrf *hrf);

/* Basis functions sampled every dt_s, column-major n x n_functions; release with nvc_basis_release.  For
 * continuous kinds B is NULL, or a table that nvc_hrf_response reads. */
struct nvc_basis {
    size_t n, n_functions;
    double dt_s;
    double step_s;     /* FIR, TENT: width of a box, distance of the knots */
    double *B;
    char (*names)[32]; /* "hrf", "derivative", "dispersion", "delay_4" (s), "gamma_1", "tent_4" (s) */
};
/* tr_s is the step of FIR and TENT where step_s is NaN.  NVC_EUSAGE when a window holds no step. */
int nvc_basis_init(struct nvc_basis *basis, const struct nvc_hrf *hrf, double dt_s, double tr_s,
                   struct nvc_error *err) NVC_CHECKED;
void nvc_basis_release(struct nvc_basis *basis);

/* Response of function j of a continuous kind, t_s after the onset of an event (0 before it). */
double nvc_hrf_response(const struct nvc_hrf *hrf, const struct nvc_basis *basis, size_t j, double t_s);
/* Seconds after which the response of a continuous kind is 0. */
double nvc_hrf_length(const struct nvc_hrf *hrf, const struct nvc_basis *basis);

/* SPM's canonical HRF with parameters p[7] = {6, 16, 1, 1, 6, 0, 32}, n = floor(p[6]/dt_s) + 1 samples of
 * unit sum.  p may be NULL: the default. */
size_t nvc_hrf_spm_length(double dt_s, const double p[7]);
void nvc_hrf_spm(double *h, double dt_s, const double p[7]);

#endif
