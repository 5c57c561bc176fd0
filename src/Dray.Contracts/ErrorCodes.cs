namespace Dray.Contracts;

/// <summary>Codes of <see cref="ErrorBody"/> and <see cref="BatchRowError"/>, with the status a row that fails so has.</summary>
public static class ErrorCodes
{
    /// <summary>400: the request's structure or a value in it is wrong.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>400: prompt and answer don't fit into the model's context.</summary>
    public const string ContextLengthExceeded = "context_length_exceeded";

    /// <summary>400: a picture can't be decoded.</summary>
    public const string ImageInvalid = "image_invalid";

    /// <summary>400: a picture isn't where the request says.</summary>
    public const string ImageNotFound = "image_not_found";

    /// <summary>413: a line, a picture or a text is larger than allowed.</summary>
    public const string ContentTooLarge = "content_too_large";

    /// <summary>404: the model asked for isn't the one served.</summary>
    public const string ModelNotFound = "model_not_found";

    /// <summary>404: there is no batch or file of this id.</summary>
    public const string NotFound = "not_found";

    /// <summary>400: a JSON schema in the request can't be used.</summary>
    public const string SchemaInvalid = "schema_invalid";

    /// <summary>504: the row took longer than the worker allows.</summary>
    public const string RowTimeout = "row_timeout";

    /// <summary>500: the engine failed on this row.</summary>
    public const string EngineFailure = "engine_failure";

    /// <summary>No response: the batch ran out of time before the row ran.</summary>
    public const string BatchExpired = "batch_expired";

    /// <summary>No response: the batch was cancelled before the row finished.</summary>
    public const string BatchCancelled = "batch_cancelled";

    /// <summary>The HTTP status that stands for a code; 400 for one that isn't listed here.</summary>
    public static int StatusCode(string code) => code switch
    {
        ModelNotFound or NotFound => 404,
        ContentTooLarge => 413,
        EngineFailure => 500,
        RowTimeout => 504,
        _ => 400,
    };
}
