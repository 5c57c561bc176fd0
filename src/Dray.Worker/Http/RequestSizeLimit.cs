using Microsoft.AspNetCore.Http.Metadata;

namespace Dray.Worker.Http;

/// <summary>The longest body of an endpoint's requests, which is refused before it is read.</summary>
/// <param name="MaxRequestBodySize">Bytes.</param>
internal sealed record RequestSizeLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
