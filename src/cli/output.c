#include "cli/output.h"

#include "base/memory.h"
#include "io/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int nvc_output(const char *path, const struct nvc_text *text, const struct nvc_sidecar *sidecar, struct nvc_error *err)
{
    struct nvc_sink *sink;
    int status = nvc_sink_open(&sink, path, false, err);
    if (status)
        return status;
    if ((status = nvc_sink_write(sink, text->data, text->len, err))) {
        nvc_sink_abandon(sink);
        return status;
    }
    status = nvc_sink_commit(sink, err);
    return status || !sidecar ? status : nvc_sidecar_write(path, sidecar, err);
}

int nvc_make_folders(const char *path, struct nvc_error *err)
{
    char *part = nvc_strdup(path, err);
    int status = part ? 0 : NVC_ESYS;
    for (char *slash = part; !status && slash;) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0777) && errno != EEXIST)
            status = nvc_fail(err, NVC_ESYS, "%s: %s", part, strerror(errno));
        if (slash)
            *slash = '/';
    }
    free(part);
    return status;
}

int nvc_output_apart(const char *path, const char *other, const char *option, struct nvc_error *err)
{
    if (!path || !other || strcmp(path, "-") != 0 || strcmp(other, "-") != 0)
        return 0;
    return nvc_fail(err, NVC_EUSAGE, "%s and --output would both go to standard output; give one of them a file", option);
}
