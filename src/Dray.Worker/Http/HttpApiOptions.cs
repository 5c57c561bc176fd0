namespace Dray.Worker.Http;

/// <summary>How a worker answers over HTTP.</summary>
public sealed class HttpApiOptions
{
}
