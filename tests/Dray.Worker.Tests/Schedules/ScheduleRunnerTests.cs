using Dray.Worker.Schedules;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Schedules;

public sealed class ScheduleRunnerTests
{
    [Fact]
    public async Task RunAsync_Noon_CaptionsEveryPicture()
    {
        await using var bench = await ScheduleBench.StartAsync();
        await bench.AddAsync("a.png", "12345");
        await bench.AddAsync("2027/b.JPG", "1234567");
        await bench.AddAsync("notes.txt");

        var asked = await bench.FireAsync();

        asked.ShouldBe(["What is a.png?", "What is b.JPG?"]);
        var sidecar = await bench.ReadAsync("captions/a.png.json");
        sidecar.GetProperty("answer").GetString().ShouldBe("What is a.png?|5");
        sidecar.GetProperty("batch_id").GetString().ShouldBe("schedule-scans-20270301T120000Z-1");
        (await bench.ListAsync("captions/")).ShouldBe(["captions/2027/b.JPG.json", "captions/a.png.json", "captions/scans-20270301T120000Z.jsonl"]);
    }

    [Fact]
    public async Task RunAsync_SecondFiring_TakesNewAndChangedPicturesOnly()
    {
        await using var bench = await ScheduleBench.StartAsync();
        foreach (var name in new[] { "a.png", "b.png", "c.png" }) await bench.AddAsync(name);
        await bench.FireAsync();
        await bench.AddAsync("b.png", "changed");
        await bench.AddAsync("d.png");

        (await bench.FireAsync()).ShouldBe(["What is b.png?", "What is d.png?"]);
        (await bench.FireAsync()).ShouldBeEmpty();
        (await bench.ListAsync("captions/")).Count(path => path.EndsWith(".jsonl", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task RunAsync_PictureThatFails_IsTriedAgainThenReportedOnceAndLeftUntilItChanges()
    {
        await using var bench = await ScheduleBench.StartAsync();
        bench.Options = bench.Options with { Retries = 2, Prompt = "fail" };
        await bench.AddAsync("a.png");

        foreach (var isLast in new[] { false, false, true })
        {
            (await bench.FireAsync()).ShouldNotBeEmpty();
            var sidecar = await bench.ReadAsync("captions/a.png.json");
            sidecar.GetProperty("error").GetProperty("code").GetString().ShouldBe("engine_failure");
            sidecar.TryGetProperty("given_up", out _).ShouldBe(isLast);
            bench.Log.Warnings.Count.ShouldBe(isLast ? 1 : 0);
        }

        (await bench.FireAsync()).ShouldBeEmpty();
        bench.Log.Warnings.ShouldHaveSingleItem().ShouldStartWith("The schedule scans gives up a.png until it changes, after 3 tries: ");
        await bench.AddAsync("a.png", "changed");
        (await bench.FireAsync()).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task RunAsync_OnePictureCannotBeRead_TheOthersAreCaptioned()
    {
        await using var bench = await ScheduleBench.StartAsync();
        await bench.AddAsync("empty.png", "");
        await bench.AddAsync("whole.png");

        (await bench.FireAsync()).ShouldBe(["What is whole.png?"]);

        (await bench.ReadAsync("captions/empty.png.json")).GetProperty("error").GetProperty("code").GetString().ShouldBe("image_invalid");
        (await bench.ReadAsync("schedules/scans/state.json")).GetProperty("last").GetProperty("counts").ToString()
            .ShouldBe("""{"captioned":1,"failed":1,"given_up":0}""");
    }

    [Theory]
    [InlineData(MissedFires.RunOnce, 1)]
    [InlineData(MissedFires.Skip, 0)]
    public async Task RunAsync_ThreeNoonsMissed_AreMadeUpForOnceOrNotAtAll(MissedFires missed, int firings)
    {
        await using var bench = await ScheduleBench.StartAsync();
        bench.Options = bench.Options with { Missed = missed };
        await bench.AddAsync("a.png");
        for (var i = 0; i < 3; i++) bench.NextNoon();
        bench.Time.AdjustTime(bench.Time.GetUtcNow() + TimeSpan.FromHours(2));

        await bench.FinishAsync();

        bench.Asked().Count.ShouldBe(firings);
        (await bench.ReadAsync("schedules/scans/state.json")).GetProperty("fired_at").GetDateTimeOffset()
            .ShouldBe(ScheduleBench.Morning.AddDays(2).AddHours(3));
        (await bench.FireAsync()).Count.ShouldBe(1 - firings);
    }

    [Fact]
    public async Task RunAsync_BatchStillRunsAtTheNextNoon_ItsPicturesAreNotSubmittedTwice()
    {
        await using var bench = await ScheduleBench.StartAsync();
        var held = new HeldRows();
        bench.Engine.Before = held.HoldAsync;
        await bench.AddAsync("a.png");
        bench.NextNoon();
        (await bench.StepAsync()).ShouldBeTrue();
        await held.StartedAsync("What is a.png?", TestContext.Current.CancellationToken);
        await bench.AddAsync("b.png");
        bench.NextNoon();

        (await bench.StepAsync()).ShouldBeTrue();
        bench.Engine.Calls.Keys.ShouldBe(["What is a.png?"]);
        held.ReleaseAll();
        await bench.WaitForBatchAsync();
        await bench.FinishAsync();

        bench.Asked().ShouldBe(["What is a.png?", "What is b.png?"]);
    }

    [Fact]
    public async Task RunAsync_PictureChangesWhileItIsCaptioned_ComesAgain()
    {
        await using var bench = await ScheduleBench.StartAsync();
        var held = new HeldRows();
        bench.Engine.Before = held.HoldAsync;
        await bench.AddAsync("a.png", "first");
        bench.NextNoon();
        await bench.StepAsync();
        await held.StartedAsync("What is a.png?", TestContext.Current.CancellationToken);
        await bench.AddAsync("a.png", "the second");
        held.ReleaseAll();
        await bench.WaitForBatchAsync();
        await bench.StepAsync();
        (await bench.ReadAsync("captions/a.png.json")).GetProperty("answer").GetString().ShouldBe("What is a.png?|5");

        await bench.FireAsync();

        (await bench.ReadAsync("captions/a.png.json")).GetProperty("answer").GetString().ShouldBe("What is a.png?|10");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_WorkerDiesAtAnyWrite_TheNextGoesOnAndNothingIsDoubled(bool afterwards)
    {
        var deaths = 0;
        for (var hasDied = true; hasDied; deaths++)
        {
            await using var bench = await ScheduleBench.StartAsync();
            await bench.AddAsync("a.png");
            await bench.AddAsync("b.png");
            await bench.FireAsync();
            await bench.AddAsync("b.png", "changed");
            await bench.AddAsync("c.png");
            bench.NextNoon();
            var store = new StoreFault(bench.Store, deaths + 1, afterwards);
            var dying = bench.Worker(store);
            try
            {
                while (await dying()) await bench.WaitForBatchAsync();
            }
            catch (IOException)
            {
                // Another sees that it is dead only after a while.
                bench.Time.AdjustTime(bench.Time.GetUtcNow() + ScheduleRunner.Hold);
            }

            await bench.FinishAsync();

            hasDied = store.IsDead;
            bench.Asked().ShouldBe(["What is b.png?", "What is c.png?"], $"after {deaths} writes");
            (await bench.ListAsync("captions/")).ShouldBe(
            [
                "captions/a.png.json", "captions/b.png.json", "captions/c.png.json", "captions/scans-20270301T120000Z.jsonl",
                "captions/scans-20270302T120000Z.jsonl",
            ]);
            (await bench.ReadAsync("captions/b.png.json")).GetProperty("answer").GetString().ShouldBe("What is b.png?|7");
            (await bench.FireAsync()).ShouldBeEmpty();
        }

        deaths.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task RunAsync_WorkersAtOnce_OneReadsAndSubmits()
    {
        await using var bench = await ScheduleBench.StartAsync();
        foreach (var i in Enumerable.Range(0, 6)) await bench.AddAsync($"{i}.png");
        bench.NextNoon();
        var fleet = Enumerable.Range(0, 4).Select(_ => bench.Worker()).ToArray();

        (await Task.WhenAll(fleet.Select(worker => Task.Run(worker)))).ShouldAllBe(goesOn => goesOn);
        await bench.WaitForBatchAsync();
        await Task.WhenAll(fleet.Select(worker => Task.Run(worker)));

        (await bench.ListAsync("captions/")).Count.ShouldBe(7);
        (await bench.ListAsync("batches/")).Count(path => path.EndsWith("manifest.json", StringComparison.Ordinal)).ShouldBe(1);
        bench.Asked().Count.ShouldBe(6);
        (await bench.FireAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task RunAsync_HolderIsSilent_AnotherGoesOnAfterAWhile()
    {
        await using var bench = await ScheduleBench.StartAsync();
        await bench.AddAsync("a.png");
        bench.NextNoon();
        (await bench.Worker()()).ShouldBeTrue();
        await bench.WaitForBatchAsync();

        (await bench.StepAsync()).ShouldBeTrue();
        (await bench.ListAsync("captions/")).ShouldBeEmpty();
        bench.Time.AdjustTime(bench.Time.GetUtcNow() + ScheduleRunner.Hold);
        (await bench.StepAsync()).ShouldBeFalse();

        (await bench.ListAsync("captions/")).Count.ShouldBe(2);
    }
}
