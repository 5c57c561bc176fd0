using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Client;

public sealed class BatchClientOutputTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OutputAsync_BatchThatIsDone_WritesBothFilesInInputOrder()
    {
        await using var fixture = await WorkedFixture.StartAsync();
        var input = JobLines.Line("a", "1") + "\n" + JobLines.Line("b", "too long") + "\n" + JobLines.Line("c", "3") + "\n";
        var id = (await fixture.SubmitAsync(input)).BatchId;
        var done = await fixture.FinishAsync(id);

        var result = await fixture.Client.OutputAsync(id, fixture.Folder["out"], cancellationToken: Cancellation);

        done.Batch.Status.ShouldBe(BatchStatus.Completed);
        (result.Completed, result.Failed, result.IsPartial).ShouldBe((2, 1, false));
        WorkedFixture.Rows(result.OutputFile).Select(row => row.CustomId).ShouldBe(["a", "c"]);
        WorkedFixture.Rows(result.ErrorsFile).Select(row => row.CustomId).ShouldBe(["b"]);
        Directory.GetFiles(fixture.Folder["out"]).Length.ShouldBe(2, "temporary files are gone");
    }

    [Fact]
    public async Task OutputAsync_BlobThatIsNotTheManifests_IsRefusedAndOldFilesStay()
    {
        await using var fixture = await WorkedFixture.StartAsync();
        var id = (await fixture.SubmitAsync(JobLines.Lines(3))).BatchId;
        await fixture.FinishAsync(id);
        fixture.Folder.Write("out/output.jsonl", "old");
        await fixture.Store.AppendAsync(BatchPaths.Output(id), "{}\n"u8.ToArray(), Cancellation);

        var refusal = await Should.ThrowAsync<BatchClientException>(fixture.Client.OutputAsync(id, fixture.Folder["out"], cancellationToken: Cancellation));

        refusal.Problem.ShouldBe(BatchClientProblem.Damaged);
        Directory.GetFiles(fixture.Folder["out"]).ShouldHaveSingleItem();
        (await File.ReadAllTextAsync(fixture.Folder["out", "output.jsonl"], Cancellation)).ShouldBe("old");
    }

    [Fact]
    public async Task OutputAsync_BatchThatRuns_IsRefusedWithHowFarItIsOrGivesWhatIsThere()
    {
        await using var fixture = await WorkedFixture.StartAsync();
        var release = new TaskCompletionSource();
        fixture.Engine.Before = (prompt, token) => prompt == "prompt 3" ? release.Task.WaitAsync(token) : Task.CompletedTask;
        var id = (await fixture.SubmitAsync(JobLines.Lines(4))).BatchId;
        while (!await fixture.Store.ExistsAsync(BatchPaths.Chunk(id, 0), Cancellation) || !await fixture.Store.ExistsAsync(BatchPaths.Part(id, 1), Cancellation))
            await Task.Yield();

        var refusal = await Should.ThrowAsync<BatchClientException>(fixture.Client.OutputAsync(id, fixture.Folder["out"], cancellationToken: Cancellation));
        var result = await fixture.Client.OutputAsync(id, fixture.Folder["out"], partial: true, Cancellation);
        release.SetResult();

        refusal.Problem.ShouldBe(BatchClientProblem.NotDone);
        refusal.Message.ShouldContain("of 4 rows are done");
        refusal.Message.ShouldContain("--partial");
        (result.Completed, result.Failed, result.IsPartial).ShouldBe((3, 0, true));
        WorkedFixture.Rows(result.OutputFile).Select(row => row.CustomId).ShouldBe(["row-0", "row-1", "row-2"]);
    }

    [Fact]
    public async Task RetryFailedAsync_SomeRowsFailed_RunsJustThoseAgainWithTheirPictures()
    {
        await using var fixture = await WorkedFixture.StartAsync();
        fixture.Folder.Write("a.png", "picture");
        string[] input = [JobLines.Line("good", "x"), JobLines.Line("bad", "fail", "a.png"), "{oops", "", JobLines.Line("good", "a duplicate"), JobLines.Line("last", "too long")];
        var id = (await fixture.SubmitAsync(string.Join('\n', input))).BatchId;
        await fixture.FinishAsync(id);

        var retry = await fixture.Client.RetryFailedAsync(id, cancellationToken: Cancellation);
        var again = await fixture.Client.RetryFailedAsync(id, cancellationToken: Cancellation);

        (retry.Failed, retry.Unfinished, retry.Submitted!.Rows, retry.Submitted.Pictures).ShouldBe((4, 0, 4, 1));
        again.Submitted!.BatchId.ShouldBe(retry.Submitted.BatchId);
        var content = await fixture.Store.TryReadAsync(BatchPaths.Input(retry.Submitted.BatchId), Cancellation);
        System.Text.Encoding.UTF8.GetString(content!.Bytes.Span).ShouldBe(string.Join('\n', input[1], input[2], input[4], input[5]) + "\n");
        var done = await fixture.FinishAsync(retry.Submitted.BatchId);
        done.Batch.Metadata!["retry_of"].ShouldBe(id);
        (await fixture.Store.TryReadAsync(BatchPaths.Image(retry.Submitted.BatchId, "a.png"), Cancellation)).ShouldNotBeNull();
        var output = await fixture.Client.OutputAsync(done.Batch.Id, fixture.Folder["out"], cancellationToken: Cancellation);
        WorkedFixture.Rows(output.OutputFile).Select(row => row.CustomId).ShouldBe(["good"]);
    }

    [Fact]
    public async Task RetryFailedAsync_NothingFailed_SubmitsNothing()
    {
        await using var fixture = await WorkedFixture.StartAsync();
        var id = (await fixture.SubmitAsync(JobLines.Lines(2))).BatchId;
        await fixture.FinishAsync(id);

        var retry = await fixture.Client.RetryFailedAsync(id, includeUnfinished: true, cancellationToken: Cancellation);

        retry.Submitted.ShouldBeNull();
        fixture.Sender.Messages.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task RetryFailedAsync_CancelledBatch_TakesUnfinishedRowsOnlyWhereAskedFor()
    {
        await using var fixture = await WorkedFixture.StartAsync();
        var block = new TaskCompletionSource();
        fixture.Engine.Before = (prompt, token) => prompt == "too long" ? Task.CompletedTask : block.Task.WaitAsync(token);
        var id = (await fixture.SubmitAsync(JobLines.Line("f", "too long") + "\n" + JobLines.Lines(3))).BatchId;
        while ((await fixture.Client.StatusAsync(id, Cancellation)).Batch.Status != BatchStatus.InProgress || !await fixture.Store.ExistsAsync(BatchPaths.Part(id, 0), Cancellation))
            await Task.Yield();
        await fixture.Client.CancelAsync(id, Cancellation);
        var done = await fixture.FinishAsync(id);

        var failed = await fixture.Client.RetryFailedAsync(id, cancellationToken: Cancellation);
        var all = await fixture.Client.RetryFailedAsync(id, includeUnfinished: true, cancellationToken: Cancellation);

        done.Batch.Status.ShouldBe(BatchStatus.Cancelled);
        (failed.Failed, failed.Unfinished, failed.Submitted!.Rows).ShouldBe((1, 3, 1));
        all.Submitted!.Rows.ShouldBe(4);
        all.Submitted.BatchId.ShouldNotBe(failed.Submitted.BatchId);
        block.SetResult();
    }
}
