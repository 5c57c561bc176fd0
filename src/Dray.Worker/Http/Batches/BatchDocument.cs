using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Http.Files;

namespace Dray.Worker.Http.Batches;

/// <summary>A batch over HTTP: its files have ids, where the store has paths.</summary>
internal static class BatchDocument
{
    /// <summary>OpenAI's Batch object. As there, a file that would be empty is null.</summary>
    public static Batch Of(BatchSnapshot snapshot)
    {
        var batch = snapshot.Batch;
        var counts = batch.RequestCounts;
        return batch with
        {
            InputFileId = snapshot.InputFileId ?? BatchOutputs.InputOf(batch.Id),
            OutputFileId = batch.OutputFileId is null || counts.Completed == 0 ? null : BatchOutputs.OutputOf(batch.Id),
            ErrorFileId = batch.ErrorFileId is null || counts.Failed == 0 ? null : BatchOutputs.ErrorsOf(batch.Id),
            CompletionWindow = CompletionWindow.Of(batch),
        };
    }
}
