namespace Dray.Worker.Client;

/// <summary>The folder that answers go to. Each file is written beside its place and appears there whole, or not at all.</summary>
internal sealed class OutputFolder
{
    private OutputFolder(string folder) =>
        (OutputFile, ErrorsFile) = (Path.Combine(folder, "output.jsonl"), Path.Combine(folder, "errors.jsonl"));

    /// <summary>Gets the file of the rows that succeeded.</summary>
    public string OutputFile { get; }

    /// <summary>Gets the file of the rows that failed.</summary>
    public string ErrorsFile { get; }

    /// <summary>Opens a folder, which is created where there is none.</summary>
    /// <exception cref="BatchClientException">It can't be created.</exception>
    public static OutputFolder Open(string folder)
    {
        try
        {
            return new OutputFolder(Directory.CreateDirectory(folder).FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BatchClientException(BatchClientProblem.OutputRefused, $"The folder '{folder}' can't be created: {e.Message}", e);
        }
    }

    /// <summary>Writes both files.</summary>
    public async Task WriteAsync(Func<Stream, Stream, Task> write)
    {
        var (output, errors) = (Beside(OutputFile), Beside(ErrorsFile));
        try
        {
            await using (var outputStream = File.Create(output))
            await using (var errorStream = File.Create(errors))
                await write(outputStream, errorStream);
            File.Move(output, OutputFile, overwrite: true);
            File.Move(errors, ErrorsFile, overwrite: true);
        }
        finally
        {
            File.Delete(output);
            File.Delete(errors);
        }
    }

    private static string Beside(string file) => $"{file}.{Guid.NewGuid():N}.tmp";
}
