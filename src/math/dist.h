/* Probability distributions: a thin, typed face over GSL where GSL is good to the last digits, own code
 * where it is not (its t beyond 30 degrees of freedom is a Cornish-Fisher expansion; it has no
 * noncentral t).  Relative error below 1e-12 for cdf and sf, also far in the tails, below 1e-10 absolute
 * for the noncentral t.  A NaN argument, or one outside the domain, gives NaN.  Degrees of freedom are
 * real and positive; INFINITY is the limit law.  `sf` is P(X > x): never write 1 - cdf.
 *
 * Sources: incomplete beta by the continued fraction of DiDonato & Morris (1992, ACM TOMS 18:360,
 * doi:10.1145/131766.131776) with Loader's saddle-point prefactor (2000); noncentral t by Benton &
 * Krishnamoorthy (2003, CSDA 43:249, doi:10.1016/S0167-9473(02)00283-9). */
#ifndef NVC_MATH_DIST_H
#define NVC_MATH_DIST_H

double nvc_normal_cdf(double x);
double nvc_normal_sf(double x);
double nvc_normal_quantile(double p); /* x with P(X <= x) = p; -+inf at 0 and 1 */

double nvc_t_cdf(double t, double dof);
double nvc_t_sf(double t, double dof);
double nvc_t_two_sided(double t, double dof); /* P(|T| > |t|) */
double nvc_t_quantile(double p, double dof);
/* The half-width factor of a two-sided interval: t with P(|T| <= t) = level, level in (0, 1). */
double nvc_t_critical(double level, double dof);
/* z with the same two-sided p and the sign of t, finite also where p itself underflows. */
double nvc_t_to_z(double t, double dof);

double nvc_f_cdf(double f, double dof1, double dof2);
double nvc_f_sf(double f, double dof1, double dof2);
double nvc_f_quantile(double p, double dof1, double dof2);

double nvc_chi2_cdf(double x, double dof);
double nvc_chi2_sf(double x, double dof);
double nvc_chi2_quantile(double p, double dof);

/* Noncentral t: (Z + ncp) / sqrt(chi2_dof / dof).  |ncp| up to 1000. */
double nvc_nct_cdf(double t, double dof, double ncp);
double nvc_nct_sf(double t, double dof, double ncp);
double nvc_nct_quantile(double p, double dof, double ncp);
/* The ncp at which P(T <= t) = p: the limits of an effect size interval. */
double nvc_nct_ncp(double t, double dof, double p);

/* Regularised incomplete beta I_x(a, b) and its complement, a, b > 0, 0 <= x <= 1.  y = 1 - x is given
 * beside x so that neither end loses digits. */
double nvc_beta_lower(double x, double y, double a, double b);
double nvc_beta_upper(double x, double y, double a, double b);
double nvc_log_choose(double n, double k); /* ln of the binomial coefficient */

#endif
