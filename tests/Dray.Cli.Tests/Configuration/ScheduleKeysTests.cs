using Dray.Cli.Configuration;
using Dray.Contracts;
using Dray.Worker.Schedules;

namespace Dray.Cli.Tests.Configuration;

public sealed class ScheduleKeysTests
{
    private const string Least = """
        schedules:
          - name: invoices
            cron: "0 0 2 * * ?"
            source: scans/invoices/
            prompt: Caption this.
        """;

    [Fact]
    public void Read_LeastSchedule_HasTheDefaults()
    {
        var schedule = Read(Least).ShouldHaveSingleItem();

        (schedule.Name, schedule.Times.Zone, schedule.Source.ToString(), schedule.Output).ShouldBe(("invoices", TimeZoneInfo.Utc, "scans/invoices/", null));
        (schedule.Missed, schedule.Retries, schedule.Priority, schedule.Sidecars).ShouldBe((MissedFires.RunOnce, 3, JobPriority.Low, true));
        schedule.Sampling.ShouldBeEmpty();
    }

    [Fact]
    public void Read_EveryKey_IsTaken()
    {
        var schedule = Read(
            Least.Replace("    prompt: Caption this.", """
                time_zone: Europe/Berlin
                include: ["*.png", "*.tif"]
                prompt_file: prompt.txt
                system_prompt: Be brief.
                schema_file: schema.json
                output: file:captions
                sidecars: no
                missed: skip
                retries: 0
                priority: high
                max_tokens: 256
                temperature: 0.5
                top_p: 0.9
                top_k: 40
                min_p: 0.1
                repetition_penalty: 1.1
                seed: 7
            """, StringComparison.Ordinal)).ShouldHaveSingleItem();

        (schedule.Times.Zone.Id, schedule.Prompt, schedule.SystemPrompt).ShouldBe(("Europe/Berlin", "What is {name}?", "Be brief."));
        schedule.Schema!.Value.GetProperty("type").GetString().ShouldBe("object");
        schedule.Include.ShouldBe(["*.png", "*.tif"]);
        (schedule.Missed, schedule.Retries, schedule.Priority, schedule.Sidecars).ShouldBe((MissedFires.Skip, 0, JobPriority.High, false));
        string.Join(' ', schedule.Sampling.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value}"))
            .ShouldBe("max_tokens=256 min_p=0.1 repetition_penalty=1.1 seed=7 temperature=0.5 top_k=40 top_p=0.9");
    }

    [Theory]
    [InlineData("name: invoices", "name: in/voices", "line 2: schedules[0].name is in/voices, but it must be 1 to 64 of A-Z a-z 0-9 -.")]
    [InlineData("\"0 0 2 * * ?\"", "nightly", "line 3: schedules[0].cron is nightly, but it is no cron expression, such as '0 0 2 * * ?'")]
    [InlineData("\"0 0 2 * * ?\"", "0 0 2 30 2 ?", "line 3: schedules[0].cron is 0 0 2 30 2 ?, but that time never comes; write another.")]
    [InlineData("scans/invoices/", "../secrets", "line 4: schedules[0].source is ../secrets, but it can't be a folder of the store;")]
    [InlineData("scans/invoices/", "batches/other/", "line 4: schedules[0].source is batches/other/, but Dray keeps its own documents in")]
    [InlineData("scans/invoices/", "https://example.org/a", "line 4: schedules[0].source is https://example.org/a, but it has a scheme that isn't read;")]
    [InlineData("scans/invoices/", "file://host/a", "line 4: schedules[0].source is file://host/a, but it names a host;")]
    [InlineData("    source: scans/invoices/\n", "", "line 2: schedules[0] is a mapping, but it has no source;")]
    [InlineData("    prompt: Caption this.", "", "line 2: schedules[0] is a mapping, but it needs either a prompt or a prompt_file;")]
    [InlineData("prompt: Caption this.", "promt: x", "line 5: there is no key schedules[0].promt; did you mean schedules[0].prompt?")]
    [InlineData("prompt: Caption this.", "prompt: x\n    time_zone: Mars/Olympus", "line 6: schedules[0].time_zone is Mars/Olympus, but this machine knows no such time zone;")]
    [InlineData("prompt: Caption this.", "prompt_file: none.txt", "line 5: schedules[0].prompt_file is none.txt, but the file can't be read:")]
    [InlineData("prompt: Caption this.", "prompt: x\n    schema_file: prompt.txt", "line 6: schedules[0].schema_file is prompt.txt, but the file isn't JSON:")]
    [InlineData("prompt: Caption this.", "prompt: x\n    include: [\"*.png\", \"*.PDF\"]", "line 6: schedules[0].include is a list, but '*.PDF' names PDF files, which aren't read; save their pages as TIFF or PNG.")]
    [InlineData("prompt: Caption this.", "prompt: x\n    retries: many", "line 6: schedules[0].retries is many, but it must be a whole number from 0 to 1000.")]
    public void Read_Mistake_NamesLineKeyAndRemedy(string right, string wrong, string sentence) =>
        Should.Throw<CommandException>(() => Read(Least.Replace(right, wrong, StringComparison.Ordinal))).Message.ShouldContain(sentence);

    [Fact]
    public void Read_NameTwice_IsRefused() =>
        Should.Throw<CommandException>(() => Read(Least + "\n" + string.Join('\n', Least.Split('\n')[1..]))).Message
            .ShouldEndWith("line 6: schedules[1].name is invoices, but another schedule has that name; give each its own.");

    [Fact]
    public void Page_EveryKey_IsDocumented()
    {
        var page = File.ReadAllText(Path.Combine(SharedFolder.Repository, "samples", "configs", "README.md"));
        var section = page[page.IndexOf("## Schedules", StringComparison.Ordinal)..];

        foreach (var key in ScheduleKeys.Names) section.ShouldContain(key);
    }

    private static IReadOnlyList<ScheduleOptions> Read(string yaml)
    {
        using var folder = new TemporaryFolder();
        folder.Write("prompt.txt", "What is {name}?\n");
        folder.Write("schema.json", """{"type":"object"}""");
        return ConfigurationFile.Read(folder.Write("dray.yaml", yaml), serves: true).Schedules;
    }
}
