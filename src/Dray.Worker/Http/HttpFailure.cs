using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Client;
using Dray.Worker.Http.Batches;
using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Http;

/// <summary>A request that isn't answered, in OpenAI's shape.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">What is wrong.</param>
internal sealed record HttpFailure(int Status, ErrorBody Error)
{
    /// <summary>What a client that may come again waits for, in seconds, where nothing says better.</summary>
    private const int RetrySeconds = 1;

    /// <summary>Gets how long the client is to wait before it asks again, or null where that is of no use.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The failure that the request is to blame for.</summary>
    public static HttpFailure Refused(int status, string code, string message, string? param = null) =>
        new(status, new ErrorBody { Message = message, Type = ErrorBody.InvalidRequestType, Param = param, Code = code });

    /// <summary>A failure that passes: the same request may be answered later, or by another worker.</summary>
    public static HttpFailure Passing(string code, string message) =>
        new(StatusCodes.Status503ServiceUnavailable, new ErrorBody { Message = message, Type = ErrorBody.ServerType, Code = code })
        {
            RetryAfter = TimeSpan.FromSeconds(RetrySeconds),
        };

    /// <summary>What an exception means to the client. Its text is shown only where it was written for clients.</summary>
    public static HttpFailure Of(Exception exception) => exception switch
    {
        BatchClientException e => BatchFailure.Of(e),
        RequestRejectedException e => Refused(ErrorCodes.StatusCode(e.Code), e.Code, e.Message, e.Param),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            Refused(StatusCodes.Status413PayloadTooLarge, ErrorCodes.ContentTooLarge, "The body is larger than this server takes; send less, or have its limit raised."),
        BadHttpRequestException { StatusCode: StatusCodes.Status503ServiceUnavailable } e => Passing(HttpErrorCodes.Overloaded, e.Message),
        BadHttpRequestException e => Refused(e.StatusCode, ErrorCodes.InvalidRequest, $"The request can't be read: {e.Message}"),
        DeviceLostException or ObjectDisposedException => Passing(ErrorCodes.EngineFailure, "The engine is gone and this server ends; ask again, or ask another one."),
        IOException => Passing(ErrorCodes.EngineFailure, "The store doesn't answer; ask again later."),
        _ => new HttpFailure(
            StatusCodes.Status500InternalServerError,
            new ErrorBody { Message = "The server failed on this request; its log tells why.", Type = ErrorBody.ServerType, Code = ErrorCodes.EngineFailure }),
    };

    /// <summary>Answers with it. The response must not have begun.</summary>
    public Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        if (RetryAfter is { } time) response.Headers.RetryAfter = ((int)Math.Ceiling(time.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return response.WriteAsJsonAsync(Body, ContractsJson.Options, context.RequestAborted);
    }

    /// <summary>Gets the document.</summary>
    public ErrorResponse Body => new() { Error = Error };
}
