#include "config.h"

#include "cli/cmd.h"

#include "cli/option.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 78 };

/* One character as roff source: what roff would take for its own, or typeset as another sign, is named.
 * Returns the bytes of `s` it stands for. */
static size_t escape(const char *s, char to[static 16])
{
    static const char special[] = "\\-'`^~\"";
    static const char *const named[] = { "\\e", "\\-", "\\(aq", "\\(ga", "\\(ha", "\\(ti", "\\(dq" };
    const unsigned char *u = (const unsigned char *)s;
    const char *at = strchr(special, *s);
    if (*u < 0x80) {
        (void)snprintf(to, 16, "%.*s", at ? 4 : 1, at ? named[at - special] : s);
        return 1;
    }
    size_t more = *u >= 0xf0 ? 3 : *u >= 0xe0 ? 2 : 1;
    unsigned long code = *u & (0x3fu >> more);
    for (size_t i = 1; i <= more && (u[i] & 0xc0) == 0x80; i++)
        code = code << 6 | (u[i] & 0x3fu);
    (void)snprintf(to, 16, "\\[u%04lX]", code);
    return more + 1;
}

static void put(FILE *out, const char *s, size_t n)
{
    char one[16];
    for (size_t i = 0; i < n;) {
        i += escape(s + i, one);
        (void)fputs(one, out);
    }
}

static int width(const char *s, size_t n)
{
    char one[16];
    int w = 0;
    for (size_t i = 0; i < n; w += (int)strlen(one))
        i += escape(s + i, one);
    return w;
}

/* `before`, text, `after`; the text escaped and on the line where it stands. */
static void line(FILE *out, const char *before, const char *text, const char *after)
{
    (void)fputs(before, out);
    put(out, text, strlen(text));
    (void)fputs(after, out);
}

/* A paragraph, wrapped in the source so that a change shows as few lines. */
static void prose(FILE *out, const char *text)
{
    int at = 0;
    while (*(text += strspn(text, " \n"))) {
        size_t n = strcspn(text, " \n");
        int w = width(text, n);
        bool wrap = at && at + 1 + w > WIDTH;
        if (at)
            (void)fputc(wrap ? '\n' : ' ', out);
        at = wrap || !at ? 0 : at + 1;
        if (!at && *text == '.')
            (void)fputs("\\&", out);
        put(out, text, n);
        at += w;
        text += n;
    }
    (void)fputc('\n', out);
}

/* One that begins with a blank is a table: its lines stay as they are. */
static void paragraphs(FILE *out, const char *const *p)
{
    for (size_t i = 0; p && p[i]; i++) {
        (void)fputs(i ? ".PP\n" : "", out);
        if (*p[i] == ' ')
            line(out, ".nf\n", p[i], "\n.fi\n");
        else
            prose(out, p[i]);
    }
}

static void title(FILE *out, const char *macro, const char *text)
{
    (void)fprintf(out, "%s \"", macro);
    line(out, "", text, "\"\n");
}

static void head(const struct nvc_cmd *cmd, FILE *out)
{
    (void)fprintf(out, ".\\\" Written by %s --print=man: change its table, not this file.\n.TH \"", cmd->name);
    for (const char *p = cmd->name; *p; p++) {
        char upper[2] = { (char)toupper((unsigned char)*p), '\0' };
        put(out, upper, 1);
    }
    (void)fprintf(out, "\" 1 %s \"nvctools %s\" \"nvctools manual\"\n.SH NAME\n", NVC_RELEASE_DATE, PACKAGE_VERSION);
    line(out, "", cmd->name, " \\- ");
    line(out, "", cmd->summary, "\n");
}

static void synopsis(const struct nvc_cmd *cmd, FILE *out)
{
    line(out, ".SH SYNOPSIS\n.B ", cmd->name, "\n[\\fIOPTION\\fR].\\|.\\|.\\&\n");
    for (const struct nvc_opt *o = cmd->opts; o && o->type != NVC_OPT_END; o++)
        if (o->flags & NVC_OPT_REQUIRED && !o->exclusive) {
            line(out, "\\fB\\-\\-", o->name, "\\fR=");
            line(out, "\\fI", o->arg, "\\fR\n");
        }
    for (const struct nvc_arg *a = cmd->args; a && a->name; a++) {
        line(out, a->min ? "\\fI" : "[\\fI", a->name, a->min ? "\\fR" : "\\fR]");
        (void)fputs(a->max < 0 || a->max > 1 ? "\\&.\\|.\\|.\\&\n" : "\n", out);
    }
}

