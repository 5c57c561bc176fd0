using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Client;

public sealed class BatchClientSubmitTests : IAsyncDisposable
{
    private readonly ClientFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task SubmitAsync_RowsWithPictures_AllIsInTheStoreBeforeTheMessage()
    {
        _fixture.Folder.Write("pictures/a.png", "first");
        _fixture.Folder.Write("b.png", "second");
        var input = JobLines.Line("1", "x", "pictures/a.png") + "\n" + JobLines.Line("2", "x", "./pictures//a.png") + "\n" + JobLines.Line("3", "x", "b.png") + "\n";
        string[] there = [];
        _fixture.Sender.Forward = async message =>
            there = await _fixture.Store.ListAsync(BatchPaths.Folder(((SubmitBatch)message).BatchId)).ToArrayAsync(Cancellation);

        var result = await _fixture.SubmitAsync(input, new SubmitOptions { Expires = TimeSpan.FromHours(1), Priority = JobPriority.High, MaxTokensTotal = 77 });

        (result.Rows, result.Pictures, result.MissingPictures.Count, result.UnreadableRows, result.IsRepeated).ShouldBe((3, 2, 0, 0, false));
        var folder = BatchPaths.Folder(result.BatchId);
        there.ShouldBe([folder + "images/b.png", folder + "images/pictures/a.png", folder + "input.jsonl", folder + "submission.json"]);
        (await TextAsync(folder + "input.jsonl")).ShouldBe(input);
        (await TextAsync(folder + "images/pictures/a.png")).ShouldBe("first");
        var submit = _fixture.Sender.Messages.ShouldHaveSingleItem().ShouldBeOfType<SubmitBatch>();
        (submit.BatchId, submit.Priority, submit.MaxTokensTotal, submit.ExpiresAt).ShouldBe((result.BatchId, JobPriority.High, 77, 1_800_003_600));
    }

    [Fact]
    public async Task SubmitAsync_SameAgainLaterWithMoreTokens_SameBatchAndSameEnd()
    {
        var options = new SubmitOptions { Expires = TimeSpan.FromHours(1), MaxTokensTotal = 10, Metadata = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } };
        var first = await _fixture.SubmitAsync(JobLines.Lines(2), options);
        _fixture.Time.Advance(TimeSpan.FromMinutes(5));

        var again = await _fixture.SubmitAsync(
            JobLines.Lines(2), options with { MaxTokensTotal = 20, Metadata = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" } });

        (again.BatchId, again.ExpiresAt, again.IsRepeated).ShouldBe((first.BatchId, first.ExpiresAt, true));
        _fixture.Sender.Messages.Cast<SubmitBatch>().Select(message => message.MaxTokensTotal).ShouldBe([10, 20]);
    }

    [Fact]
    public async Task SubmitAsync_AnythingThatMattersDiffers_AnotherBatch()
    {
        _fixture.Folder.Write("a.png", "old");
        var input = JobLines.Line("1", "x", "a.png");
        var ids = new List<string>
        {
            (await _fixture.SubmitAsync(input)).BatchId,
            (await _fixture.SubmitAsync(input + "\n")).BatchId,
            (await _fixture.SubmitAsync(input, new SubmitOptions { Priority = JobPriority.Low })).BatchId,
            (await _fixture.SubmitAsync(input, new SubmitOptions { Expires = TimeSpan.FromDays(1) })).BatchId,
            (await _fixture.SubmitAsync(input, new SubmitOptions { Metadata = new Dictionary<string, string> { ["a"] = "b" } })).BatchId,
            (await _fixture.SubmitAsync(input, new SubmitOptions { Key = "k" })).BatchId,
        };
        _fixture.Folder.Write("a.png", "new");
        ids.Add((await _fixture.SubmitAsync(input)).BatchId);

        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => BatchPaths.IsId(id));
    }

