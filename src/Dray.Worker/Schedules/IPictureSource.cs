using Dray.Inference;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>A place that a schedule takes pictures from. Paths are relative to it.</summary>
internal interface IPictureSource
{
    /// <summary>Every file below the place, one at a time.</summary>
    /// <exception cref="IOException">The place can't be read.</exception>
    IAsyncEnumerable<BlobEntry> ListAsync(CancellationToken cancellationToken);

    /// <summary>Reads a picture, or gives null where it is gone.</summary>
    /// <exception cref="RequestRejectedException">It has more than <paramref name="maxBytes"/> bytes, none, or can't be read.</exception>
    /// <exception cref="IOException">The place doesn't answer: no fault of the picture.</exception>
    Task<ReadOnlyMemory<byte>?> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken);
}
