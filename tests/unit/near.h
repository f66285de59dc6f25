/* |got - want| <= tolerance in double (cmocka's assert_float_equal is single precision). */
#ifndef NVC_TESTS_NEAR_H
#define NVC_TESTS_NEAR_H

#include <math.h>

#define assert_near(got, want, tolerance)                                                                        \
    do {                                                                                                         \
        double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                           \
        if (!(fabs(got_ - want_) <= tolerance_))                                                                 \
            print_error("%s is %.17g, not %.17g within %.3g\n", #got, got_, want_, tolerance_);                  \
        assert_true(fabs(got_ - want_) <= tolerance_);                                                           \
    } while (0)

#endif
