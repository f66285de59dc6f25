#include "base/number.h"

#include <errno.h>
#include <math.h>
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

bool nvc_parse_real(const char *text, size_t len, double *value)
{
    char buf[512];
    if (len >= sizeof buf || !is_decimal(text, len))
        return false;
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
    int n = 0;
    for (int precision = 15; precision <= 17; precision++) {
        n = snprintf(buf, NVC_NUMBER_SIZE, "%.*g", precision, value);
        if (strtod(buf, NULL) == value)
            break;
    }
    return (size_t)n;
}
