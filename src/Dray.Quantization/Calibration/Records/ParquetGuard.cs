namespace Dray.Quantization.Calibration.Records;

/// <summary>Reads Parquet files that may be damaged: whatever the library meets becomes one sentence, and a read that doesn't end is given up.</summary>
internal static class ParquetGuard
{
    /// <summary>The largest row group that is read, in bytes.</summary>
    public const long GroupBytes = 1L << 30;

    /// <summary>Many times what the largest row group takes; on some damaged files the library doesn't end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a read.</summary>
    /// <param name="file">What to call the file, such as <c>The file 'a.parquet'</c>.</param>
    /// <param name="read">The read.</param>
    /// <exception cref="CalibrationException">It failed.</exception>
    public static T Run<T>(string file, Func<Task<T>> read)
    {
        try
        {
            return Task.Run(read).WaitAsync(Patience).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is not CalibrationException)
        {
            throw new CalibrationException($"{file} can't be read as Parquet: {exception.Message} Write it anew, or as .jsonl.", exception);
        }
    }

    /// <summary>Refuses row groups that would take too much memory.</summary>
    /// <exception cref="CalibrationException">One is too large.</exception>
    public static void CheckGroups(string file, IEnumerable<long> groupBytes)
    {
        foreach (var bytes in groupBytes)
        {
            if (bytes <= GroupBytes) continue;
            throw new CalibrationException($"{file} has a row group of {bytes} bytes; at most {GroupBytes} are read: write smaller row groups.");
        }
    }
}
