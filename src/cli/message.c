#include "cli/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *program = "nvctools";
static bool quiet;
static bool line_on_screen; /* a progress line stands where the next message would begin */

void nvc_message_start(const char *name, bool be_quiet)
{
    program = name;
    quiet = be_quiet;
}

static void say(const char *kind, const char *text)
{
    (void)fprintf(stderr, "%s%s: %s%s\n", line_on_screen ? "\r\033[K" : "", program, kind, text);
    line_on_screen = false;
}

static void vsay(const char *kind, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

static void vsay(const char *kind, const char *fmt, va_list ap)
{
    struct nvc_error line;
    char text[sizeof line.text];
    if (quiet)
        return;
    (void)vsnprintf(text, sizeof text, fmt, ap);
    (void)nvc_fail(&line, NVC_OK, "%s", text); /* takes out the control bytes of names from files */
    say(kind, line.text);
}

void nvc_warn(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsay("warning: ", fmt, ap);
    va_end(ap);
}

void nvc_warn_lines(const char *lines)
{
    for (const char *at = lines; at && *at;) {
        const size_t n = strcspn(at, "\n");
        nvc_warn("%.*s", (int)n, at);
        at += n + (at[n] == '\n');
    }
}

void nvc_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsay("", fmt, ap);
    va_end(ap);
}

void nvc_complain(const struct nvc_error *err)
{
    if (*err->text)
        say("", err->text);
}

static double now_s(void)
{
    struct timespec t = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool can_redraw(void)
{
    const char *term = getenv("TERM");
    return !quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

void nvc_progress_start(struct nvc_progress *p, const char *unit, size_t total)
{
    double now = now_s();
    *p = (struct nvc_progress){ .unit = unit, .total = total, .started_s = now, .shown_s = now + 1.8,
                                .visible = can_redraw() };
}

void nvc_progress_step(struct nvc_progress *p, size_t done)
{
    p->done = done;
    if (!p->visible)
        return;
    double now = now_s(), rate = (double)done / (now - p->started_s);
    if (now - p->shown_s < 0.2)
        return;
    p->shown_s = now;
    (void)fprintf(stderr, "\r\033[K%s: %zu ", program, done);
    if (p->total)
        (void)fprintf(stderr, "of %zu ", p->total);
    (void)fprintf(stderr, "%s, %.3g %s/s", p->unit, rate, p->unit);
    if (p->total && done && done <= p->total) {
        unsigned long left = (unsigned long)((double)(p->total - done) / rate + 0.5);
        (void)fprintf(stderr, ", %lu:%02lu left", left / 60, left % 60);
    }
    line_on_screen = true;
}

void nvc_progress_end(struct nvc_progress *p)
{
    if (p->visible && line_on_screen)
        (void)fputs("\r\033[K", stderr);
    p->visible = line_on_screen = false;
}