static void options(const struct nvc_cmd *cmd, const struct nvc_opt *o, const void *defaults, FILE *out)
{
    for (; o && o->type != NVC_OPT_END; o++) {
        struct nvc_text text = { 0 };
        struct nvc_error err;
        if (o->type == NVC_OPT_GROUP)
            title(out, ".SS", o->name);
        if (o->type == NVC_OPT_GROUP || o->flags & NVC_OPT_HIDDEN)
            continue;
        (void)fputs(".TP\n", out);
        if (o->letter)
            (void)fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
        line(out, "\\fB\\-\\-", o->name, "\\fR");
        if (o->arg)
            line(out, "=\\fI", o->arg, "\\fR");
        (void)fputc('\n', out);
        if (!nvc_text_puts(&text, o->help, &err) && !nvc_opt_remarks(cmd, o, defaults, &text, &err))
            prose(out, text.data);
        nvc_text_release(&text);
    }
}

static void columns(const struct nvc_column *c, FILE *out)
{
    for (; c->name; c++) {
        line(out, ".TP\n\\fB", c->name, "\\fR");
        if (c->unit)
            line(out, " [", c->unit, "]");
        (void)fputc('\n', out);
        prose(out, c->help);
    }
}

void nvc_cmd_columns(const struct nvc_cmd *cmd, FILE *out)
{
    for (const struct nvc_output *t = cmd->outputs; t && t->name; t++) {
        (void)fprintf(out, ".\\\" table %s\n", t->name);
        columns(t->columns, out);
    }
}

static void output(const struct nvc_output *t, FILE *out)
{
    if (t && t->name)
        (void)fputs(".SH OUTPUT\nTables are tab\\-separated with a header line; n/a is the only missing value.\n", out);
    for (; t && t->name; t++) {
        title(out, ".SS", t->name);
        prose(out, t->help);
        columns(t->columns, out);
    }
}

static void exit_status(FILE *out)
{
    (void)fputs(".SH \"EXIT STATUS\"\n", out);
    for (const struct nvc_exit_meaning *m = nvc_exit_meanings; m->meaning; m++) {
        (void)fprintf(out, ".TP\n.B %d\n", m->status);
        prose(out, m->meaning);
    }
}

static void see_also(const char *const *pages, FILE *out)
{
    static const char *const always[] = { "nvc-tables(5)", "nvctools(7)", NULL };
    const char *const *const parts[] = { pages, always };
    const char *separator = "";
    (void)fputs(".SH \"SEE ALSO\"\n", out);
    for (size_t k = 0; k < 2; k++)
        for (const char *const *p = parts[k]; p && *p; p++) {
            size_t n = strcspn(*p, "(");
            if (!k && (!strcmp(*p, always[0]) || !strcmp(*p, always[1])))
                continue;
            (void)fprintf(out, "%s.BR ", separator);
            put(out, *p, n);
            (void)fprintf(out, " %s", *p + n);
            separator = ",\n";
        }
    (void)fputc('\n', out);
}

static void example(const struct nvc_example *e, FILE *out)
{
    struct nvc_text text = { 0 };
    struct nvc_error err;
    prose(out, e->help);
    if (!nvc_example_wrap(e->command, 68, &text, &err))
        line(out, ".PP\n.RS 4\n.nf\n", text.data, "\n.fi\n.RE\n");
    nvc_text_release(&text);
}

void nvc_cmd_man(const struct nvc_cmd *cmd, FILE *out)
{
    head(cmd, out);
    synopsis(cmd, out);
    (void)fputs(".SH DESCRIPTION\n", out);
    paragraphs(out, cmd->description);
    for (const struct nvc_arg *a = cmd->args; a && a->name; a++) {
        line(out, ".TP\n\\fI", a->name, "\\fR\n");
        prose(out, a->help);
    }
    (void)fputs(".SH OPTIONS\n", out);
    options(cmd, cmd->opts, cmd->defaults, out);
    options(cmd, nvc_common_opts, &nvc_common_defaults, out);
    output(cmd->outputs, out);
    for (const struct nvc_section *s = cmd->sections; s && s->title; s++) {
        title(out, ".SH", s->title);
        paragraphs(out, s->paragraphs);
    }
    exit_status(out);
    if (cmd->examples && cmd->examples->command)
        (void)fputs(".SH EXAMPLES\n", out);
    for (const struct nvc_example *e = cmd->examples; e && e->command; e++) {
        (void)fputs(e == cmd->examples ? "" : ".PP\n", out);
        example(e, out);
    }
    if (cmd->references && *cmd->references)
        (void)fputs(".SH REFERENCES\n", out);
    paragraphs(out, cmd->references);
    see_also(cmd->see_also, out);
}
