using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Schedules;
using Setter = System.Func<Dray.Worker.Schedules.ScheduleOptions, Dray.Cli.Configuration.ConfigurationValue, Dray.Worker.Schedules.ScheduleOptions>;

namespace Dray.Cli.Configuration;

/// <summary>The keys of an entry of <c>schedules</c>.</summary>
internal static class ScheduleKeys
{
    private const int MostRetries = 1000;
    private const int MaxFileBytes = 256 * 1024;

    private static readonly string[] Required = ["name", "cron", "source"];

    private static readonly Dictionary<string, Setter> Setters = new()
    {
        ["include"] = (to, value) => to with { Include = FileNames(value) },
        ["system_prompt"] = (to, value) => to with { SystemPrompt = value.Text() },
        ["sidecars"] = (to, value) => to with { Sidecars = value.Flag() },
        ["missed"] = (to, value) => to with { Missed = value.OneOf("run_once", "skip") == "skip" ? MissedFires.Skip : MissedFires.RunOnce },
        ["retries"] = (to, value) => to with { Retries = value.Integer(0, MostRetries) },
        ["priority"] = (to, value) => to with { Priority = Enum.Parse<JobPriority>(value.OneOf("low", "normal", "high"), ignoreCase: true) },
        ["max_tokens"] = Sampling("max_tokens", value => value.Integer(1, int.MaxValue)),
        ["seed"] = Sampling("seed", value => value.Integer(int.MinValue, int.MaxValue)),
        ["temperature"] = Sampling("temperature", value => value.Number<GenerationOverrides>(nameof(GenerationOverrides.Temperature))),
        ["top_p"] = Sampling("top_p", value => value.Number<GenerationOverrides>(nameof(GenerationOverrides.TopP))),
        ["top_k"] = Sampling("top_k", value => value.Integer<GenerationOverrides>(nameof(GenerationOverrides.TopK))),
        ["min_p"] = Sampling("min_p", value => value.Number<GenerationOverrides>(nameof(GenerationOverrides.MinP))),
        ["repetition_penalty"] = Sampling(
            "repetition_penalty", value => value.Number<GenerationOverrides>(nameof(GenerationOverrides.RepetitionPenalty))),
    };

    // Those that need each other, or a folder.
    private static readonly string[] Together = ["name", "cron", "time_zone", "source", "output", "prompt", "prompt_file", "schema_file"];

    /// <summary>Gets every key's name.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Together, .. Setters.Keys];

    /// <summary>Reads the entries.</summary>
    /// <param name="value">The list.</param>
    /// <param name="folder">The folder of the configuration, which files are relative to.</param>
    /// <exception cref="CommandException">Something in one is wrong; the message names key, value and line.</exception>
    public static IReadOnlyList<ScheduleOptions> Read(ConfigurationValue value, string folder)
    {
        var schedules = new List<ScheduleOptions>();
        foreach (var item in value.Items())
        {
            var keys = item.Entries().ToDictionary(entry => entry.Name[(entry.Name.LastIndexOf('.') + 1)..]);
            foreach (var (key, entry) in keys)
            {
                if (!Names.Contains(key)) throw entry.Unknown(Names);
            }

            var schedule = Read(item, keys, folder);
            if (schedules.Exists(other => other.Name.Equals(schedule.Name, StringComparison.OrdinalIgnoreCase)))
                throw keys["name"].Refuse("another schedule has that name; give each its own");
            schedules.Add(schedule);
        }

        return schedules;
    }

    private static ScheduleOptions Read(ConfigurationValue item, Dictionary<string, ConfigurationValue> keys, string folder)
    {
        if (Required.FirstOrDefault(key => !keys.ContainsKey(key)) is { } missing)
            throw item.Refuse($"it has no {missing}; each schedule needs {string.Join(", ", Required)} and a prompt");
        if (keys.ContainsKey("prompt") == keys.ContainsKey("prompt_file"))
            throw item.Refuse("it needs either a prompt or a prompt_file; write one of them");
        var name = keys["name"];
        if (!ScheduleOptions.IsName(name.Text())) throw name.Wrong($"1 to {ScheduleOptions.MaxNameLength} of A-Z a-z 0-9 -");
        var schedule = new ScheduleOptions
        {
            Name = name.Text(),
            Times = Times(keys),
            Source = Place(keys["source"], folder),
            Output = keys.TryGetValue("output", out var output) ? Place(output, folder) : null,
            Prompt = keys.TryGetValue("prompt", out var prompt) ? prompt.Text() : FileText(keys["prompt_file"], folder),
            Schema = keys.TryGetValue("schema_file", out var schema) ? Schema(schema, folder) : null,
        };
        foreach (var (key, entry) in keys)
        {
            if (Setters.TryGetValue(key, out var set)) schedule = set(schedule, entry);
        }

        return schedule;
    }

    private static Setter Sampling<T>(string field, Func<ConfigurationValue, T> read) => (to, value) => to with
    {
        Sampling = new Dictionary<string, JsonElement>(to.Sampling) { [field] = JsonSerializer.SerializeToElement(read(value)) },
    };

    private static FireTimes Times(Dictionary<string, ConfigurationValue> keys)
    {
        var cron = keys["cron"];
        try
        {
            var zone = keys.TryGetValue("time_zone", out var named) ? Zone(named) : TimeZoneInfo.Utc;
            var times = FireTimes.Parse(cron.Text(), zone);
            return times.Next(DateTimeOffset.UnixEpoch) is not null ? times : throw cron.Refuse("that time never comes; write another");
        }
        catch (FormatException e)
        {
            throw cron.Refuse($"it is no cron expression, such as '0 0 2 * * ?' or '0 2 * * *' for two o'clock every night: {e.Message.TrimEnd('.')}");
        }
    }

    private static TimeZoneInfo Zone(ConfigurationValue value) => TimeZoneInfo.TryFindSystemTimeZoneById(value.Text(), out var zone)
        ? zone
        : throw value.Refuse("this machine knows no such time zone; write one such as Europe/Berlin or UTC");

    private static IReadOnlyList<string> FileNames(ConfigurationValue value)
    {
        var names = value.Texts();
        return names.FirstOrDefault(name => name.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase)) is { } pdf
            ? throw value.Refuse($"'{pdf}' names PDF files, which aren't read; save their pages as TIFF or PNG")
            : names;
    }

    private static PicturePlace Place(ConfigurationValue value, string folder)
    {
        try
        {
            return PicturePlace.Parse(value.Text(), folder);
        }
        catch (FormatException e)
        {
            throw value.Refuse(e.Message);
        }
    }

    private static JsonElement Schema(ConfigurationValue value, string folder)
    {
        try
        {
            var schema = JsonElement.Parse(FileText(value, folder));
            return schema.ValueKind == JsonValueKind.Object ? schema : throw value.Refuse("the file isn't a JSON schema: its JSON is no object");
        }
        catch (JsonException e)
        {
            throw value.Refuse($"the file isn't JSON: {e.Message.TrimEnd('.')}");
        }
    }

    private static string FileText(ConfigurationValue value, string folder)
    {
        try
        {
            var file = new FileInfo(Path.Combine(folder, value.Text()));
            if (file.Length > MaxFileBytes) throw value.Refuse($"the file has {file.Length} bytes, more than the {MaxFileBytes} allowed");
            var text = File.ReadAllText(file.FullName).Trim();
            return text.Length > 0 ? text : throw value.Refuse("the file is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw value.Refuse($"the file can't be read: {e.Message.TrimEnd('.')}");
        }
    }
}
