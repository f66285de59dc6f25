#include "cli/cmd.h"

#include "cli/option.h"

#include <string.h>

static void function_name(const struct nvc_cmd *cmd, FILE *out)
{
    (void)fputc('_', out);
    for (const char *p = cmd->name; *p; p++)
        (void)fputc(*p == '-' ? '_' : *p, out);
}

/* "*.nii *.nii.gz" as elements of a bash array. */
static void globs(const char *glob, FILE *out)
{
    while (glob && *(glob += strspn(glob, " "))) {
        size_t n = strcspn(glob, " ");
        (void)fprintf(out, " '%.*s'", (int)n, glob);
        glob += n;
    }
}

static void option_value(const struct nvc_opt *o, FILE *out)
{
    (void)fprintf(out, "    --%s", o->name);
    if (o->letter)
        (void)fprintf(out, " | -%c", o->letter);
    (void)fputs(") ", out);
    if (o->type == NVC_OPT_CHOICE) {
        (void)fputs("mapfile -t COMPREPLY < <(compgen -W '", out);
        for (int i = 0; o->choices[i]; i++)
            (void)fprintf(out, "%s%s", i ? " " : "", o->choices[i]);
        (void)fputs("' -- \"$cur\"); return", out);
    } else if (o->type == NVC_OPT_INPUT || o->type == NVC_OPT_OUTPUT || o->glob) {
        (void)fputs("globs=(", out);
        globs(o->glob ? o->glob : "*", out);
        (void)fputs(" )", out);
    } else
        (void)fputs("return", out);
    (void)fputs(" ;;\n", out);
}

void nvc_cmd_bash(const struct nvc_cmd *cmd, FILE *out)
{
    const struct nvc_opt *table[NVC_MAX_OPTS];
    size_t n_own, n = nvc_table_flatten(cmd, table, &n_own);
    (void)fprintf(out, "# bash completion of %s, written by %s --print=bash\n", cmd->name, cmd->name);
    function_name(cmd, out);
    (void)fputs("()\n{\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} glob\n"
                "    local -a globs\n"
                "    COMPREPLY=()\n"
                "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
                "    [[ $cur == = ]] && cur= prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                "    case $prev in\n", out);
    for (size_t i = 0; i < n; i++)
        if (table[i]->type != NVC_OPT_FLAG && !(table[i]->flags & NVC_OPT_HIDDEN))
            option_value(table[i], out);
    (void)fputs("    *)\n        if [[ $cur == -* ]]; then\n            mapfile -t COMPREPLY < <(compgen -W '", out);
    for (size_t i = 0; i < n; i++)
        if (!(table[i]->flags & NVC_OPT_HIDDEN))
            (void)fprintf(out, "%s--%s%s", i ? " " : "", table[i]->name, table[i]->type == NVC_OPT_FLAG ? "" : "=");
    (void)fputs("' -- \"$cur\")\n"
                "            [[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace 2>/dev/null\n"
                "            return\n        fi\n        globs=(", out);
    for (const struct nvc_arg *a = cmd->args; a && a->name; a++)
        globs(a->glob ? a->glob : "*", out);
    (void)fputs(" )\n        ;;\n    esac\n"
                "    compopt -o filenames 2>/dev/null\n"
                "    mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"\n"
                "        for glob in \"${globs[@]}\"; do compgen -f -X \"!$glob\" -- \"$cur\"; done)\n}\n"
                "complete -F ", out);
    function_name(cmd, out);
    (void)fprintf(out, " %s\n", cmd->name);
}
