#include "base/number.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t digits(const char *s, size_t n)
{
    size_t k = 0;
    while (k < n && s[k] >= '0' && s[k] <= '9')
        k++;
    return k;
}

static bool is_decimal(const char *s, size_t n)
{
    size_t at = n && (*s == '-' || *s == '+'), whole, part = 0;
    at += whole = digits(s + at, n - at);
    if (at < n && s[at] == '.') {
        at++;
        at += part = digits(s + at, n - at);
    }
    if (!whole && !part)
        return false;
    if (at < n && (s[at] == 'e' || s[at] == 'E')) {
        at++;
        at += at < n && (s[at] == '-' || s[at] == '+');
        size_t power = digits(s + at, n - at);
        if (!power)
            return false;
        at += power;
    }
    return at == n;
}

#if LDBL_MANT_DIG == 64
/* Up to 19 digits and powers of ten up to 27 are exact in 80-bit arithmetic, so that one rounding gives 64
 * bits; rounding those again to 53 can only go wrong next to the middle between two doubles, where strtod has
 * to decide.  Most numbers of a table end here, at a tenth of the time. */
static bool parse_short(const char *s, size_t n, double *value)
{
    static const long double tens[] = { 1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L, 1e8L, 1e9L, 1e10L, 1e11L, 1e12L, 1e13L,
                                        1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L,
                                        1e26L, 1e27L };
    size_t at = *s == '-' || *s == '+', significant = 0;
    uint64_t m = 0;
    int power = 0, exponent = 0;
    bool point = false;
    for (; at < n && s[at] != 'e' && s[at] != 'E'; at++) {
        if (s[at] == '.') {
            point = true;
            continue;
        }
        significant += m || s[at] != '0';
        m = 10 * m + (uint64_t)(s[at] - '0');
        power -= point;
        if (significant > 19 || power < -1000)
            return false;
    }
    if (at < n) {
        bool minus = s[++at] == '-';
        for (at += s[at] == '-' || s[at] == '+'; at < n && exponent < 1000; at++)
            exponent = 10 * exponent + (s[at] - '0');
        power += minus ? -exponent : exponent;
    }
    if (m && (power < -27 || power > 27))
        return false;
    long double x = power < 0 ? (long double)m / tens[m ? -power : 0] : (long double)m * tens[m ? power : 0];
    uint64_t bits = 0;
    memcpy(&bits, &x, sizeof bits); /* the 64-bit significand comes first */
    uint64_t low = bits & 0x7ff;
    if (low >= 0x3ff && low <= 0x401)
        return false;
    *value = (double)(*s == '-' ? -x : x);
    return true;
}
#else
static bool parse_short(const char *s, size_t n, double *value)
{
    (void)s, (void)n, (void)value;
    return false;
}
#endif

bool nvc_parse_real(const char *text, size_t len, double *value)
{
    char buf[512];
    if (len >= sizeof buf || !is_decimal(text, len))
        return false;
    if (parse_short(text, len, value))
        return true;
    memcpy(buf, text, len);
    buf[len] = '\0';
    double v = strtod(buf, NULL); /* the C locale: nobody here calls setlocale */
    if (!isfinite(v))
        return false;
    *value = v;
    return true;
}

bool nvc_parse_integer(const char *text, size_t len, long *value)
{
    char buf[32];
    size_t sign = len && (*text == '-' || *text == '+');
    if (len >= sizeof buf || len == sign || digits(text + sign, len - sign) != len - sign)
        return false;
    memcpy(buf, text, len);
    buf[len] = '\0';
    errno = 0;
    long v = strtol(buf, NULL, 10);
    if (errno)
        return false;
    *value = v;
    return true;
}

size_t nvc_format_real(char buf[static NVC_NUMBER_SIZE], double value)
{
    if (!isfinite(value))
        return (size_t)snprintf(buf, NVC_NUMBER_SIZE, "n/a");
    if (value == 0)
        value = 0; /* no "-0" */
    char text[NVC_NUMBER_SIZE];
    int n = 0;
    for (int precision = 15; precision <= 17; precision++) {
        n = snprintf(text, sizeof text, "%.*g", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    memcpy(buf, text, (size_t)n + 1);
    return (size_t)n;
}
