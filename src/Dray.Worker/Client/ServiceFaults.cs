using Dray.Worker.Transport;

namespace Dray.Worker.Client;

/// <summary>What store and broker throw, as problems of a client.</summary>
internal static class ServiceFaults
{
    /// <summary>Makes a call, and explains what it throws.</summary>
    /// <exception cref="BatchClientException">The call failed.</exception>
    public static async Task<T> ExplainAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (BrokerException e)
        {
            throw new BatchClientException(BatchClientProblem.BrokerOutOfReach, e.Message, e);
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BatchClientException(BatchClientProblem.Damaged, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BatchClientException(BatchClientProblem.StoreOutOfReach, e.Message, e);
        }
    }
}
