using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Inference.Scheduling;
using Dray.Worker.Images;
using Dray.Worker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Execution;

/// <summary>Answers one request with the engine. Whatever is wrong with the request, or goes wrong with it, becomes its response.</summary>
internal sealed class RequestRunner(
    IInferenceEngine engine, ServedModels models, ImageResolver images, WorkerSettings settings, TimeProvider time,
    ILogger<RequestRunner> logger)
{
    /// <summary>Answers the request that <paramref name="readBody"/> gives; what that throws counts as the request's fault too.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The engine is gone: no fault of the request, which another worker may answer.</exception>
    /// <exception cref="DeviceLostException">The engine has lost its device, which is the same.</exception>
    /// <exception cref="IOException">The store, which has its pictures, doesn't answer: no fault of the request either.</exception>
    public async Task<BatchRowResponse> RunAsync(
        Func<JsonElement> readBody, RequestIdentity identity, JobPriority priority, CancellationToken cancellationToken)
    {
        using var timeout = settings.RowTimeout is { } limit ? new CancellationTokenSource(limit, time) : null;
        using var linked = timeout is null ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var token = linked?.Token ?? cancellationToken;
        try
        {
            var (sampled, chat, model) = ChatBody.Read(readBody, engine, models, mayStream: false);
            var request = sampled with
            {
                Images = await images.ResolveAsync(chat.ImageUrls, identity.BatchId, token),
                Priority = (RequestPriority)priority,
            };
            var result = await RowSpan.MeasureAsync(model, () => engine.GenerateAsync(request, token));
            return Respond(identity, 200, Completions.From(result, model, identity));
        }
        catch (Exception e) when (e is not (RequestRejectedException or DeviceLostException) && cancellationToken.IsCancellationRequested)
        {
            // An engine that is being taken away may fail in its own words.
            throw new OperationCanceledException("The request was cancelled.", e, cancellationToken);
        }
        catch (RequestRejectedException e)
        {
            return Fail(identity, e.Code, e.Message, e.Param);
        }
        catch (OperationCanceledException) when (timeout is { IsCancellationRequested: true })
        {
            var message = $"The row took longer than {settings.RowTimeout}; ask for fewer tokens, or raise the worker's row timeout.";
            return Fail(identity, ErrorCodes.RowTimeout, message);
        }
        catch (Exception e) when (e is not (ObjectDisposedException or DeviceLostException or IOException))
        {
            logger.LogError(e, "The engine failed on request {RequestId}.", identity.RequestId);
            return Fail(identity, ErrorCodes.EngineFailure, $"The engine failed on this row: {e.Message}");
        }
    }

    /// <summary>The response to a request on which workers died <paramref name="deaths"/> times.</summary>
    public static BatchRowResponse Kills(RequestIdentity identity, int deaths) => Fail(
        identity,
        ErrorCodes.EngineFailure,
        $"Workers died {deaths} times while they ran this request and nothing else; it isn't tried again. Look at its pictures and its length, and at the workers' memory.");

    private static BatchRowResponse Fail(RequestIdentity identity, string code, string message, string? param = null)
    {
        var status = ErrorCodes.StatusCode(code);
        var type = status < 500 ? ErrorBody.InvalidRequestType : ErrorBody.ServerType;
        return Respond(
            identity, status, new ErrorResponse { Error = new ErrorBody { Message = message, Type = type, Param = param, Code = code } });
    }

    private static BatchRowResponse Respond<T>(RequestIdentity identity, int status, T body) => new()
    {
        StatusCode = status,
        RequestId = identity.RequestId,
        Body = JsonSerializer.SerializeToElement(body, ContractsJson.Options),
    };
}
