using Dray.Contracts;
using Dray.Worker.Client;
using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Http.Batches;

/// <summary>What a failure of the client of batches means over HTTP.</summary>
internal static class BatchFailure
{
    /// <summary>The failure.</summary>
    public static HttpFailure Of(BatchClientException exception) => exception.Problem switch
    {
        BatchClientProblem.UnknownBatch => HttpFailure.Refused(StatusCodes.Status404NotFound, ErrorCodes.NotFound, exception.Message, "id"),

        // Not 409: official clients send that again, which would help nobody.
        BatchClientProblem.KeyConflict => HttpFailure.Refused(
            StatusCodes.Status422UnprocessableEntity, ErrorCodes.InvalidRequest, exception.Message, "Idempotency-Key"),
        BatchClientProblem.BrokerOutOfReach => HttpFailure.Passing(ErrorCodes.EngineFailure, "The broker doesn't answer; ask again later."),
        BatchClientProblem.StoreOutOfReach => HttpFailure.Passing(ErrorCodes.EngineFailure, "The store doesn't answer; ask again later."),
        BatchClientProblem.Damaged => new HttpFailure(
            StatusCodes.Status500InternalServerError,
            new ErrorBody { Message = "The store holds something else than it should; the server's log tells what.", Type = ErrorBody.ServerType, Code = ErrorCodes.EngineFailure }),
        _ => HttpFailure.Refused(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, exception.Message),
    };
}
