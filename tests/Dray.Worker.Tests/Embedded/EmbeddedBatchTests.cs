using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Embedded;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Embedded;

public sealed class EmbeddedBatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_RowsOfSeveralChunks_WritesAnswersInInputOrder()
    {
        using var fixture = new EmbeddedFixture();

        var summary = await fixture.RunAsync(JobLines.Lines(30), cancellationToken: Token);

        var rows = fixture.Rows("output.jsonl");
        rows.Select(row => row.CustomId).ShouldBe(Enumerable.Range(0, 30).Select(i => $"row-{i}"));
        rows.Select(row => row.Content()).ShouldBe(Enumerable.Range(0, 30).Select(i => $"prompt {i}|"));
        fixture.Rows("errors.jsonl").ShouldBeEmpty();
        summary.Counts.ShouldBe(new() { Total = 30, Completed = 30, Failed = 0 });
        summary.Usage.ShouldBe(new() { InputTokens = 150, OutputTokens = 60, TotalTokens = 210 });
        summary.RowsResumed.ShouldBe(0);
        fixture.Engine.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    public async Task RunAsync_DeviceIsLost_SaysSoAndTheNextRunFinishes()
    {
        using var fixture = new EmbeddedFixture { Engine = new EngineFake { LosesDeviceOn = "prompt 21" } };
        (fixture.Worker.MaxRowsInFlight, fixture.Worker.ConcurrentChunks) = (1, 1);

        var failure = await Should.ThrowAsync<EmbeddedBatchException>(() => fixture.RunAsync(JobLines.Lines(30), cancellationToken: Token));

        (failure.Problem, failure.Message).ShouldBe((EmbeddedBatchProblem.DeviceLost, "The test's device is gone. Finished rows are kept; run again to go on."));
        fixture.Engine.Calls["prompt 21"].ShouldBe(1);
        fixture.Engine = new EngineFake();
        var summary = await fixture.RunAsync(JobLines.Lines(30), cancellationToken: Token);
        summary.Counts.ShouldBe(new() { Total = 30, Completed = 30 });
        summary.RowsResumed.ShouldBe(21);
        fixture.Engine.Calls.Count.ShouldBe(9);
    }

    /// <summary>As with workers that die: a row on which the device is lost whenever it runs must not keep the others from their answers.</summary>
    [Fact]
    public async Task RunAsync_DeviceIsLostOnTheSameRowAgainAndAgain_OnlyThatRowIsGivenUp()
    {
        using var fixture = new EmbeddedFixture();
        var losses = 0;
        while (true)
        {
            fixture.Engine = new EngineFake { LosesDeviceOn = "prompt 2" };
            try
            {
                await fixture.RunAsync(JobLines.Lines(4), cancellationToken: Token);
                break;
            }
            catch (EmbeddedBatchException e) when (e.Problem == EmbeddedBatchProblem.DeviceLost)
            {
                (++losses).ShouldBeLessThan(6);
            }
        }

        losses.ShouldBe(5, "twice with others, three times alone");
        fixture.Rows("output.jsonl").Length.ShouldBe(3);
        fixture.Rows("errors.jsonl").Select(row => (row.CustomId, row.Error().Code)).ShouldBe([("row-2", ErrorCodes.EngineFailure)]);
    }

    [Fact]
    public async Task RunAsync_RowsOfEveryKind_GivesEachExactlyOneRow()
    {
        using var fixture = new EmbeddedFixture();
        fixture.Folder.Write("pictures/a.png", "12345");
        string[] lines =
        [
            JobLines.Line("good", "hello"),
            "",
            "{\"custom_id\":\"half\",",
            JobLines.Line("good", "again"),
            JobLines.Line("bad-engine", "fail"),
            JobLines.Line("bad-context", "too long"),
            JobLines.Line("picture", "see", "pictures/a.png"),
            JobLines.Line("no-picture", "see", "pictures/b.png"),
            JobLines.Line("escape", "see", "../secret.png"),
            JobLines.Line("tools", "tools"),
            "{\"custom_id\":\"line-3\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"messages\":[],\"stream\":true}}",
            JobLines.Line("héllo", "größe \U0001F600"),
        ];

        var summary = await fixture.RunAsync(string.Join('\n', lines), cancellationToken: Token);

        var output = fixture.Rows("output.jsonl");
        var errors = fixture.Rows("errors.jsonl");
        output.Select(row => row.CustomId).ShouldBe(["good", "picture", "tools", "héllo"]);
        output.ShouldAllBe(row => row.IsSuccess);
        errors.ShouldAllBe(row => !row.IsSuccess);
        errors.Select(row => (row.CustomId, row.Response!.StatusCode, row.Error().Code)).ShouldBe(
        [
            ("line-3-2", 400, ErrorCodes.InvalidRequest),
            ("line-4", 400, ErrorCodes.InvalidRequest),
            ("bad-engine", 500, ErrorCodes.EngineFailure),
            ("bad-context", 400, ErrorCodes.ContextLengthExceeded),
            ("no-picture", 400, ErrorCodes.ImageNotFound),
            ("escape", 400, ErrorCodes.InvalidRequest),
            ("line-3", 400, ErrorCodes.InvalidRequest),
        ]);
        errors[0].Error().Message.ShouldStartWith("Line 3 isn't valid JSON at column 20: ");
        errors[1].Error().Message.ShouldBe("Line 4 has the custom_id 'good', which line 1 has already; give each row a string of its own.");
        output[1].Content().ShouldBe("see|5");
        output[3].Content().ShouldBe("größe \U0001F600|");
        var tools = output[2].Response!.Body.Deserialize<ChatCompletion>(ContractsJson.Options)!.Choices[0];
        tools.FinishReason.ShouldBe("tool_calls");
        tools.Message.Content.ShouldBeNull();
        tools.Message.ToolCalls!.Single().Function.ShouldBe(new() { Name = "look", Arguments = "{\"at\":1}" });
        summary.Counts.ShouldBe(new() { Total = 11, Completed = 4, Failed = 7 });
    }

    [Fact]
    public async Task RunAsync_RowThatFailsItsWholeStep_IsTheOnlyOneThatFails()
    {
        using var fixture = new EmbeddedFixture();
        fixture.Worker.MaxRowsInFlight = 4;
        var together = new CountdownEvent(4);
        var firstStep = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        fixture.Engine.Before = async (_, token) =>
        {
            // All rows of the first step fail, as in the engine, whoever is to blame.
            if (firstStep.Task.IsCompleted) return;
            if (together.Signal()) firstStep.SetResult();
            await firstStep.Task.WaitAsync(token);
            throw new InvalidOperationException("The step failed.");
        };

        var summary = await fixture.RunAsync(JobLines.Lines(3) + JobLines.Line("poison", "fail"), cancellationToken: Token);

        summary.Counts.ShouldBe(new() { Total = 4, Completed = 3, Failed = 1 });
        fixture.Rows("errors.jsonl").Single().CustomId.ShouldBe("poison");
        fixture.Engine.Calls.Values.ShouldAllBe(calls => calls == 2);
    }

    [Fact]
    public async Task RunAsync_EngineGone_StopsTheBatchInsteadOfFailingItsRows()
    {
        using var fixture = new EmbeddedFixture();
        fixture.Engine.Before = (prompt, _) => prompt == "prompt 2" ? throw new ObjectDisposedException("engine") : Task.CompletedTask;
        await Should.ThrowAsync<EmbeddedBatchException>(fixture.RunAsync(JobLines.Lines(3), cancellationToken: Token));

        fixture.Engine.Before = (_, _) => Task.CompletedTask;
        var summary = await fixture.RunAsync(JobLines.Lines(3), cancellationToken: Token);

        summary.Counts.ShouldBe(new() { Total = 3, Completed = 3, Failed = 0 });
    }

    [Fact]
    public async Task RunAsync_SameInputAgain_AsksTheEngineNothingAndRestoresTheFiles()
    {
        using var fixture = new EmbeddedFixture();
        var first = await fixture.RunAsync(JobLines.Lines(10), cancellationToken: Token);
        var bytes = await File.ReadAllBytesAsync(first.OutputFile, Token);
        File.Delete(first.OutputFile);

        var second = await fixture.RunAsync(JobLines.Lines(10), cancellationToken: Token);

        fixture.Engine.Calls.Values.ShouldAllBe(calls => calls == 1);
        (await File.ReadAllBytesAsync(second.OutputFile, Token)).ShouldBe(bytes);
        second.BatchId.ShouldBe(first.BatchId);
        second.Counts.ShouldBe(first.Counts);
        second.RowsResumed.ShouldBe(10);
    }

    [Fact]
    public async Task RunAsync_Force_StartsOver()
    {
        using var fixture = new EmbeddedFixture();
        await fixture.RunAsync(JobLines.Lines(10), cancellationToken: Token);

        var summary = await fixture.RunAsync(JobLines.Lines(10), force: true, cancellationToken: Token);

        fixture.Engine.Calls.Values.ShouldAllBe(calls => calls == 2);
        summary.RowsResumed.ShouldBe(0);
    }

    [Fact]
    public async Task RunAsync_ChangedInputOrModelOrOptions_IsAnotherBatch()
    {
        using var fixture = new EmbeddedFixture();
        List<string> ids = [(await fixture.RunAsync(JobLines.Lines(3), cancellationToken: Token)).BatchId];

        ids.Add((await fixture.RunAsync(JobLines.Lines(4), cancellationToken: Token)).BatchId);
        fixture.Engine = new EngineFake { Model = fixture.Engine.Model with { Digest = "other" } };
        ids.Add((await fixture.RunAsync(JobLines.Lines(4), cancellationToken: Token)).BatchId);
        fixture.Engine = new EngineFake { Model = fixture.Engine.Model, DefaultSampling = new() { Temperature = 0.5f } };
        ids.Add((await fixture.RunAsync(JobLines.Lines(4), cancellationToken: Token)).BatchId);
        fixture.Worker.ServedModelNames = ["any"];
        ids.Add((await fixture.RunAsync(JobLines.Lines(4), cancellationToken: Token)).BatchId);

        ids.Distinct().Count().ShouldBe(5);
        fixture.Rows("output.jsonl").Length.ShouldBe(4);
    }

    [Fact]
    public async Task RunAsync_Cancelled_KeepsFinishedRowsAndTheNextRunDoesTheOthers()
    {
        using var fixture = new EmbeddedFixture();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        fixture.Worker.MaxRowsInFlight = 1;
        fixture.Worker.ConcurrentChunks = 1;
        fixture.Engine.Before = async (prompt, token) =>
        {
            if (prompt != "prompt 6") return;
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        };
        await Should.ThrowAsync<OperationCanceledException>(fixture.RunAsync(JobLines.Lines(12), cancellationToken: cancel.Token));
        fixture.Engine.Calls.Count.ShouldBe(7);
        File.Exists(fixture.Folder["out/output.jsonl"]).ShouldBeFalse();

        fixture.Engine.Before = (_, _) => Task.CompletedTask;
        var summary = await fixture.RunAsync(JobLines.Lines(12), cancellationToken: Token);

        summary.RowsResumed.ShouldBe(6);
        summary.Counts.Completed.ShouldBe(12);
        fixture.Engine.Calls.Where(call => call.Value != 1).Select(call => call.Key).ShouldBe(["prompt 6"]);
        fixture.Rows("output.jsonl").Select(row => row.CustomId).ShouldBe(Enumerable.Range(0, 12).Select(i => $"row-{i}"));
    }

    [Fact]
    public async Task RunAsync_OutputFolderHeld_IsRefusedBeforeTheEngineLoads()
    {
        using var fixture = new EmbeddedFixture();
        var inside = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        fixture.Engine.Before = async (_, _) =>
        {
            inside.TrySetResult();
            await leave.Task;
        };
        var first = fixture.RunAsync(JobLines.Lines(1), cancellationToken: Token);
        await inside.Task.WaitAsync(Token);

        var options = new EmbeddedBatchOptions { JobsFile = fixture.Folder["jobs.jsonl"], OutputFolder = fixture.Output };
        var second = new EmbeddedBatch(options, _ => throw new InvalidOperationException("The engine must not load."));
        var refusal = await Should.ThrowAsync<EmbeddedBatchException>(second.RunAsync(cancellationToken: Token));
        leave.SetResult();
        await first;

        refusal.Problem.ShouldBe(EmbeddedBatchProblem.OutputBusy);
        refusal.Message.ShouldContain("Another run is writing to");
    }

    [Fact]
    public async Task RunAsync_NoInput_IsRefused()
    {
        using var fixture = new EmbeddedFixture();
        var batch = fixture.Batch(new EmbeddedBatchOptions { JobsFile = fixture.Folder["missing.jsonl"], OutputFolder = fixture.Output });

        var refusal = await Should.ThrowAsync<EmbeddedBatchException>(batch.RunAsync(cancellationToken: Token));

        refusal.Problem.ShouldBe(EmbeddedBatchProblem.InputRefused);
        refusal.Message.ShouldContain("missing.jsonl");
    }

    [Fact]
    public async Task RunAsync_OutputFolderThatIsAFile_SaysSo()
    {
        using var fixture = new EmbeddedFixture();
        fixture.Folder.Write("out", "a file");

        var failure = await Should.ThrowAsync<EmbeddedBatchException>(fixture.RunAsync(JobLines.Lines(1), cancellationToken: Token));

        failure.Problem.ShouldBe(EmbeddedBatchProblem.StoreFailed);
        failure.Message.ShouldStartWith($"The output folder '{fixture.Output}' can't be written to:");
        fixture.Engine.IsDisposed.ShouldBeFalse();
    }

    [Theory]
    [InlineData("\n \n", "The input has no rows; write one JSON object per line.")]
    [InlineData("{}\n{}\n{}\n", "The input has more than 2 rows; split it, or raise the limit of rows.")]
    public async Task RunAsync_InputThatCannotBeRunAsAWhole_IsRefusedEveryTime(string input, string message)
    {
        using var fixture = new EmbeddedFixture();
        fixture.Worker.MaxRows = 2;

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refusal = await Should.ThrowAsync<EmbeddedBatchException>(fixture.RunAsync(input, cancellationToken: Token));
            refusal.Problem.ShouldBe(EmbeddedBatchProblem.InputRefused);
            refusal.Message.ShouldBe(message);
        }
    }

    [Fact]
    public async Task RunAsync_ManyRows_KeepsNoMoreWithTheEngineThanAllowed()
    {
        using var fixture = new EmbeddedFixture();
        fixture.Worker.MaxRowsInFlight = 5;
        var five = new CountdownEvent(5);
        fixture.Engine.Before = async (_, token) =>
        {
            // Nobody goes on before five have come, so that five must be let in; a sixth would raise the peak.
            if (!five.IsSet) five.Signal();
            await Task.Run(() => five.Wait(token), token);
        };

        await fixture.RunAsync(JobLines.Lines(40), cancellationToken: Token);

        fixture.Engine.Peak.ShouldBe(5);
    }

    [Fact]
    public async Task RunAsync_Progress_AddsUpToTheSummary()
    {
        using var fixture = new EmbeddedFixture();
        var seen = new ProgressRecorder();

        var summary = await fixture.RunAsync(JobLines.Lines(9) + JobLines.Line("bad", "fail"), progress: seen, cancellationToken: Token);

        var last = seen.Reports.MaxBy(report => report.Done);
        (last.Total, last.Completed, last.Failed, last.Resumed).ShouldBe((10, 9, 1, 0));
        (last.PromptTokens, last.CompletionTokens).ShouldBe((summary.Usage.InputTokens, summary.Usage.OutputTokens));
    }

    [Fact]
    public async Task RunAsync_Finished_LeavesOnlyTheStoreLayout()
    {
        using var fixture = new EmbeddedFixture();

        var id = (await fixture.RunAsync(JobLines.Lines(6), cancellationToken: Token)).BatchId;

        var store = fixture.Folder["out/.dray"];
        var manifest = JsonSerializer.Deserialize<BatchManifest>(await File.ReadAllBytesAsync($"{store}/batches/{id}/manifest.json", Token), ContractsJson.Options)!;
        Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(store, file))
            .Order(StringComparer.Ordinal).ShouldBe(
        [
            ".lock",
            $"batches/{id}/chunks/000000.jsonl", $"batches/{id}/chunks/000001.jsonl", $"batches/{id}/errors.jsonl", $"batches/{id}/input.jsonl",
            $"batches/{id}/manifest.json", $"batches/{id}/output.jsonl", $"batches/{id}/plan.json", $"batches/{id}/state.json",
            IndexEntry(""), IndexEntry("batch"), "lock",
        ]);
        manifest.Output.Sha256.ShouldBe(Sha256Of($"{fixture.Output}/output.jsonl"));
        manifest.Input.Sha256.ShouldBe(Sha256Of(fixture.Folder["jobs.jsonl"]));
        manifest.Chunks.Select(chunk => chunk.Sha256).ShouldBe([Sha256Of($"{store}/batches/{id}/chunks/000000.jsonl"), Sha256Of($"{store}/batches/{id}/chunks/000001.jsonl")]);
        manifest.Engine.ModelDigest.ShouldBe("d1935");
        manifest.Batch.Status.ShouldBe(BatchStatus.Completed);
        var state = JsonSerializer.Deserialize<BatchState>(await File.ReadAllBytesAsync($"{store}/batches/{id}/state.json", Token), ContractsJson.Options)!;
        JsonSerializer.Serialize(state.Batch, ContractsJson.Options).ShouldBe(JsonSerializer.Serialize(manifest.Batch, ContractsJson.Options));

        string IndexEntry(string tenant) => BatchPaths.IndexEntry(BatchPaths.Index("batches", tenant), id, manifest.Batch.CreatedAt);
    }

    private static string Sha256Of(string file) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
}
