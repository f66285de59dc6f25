#include "cli/output.h"

#include "io/sink.h"

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
