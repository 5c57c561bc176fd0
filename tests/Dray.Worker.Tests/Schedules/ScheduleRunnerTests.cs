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
}
