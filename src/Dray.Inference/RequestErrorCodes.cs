namespace Dray.Inference;

/// <summary>Codes of <see cref="RequestRejectedException"/>.</summary>
public static class RequestErrorCodes
{
    /// <summary>The request's structure or a value in it is wrong.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>Prompt and answer don't fit into the model's context.</summary>
    public const string ContextLengthExceeded = "context_length_exceeded";

    /// <summary>A picture can't be decoded.</summary>
    public const string ImageInvalid = "image_invalid";

    /// <summary>A picture isn't where the request says.</summary>
    public const string ImageNotFound = "image_not_found";

    /// <summary>A picture or text is larger than allowed.</summary>
    public const string ContentTooLarge = "content_too_large";

    /// <summary>The model asked for isn't the one served.</summary>
    public const string ModelNotFound = "model_not_found";

    /// <summary>A JSON schema, pattern or list of choices for the answer is wrong, too large, or uses what isn't supported.</summary>
    public const string SchemaInvalid = "schema_invalid";
}
