#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names and labels come from files: a control byte in a message could drive the terminal. */
static void escape_control(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = '?';
}

int nvc_fail(struct nvc_error *err, enum nvc_status status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    escape_control(err->text);
    err->status = status;
    return (int)status;
}

int nvc_fail_in(struct nvc_error *err, const char *fmt, ...)
{
    char was[sizeof err->text];
    va_list ap;
    memcpy(was, err->text, sizeof was);
    va_start(ap, fmt);
    int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof err->text)
        (void)!snprintf(err->text + n, sizeof err->text - (size_t)n, ": %s", was);
    escape_control(err->text);
    return (int)err->status;
}
