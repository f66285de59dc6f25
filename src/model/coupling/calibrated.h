/* Calibrated fMRI: the Davis model, dS/S0 = M (1 - f^(alpha - beta) m^beta).
 * Davis et al. 1998, doi 10.1073/pnas.95.4.1834; Hoge et al. 1999, doi 10.1002/(SICI)1522-2594(199911)42:5<849::AID-MRM4>3.0.CO;2-Z.
 * f: flow and m: CMRO2 relative to rest; M: the largest possible change, a fraction.
 *
 * What it cannot tell: n is a ratio with a noisy denominator and heavy tails; theta = 1/n = (m - 1)/(f - 1) behaves better. */
#ifndef NVC_MODEL_CALIBRATED_H
#define NVC_MODEL_CALIBRATED_H

#include <stddef.h>
#include <stdint.h>

struct nvc_davis { double alpha, beta; };
/* Classic (.38, 1.5); 3 T (.20, 1.3), the default; Griffeth & Buxton 2011 (.14, .91). */
extern const struct nvc_davis nvc_davis_classic, nvc_davis_3t, nvc_davis_griffeth;

double nvc_davis_signal(const struct nvc_davis *d, double M, double f, double m); /* dS/S0 */
double nvc_davis_calibrate(const struct nvc_davis *d, double ds, double f);       /* M from isometabolic hypercapnia; NaN: f <= 0 or = 1 */
double nvc_davis_cmro2(const struct nvc_davis *d, double M, double ds, double f); /* m; NaN where ds >= M */

struct nvc_measured { double value, se; };
struct nvc_quantiles { double median, low, high; }; /* 2.5 and 97.5 % */
struct nvc_davis_result {
    double M, m, n, theta;             /* at the estimates; NaN where undefined */
    struct nvc_quantiles M_ci, m_ci, n_ci, theta_ci; /* over draws in which the quantity exists */
    double invalid;                    /* share of draws without a CMRO2 */
};
/* Normal draws of the four measurements (hypercapnia dS and f, task dS and f); independent.  work: 4 draws doubles. */
struct nvc_davis_result nvc_davis_couple(const struct nvc_davis *d, struct nvc_measured ds_co2, struct nvc_measured f_co2,
                                         struct nvc_measured ds_task, struct nvc_measured f_task, size_t draws, uint64_t seed,
                                         double *work);

#endif