    [Fact]
    public async Task SubmitAsync_KeyUsedForSomethingElse_IsRefusedWithWhatDiffersAndChangesNothing()
    {
        var first = await _fixture.SubmitAsync(JobLines.Lines(2), new SubmitOptions { Key = "nightly" });
        var same = await _fixture.SubmitAsync(JobLines.Lines(2), new SubmitOptions { Key = "nightly", MaxTokensTotal = 5 });

        var refusal = await Should.ThrowAsync<BatchClientException>(
            _fixture.SubmitAsync(JobLines.Lines(3), new SubmitOptions { Key = "nightly", Priority = JobPriority.High }));

        same.BatchId.ShouldBe(first.BatchId);
        refusal.Problem.ShouldBe(BatchClientProblem.KeyConflict);
        refusal.Message.ShouldContain("'nightly'");
        refusal.Message.ShouldContain("its input has");
        refusal.Message.ShouldContain("its priority is normal, not high");
        (await TextAsync(BatchPaths.Input(first.BatchId))).ShouldBe(JobLines.Lines(2));
        _fixture.Sender.Messages.Count.ShouldBe(2);
    }

    [Fact]
    public async Task SubmitAsync_RowsThatWillFail_AreCountedNotRefused()
    {
        var deep = new string('[', 100);
        var input = string.Join('\n', "{oops", "[1]", "{\"custom_id\":\"no body\"}", $"{{\"body\":{deep}", JobLines.Line("5", "x", "../secret.png"), JobLines.Line("6", "x", "gone.png"), JobLines.Line("7", "x", "data:image/png;base64,AAAA"), JobLines.Line("8", "x", "https://example.org/a.png"));

        var result = await _fixture.SubmitAsync(input);

        (result.Rows, result.UnreadableRows, result.Pictures).ShouldBe((8, 4, 0));
        result.MissingPictures.ShouldBe(["../secret.png", "gone.png"]);
        _fixture.Sender.Messages.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n\t\n")]
    public async Task SubmitAsync_NoRows_IsRefused(string input)
    {
        var refusal = await Should.ThrowAsync<BatchClientException>(_fixture.SubmitAsync(input));

        refusal.Problem.ShouldBe(BatchClientProblem.InputRefused);
        _fixture.Sender.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task SubmitAsync_MissingFile_IsRefusedByName()
    {
        var refusal = await Should.ThrowAsync<BatchClientException>(
            _fixture.Client.SubmitAsync(_fixture.Folder["nowhere.jsonl"], new SubmitOptions(), Cancellation));

        refusal.Message.ShouldContain("nowhere.jsonl");
    }

    [Fact]
    public async Task SubmitAsync_InterruptedAnywhere_TheSameCallGoesOn()
    {
        _fixture.Folder.Write("a.png", "first");
        _fixture.Folder.Write("b.png", "second");
        var file = _fixture.Folder.Write("jobs.jsonl", JobLines.Line("1", "x", "a.png") + "\n" + JobLines.Line("2", "x", "b.png") + "\n");
        var ids = new HashSet<string>();
        var attempts = 0;
        while (_fixture.Sender.Messages.Count == 0)
        {
            // Each attempt gets one write further than the last.
            var store = new InterruptedStore(_fixture.Store, writes: attempts++);
            await using var client = _fixture.Open(store);
            try
            {
                ids.Add((await client.SubmitAsync(file, new SubmitOptions(), Cancellation)).BatchId);
            }
            catch (BatchClientException e) when (e.Problem == BatchClientProblem.StoreOutOfReach)
            {
                _fixture.Sender.Messages.ShouldBeEmpty();
            }
        }

        attempts.ShouldBeGreaterThan(2);
        var folder = BatchPaths.Folder(ids.ShouldHaveSingleItem());
        (await TextAsync(folder + "images/a.png")).ShouldBe("first");
        (await TextAsync(folder + "images/b.png")).ShouldBe("second");
        (await TextAsync(folder + "input.jsonl")).ShouldBe(await File.ReadAllTextAsync(file, Cancellation));
    }

    private async Task<string> TextAsync(string path)
    {
        await using var stream = await _fixture.Store.OpenReadAsync(path, cancellationToken: Cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancellation);
    }
}
