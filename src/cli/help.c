#include "cli/cmd.h"

#include "cli/option.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, COLUMN = 26 };

/* Columns a UTF-8 text takes (continuation bytes take none). */
static int width(const char *s, size_t n)
{
    int w = 0;
    for (size_t i = 0; i < n; i++)
        w += ((unsigned char)s[i] & 0xc0) != 0x80;
    return w;
}

/* Words from column `at`, wrapped to begin at `indent`. */
static void fill(FILE *out, int at, int indent, const char *text)
{
    bool first = true;
    while (*(text += strspn(text, " "))) {
        size_t n = strcspn(text, " ");
        int w = width(text, n);
        if (!first && at + 1 + w > WIDTH) {
            (void)fprintf(out, "\n%*s", indent, "");
            at = indent;
        } else if (!first) {
            (void)fputc(' ', out);
            at++;
        }
        (void)fwrite(text, 1, n, out);
        at += w;
        text += n;
        first = false;
    }
    (void)fputc('\n', out);
}

static void entry(FILE *out, const char *lead, const char *text)
{
    int at = fprintf(out, "%s", lead);
    if (at > COLUMN - 2) {
        (void)fputc('\n', out);
        at = 0;
    }
    (void)fprintf(out, "%*s", COLUMN - at, "");
    fill(out, COLUMN, COLUMN, text);
}

static void usage(const struct nvc_cmd *cmd, FILE *out)
{
    struct nvc_text t = { 0 };
    struct nvc_error err;
    if (!nvc_cmd_synopsis(cmd, &t, &err))
        fill(out, fprintf(out, "Usage: "), 7 + (int)strlen(cmd->name) + 1, t.data);
    nvc_text_release(&t);
}

static void options(const struct nvc_cmd *cmd, const struct nvc_opt *o, const void *defaults, FILE *out)
{
    for (; o && o->type != NVC_OPT_END; o++) {
        struct nvc_text text = { 0 };
        struct nvc_error err;
        char lead[128], letter[8] = "    ";
        if (o->type == NVC_OPT_GROUP) {
            (void)fprintf(out, "\n%s\n", o->name);
            continue;
        }
        if (o->flags & NVC_OPT_HIDDEN)
            continue;
        if (o->letter)
            (void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
        (void)snprintf(lead, sizeof lead, "  %s--%s%s%s", letter, o->name, o->arg ? "=" : "", o->arg ? o->arg : "");
        if (!nvc_text_puts(&text, o->help, &err) && !nvc_opt_remarks(cmd, o, defaults, &text, &err))
            entry(out, lead, text.data);
        nvc_text_release(&text);
    }
}

static void example(const struct nvc_example *e, FILE *out)
{
    struct nvc_text text = { 0 };
    struct nvc_error err;
    (void)fputs("\nExample\n  ", out);
    fill(out, 2, 2, e->help);
    if (!nvc_example_wrap(e->command, WIDTH - 4, &text, &err))
        for (char *line = strtok(text.data, "\n"); line; line = strtok(NULL, "\n"))
            (void)fprintf(out, "    %s\n", line);
    nvc_text_release(&text);
}

void nvc_cmd_help(const struct nvc_cmd *cmd, FILE *out)
{
    usage(cmd, out);
    (void)fputc('\n', out);
    fill(out, 0, 0, cmd->description[0]);
    if (cmd->args && cmd->args->name)
        (void)fputc('\n', out);
    for (const struct nvc_arg *a = cmd->args; a && a->name; a++) {
        char lead[128];
        (void)snprintf(lead, sizeof lead, "  %s", a->name);
        entry(out, lead, a->help);
    }
    options(cmd, cmd->opts, cmd->defaults, out);
    options(cmd, nvc_common_opts, &nvc_common_defaults, out);
    if (cmd->examples && cmd->examples->command)
        example(cmd->examples, out);
    (void)fprintf(out, "\nThe manual page has everything else: man %s\n", cmd->name);
}

void nvc_cmd_examples(const struct nvc_cmd *cmd, FILE *out)
{
    for (const struct nvc_example *e = cmd->examples; e && e->command; e++)
        (void)fprintf(out, "%s\n", e->command);
}
