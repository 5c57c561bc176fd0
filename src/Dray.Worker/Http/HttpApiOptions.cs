using System.ComponentModel.DataAnnotations;

namespace Dray.Worker.Http;

/// <summary>How a worker answers over HTTP.</summary>
public sealed class HttpApiOptions
{
    /// <summary>Gets or sets the largest file that can be uploaded, in bytes. <value>The default value is 200 MiB.</value></summary>
    [Range(1, 1L << 40)]
    public long MaxFileBytes { get; set; } = 200 * 1024 * 1024;
}
