/* A ratio of two estimates. */
#ifndef NVC_MATH_RATIO_H
#define NVC_MATH_RATIO_H

/* value = a / b, se by the delta method, interval by Fieller (1954) with the critical value t; the interval is NaN where it is not
 * finite, that is where b is not t errors away from 0. */
struct nvc_ratio { double value, se, ci_low, ci_high; };
struct nvc_ratio nvc_fieller(double a, double var_a, double b, double var_b, double cov, double t);

#endif
