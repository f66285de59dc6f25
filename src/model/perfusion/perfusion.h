/* Cerebral blood flow from arterial spin labelling, in mL/100 g/min.
 *
 * Single delay: the consensus formula, Alsop et al. 2015, doi 10.1002/mrm.25197:
 *   (P)CASL  6000 lambda exp(PLD / T1b) dM / (2 alpha T1b (1 - exp(-tau / T1b)) M0)
 *   PASL     6000 lambda exp(TI / T1b) dM / (2 alpha TI1 M0), QUIPSS II
 * Many delays: least squares of the general kinetic model in flow and arrival time (Buxton et al. 1998, doi
 * 10.1002/mrm.1910400308), or the weighted delay (Dai et al. 2012, doi 10.1002/mrm.23103).
 *
 * What it cannot tell: with one delay an arrival later than the delay reads as less flow (true 60 reads 40 at an arrival of
 * 2.2 s and a delay of 1.8 s), so a group difference in arrival is a false difference in flow: compare the spatial coefficient
 * of variation, too. */
#ifndef NVC_MODEL_PERFUSION_H
#define NVC_MODEL_PERFUSION_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_asl_kind { NVC_ASL_PCASL, NVC_ASL_CASL, NVC_ASL_PASL };

struct nvc_asl {
    enum nvc_asl_kind kind;
    double label_s;        /* (P)CASL: labelling duration tau; PASL: bolus duration TI1 */
    double alpha;          /* labelling efficiency, background suppression included */
    double lambda;         /* blood-brain partition coefficient, mL/g */
    double t1_blood_s, t1_tissue_s;
};

/* T1 of blood: 1.35, 1.65, 2.087 s at 1.5, 3, 7 T, (110 B0 + 1316) / 1000 elsewhere; with a haematocrit at 3 T
 * 1 / (.52 Hct + .38) (NaN: none; Hales et al. 2016, doi 10.1177/0271678X15605856). */
double nvc_asl_t1_blood(double tesla, double haematocrit);
/* T1 of grey matter: 1.197, 1.607, 1.939 s at 1.5, 3, 7 T (Wright et al. 2008, doi 10.1007/s10334-008-0104-8); elsewhere that of the
 * nearest of these fields. */
double nvc_asl_t1_tissue(double tesla);
/* .85, .68, .98 for PCASL, CASL, PASL, times .95 per background suppression pulse. */
double nvc_asl_efficiency(enum nvc_asl_kind kind, int pulses);
/* 0.9 mL/g, 3 T, tissue 1.607 s, no background suppression. */
struct nvc_asl nvc_asl_defaults(enum nvc_asl_kind kind, double label_s);
/* Equilibrium of an M0 image whose repetition time is short: M0 / (1 - exp(-TR / T1t)); NaN for TR <= 0. */
double nvc_asl_equilibrium(const struct nvc_asl *a, double m0, double tr_s);

/* dm: control - label, m0: equilibrium, delay_s: PLD or TI of this slice.  NaN for m0 <= 0. */
double nvc_cbf(const struct nvc_asl *a, double dm, double m0, double delay_s);

/* The kinetic model: difference signal as a fraction of the M0 of blood, after PLD delay_s. */
double nvc_asl_signal(const struct nvc_asl *a, double cbf, double arrival_s, double delay_s);

struct nvc_cbf_fit {
    double cbf, cbf_se, arrival_s, arrival_se_s; /* NaN where the data do not say */
    bool at_bound;         /* arrival at the end of its range */
};
/* dm[n] at delays delay_s[n] after labelling for label_s[n] (NULL: a->label_s every time), m0 the equilibrium of tissue.  Fit: least
 * squares, arrival in [0, longest delay + label]. */
struct nvc_cbf_fit nvc_cbf_kinetic(const struct nvc_asl *a, const double *dm, const double *delay_s, const double *label_s, size_t n, double m0);
/* Weighted delay, of one labelling duration: no errors. */
struct nvc_cbf_fit nvc_cbf_weighted_delay(const struct nvc_asl *a, const double *dm, const double *delay_s, size_t n, double m0);

/* Tukey's biweight mean of n differences (c = 4.685 robust sds), in which a spoiled pair does not count; *used: the sum of the
 * weights.  *se as Mosteller & Tukey (1977) have it; with 0.7 (n - 1) degrees of freedom (Gross 1976, doi
 * 10.1080/01621459.1976.10480359) intervals of 6 and more normal, heavy-tailed or spoiled values cover 93 to 96 %.  x is not
 * changed.  work: 2 n. */
double nvc_robust_mean(const double *x, size_t n, double *se, double *used, double *work);

/* Quality index (Dolui et al. 2017, ISMRM 0682): structural correlation rho, dispersion (pooled variance over mean grey flow), share
 * of negative grey voxels. */
double nvc_cbf_qei(double rho, double dispersion, double negative_share);

#endif
