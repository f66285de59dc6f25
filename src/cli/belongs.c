#include "cli/belongs.h"

#include "base/number.h"
#include "cli/message.h"
#include "io/bids.h"

#include <stdbool.h>
#include <string.h>

static bool known(const char *entity) { return entity && *entity && strcmp(entity, "n/a") != 0; }

/* run-1 is run-01. */
static bool differ(const char *a, const char *b)
{
    long i, k;
    if (!known(a) || !known(b) || !strcmp(a, b))
        return false;
    return !nvc_parse_integer(a, strlen(a), &i) || !nvc_parse_integer(b, strlen(b), &k) || i != k;
}

void nvc_warn_of_other_run(const char *path, const struct nvc_run_of *run)
{
    struct nvc_bids_name name;
    struct nvc_error err = { 0 };
    if (!path || !strcmp(path, "-") || nvc_bids_parse(&name, path, &err))
        return;
    const struct { const char *what, *of_file, *of_run; } pairs[] = {
        { "participant", name.participant_id, run->participant_id }, { "session", name.session, run->session },
        { "task", name.task, run->task }, { "run", name.run, run->run },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (differ(pairs[i].of_file, pairs[i].of_run)) {
            nvc_warn("%s: by its name it belongs to %s %s, but the run is of %s %s: give the file of the run", path, pairs[i].what, pairs[i].of_file,
                     pairs[i].what, pairs[i].of_run);
            return;
        }
}
